using Akka.Actor;
using Valori.Protocol;

namespace Valori.Simulation;

/// <summary>
/// A client with one request under way at a time. A command with a request id is sent again until its outcome is known,
/// whatever dies meanwhile; one without is sent once. Every answer is held against the oracle.
/// </summary>
internal sealed class SimulatedClient(string name, Random random, RandomCommands commands, Oracle oracle, Trace trace)
{
    private Inbox? _inbox;
    private object? _request;
    private long _acknowledgedBefore;
    private long _acknowledgedAtFirst;
    private long _asOf;
    private bool _isOutcomeOpen;
    private int _count;
    private Request? _last;
    private bool _isReuse;
    private bool _hasRestored;
    private byte[]? _restoring;
    private byte[]? _snapshot;

    public bool IsIdle => _request is null;

    /// <summary>Whether the process it talked to is gone, or told it to come again.</summary>
    public bool MustSendAgain { get; private set; }

    /// <summary>Set where the process it talks to said that it will not come back by itself.</summary>
    public EngineFailure? Stopped { get; private set; }

    /// <summary>Of the commands, how many have a request id.</summary>
    public double NamedFraction { get; init; } = 1;

    /// <summary>Whether a past state may rightly be out of reach now.</summary>
    public Func<long, bool> MayBeOutOfReach { get; set; } = _ => false;

    public override string ToString() => $"{name} for {_request}";

    public void Begin(IActorRef gateway)
    {
        _request = Choose();
        _isOutcomeOpen = false;
        _acknowledgedAtFirst = oracle.Acknowledged;
        if (_request is Request { Id: var id }) oracle.OnSent(id.Value);
        Send(gateway);
    }

    public void SendAgain(IActorRef gateway)
    {
        if (_request is Request { Id: var id }) oracle.OnSent(id.Value);
        Send(gateway);
    }

    /// <summary>The process died: no answer will come.</summary>
    public void OnProcessGone()
    {
        Stopped = null;
        if (IsIdle) return;
        _isOutcomeOpen = true;
        _inbox = null;
        MustSendAgain = true;
        // Without a request id, whether it was carried out is seen in the journal, not asked again.
        if (_restoring is not null || _request is Command) End();
    }

    /// <summary>Looks at the answer, where one came.</summary>
    public void LookAtAnswer()
    {
        if (_inbox is null || !_inbox.TryTake(out object? answer)) return;
        trace.Add("answer", name, answer);
        switch (_request, answer)
        {
            case (_, EngineFailure failure): OnFailure(failure); break;
            case (Request request, Receipt receipt):
                // One that stands for an earlier command may have been acknowledged before this one was sent.
                oracle.OnReceipt(request.Id.Value, request.Command, receipt, _isReuse ? 0 : _acknowledgedAtFirst, _acknowledgedBefore);
                _last = request;
                End();
                break;
            case (Request request, Refusal { Kind: RefusalKind.RequestIdReused }) when _isReuse:
                oracle.OnReused(request.Id.Value, request.Command);
                End();
                break;
            case (Request request, Refusal):
                // Where an earlier attempt is open it may have been carried out, but then this is not a refusal: it is remembered.
                // What is not for clients is refused before anybody looks at the id.
                if (!_isReuse || request.Command is not ExpireRecords) oracle.OnNothingDone(request.Id.Value);
                End();
                break;
            case (BeginRestore, RestoreStarted started):
                _request = new CompleteRestore();
                started.Upload.Tell(new RestoreChunk(0, _restoring), _inbox);
                started.Upload.Tell(_request, _inbox);
                break;
            case (CompleteRestore, RestoreChunkTaken): break;
            case (CompleteRestore or Command, Receipt receipt):
                oracle.OnUnnamed(receipt, _restoring is null ? _acknowledgedAtFirst : 0);
                _hasRestored = _restoring is not null;
                End();
                break;
            case (Query query, _): OnAnswer(query, answer); break;
            case (SaveSnapshot, SnapshotSaved) or (BeginRestore or CompleteRestore or Command, Refusal): End(); break;
            default: throw new BrokenPromiseException($"{name} asked {_request} and was answered {answer}");
        }
    }

    private void OnFailure(EngineFailure failure)
    {
        if (failure.Kind == EngineFailureKind.Stopped) Stopped = failure;
        switch (failure.Kind)
        {
            case EngineFailureKind.OutcomeUnknown:
                _isOutcomeOpen = true;
                break;
            case EngineFailureKind.Recovering or EngineFailureKind.Overloaded or EngineFailureKind.Stopped:
                if (_request is Request request && !_isOutcomeOpen && !_isReuse) oracle.OnNothingDone(request.Id.Value);
                break;
        }
        if (_request is Request)
        {
            _inbox = null;
            MustSendAgain = true;
        }
        else
        {
            End();
        }
    }

    private void OnAnswer(Query query, object answer)
    {
        if (answer is Refusal { Kind: RefusalKind.OutOfReach }) oracle.OnOutOfReach(_asOf, MayBeOutOfReach(_asOf));
        else
        {
            switch (query, answer)
            {
                case (GetStatus, EngineStatus status): oracle.OnStatus(status, _acknowledgedBefore); break;
                case (Search search, SearchHits hits): oracle.OnSearch(search, hits, _acknowledgedBefore); break;
                case (GetRecord(var record), RecordContent content): oracle.OnRecord(record, _asOf, content); break;
                case (GetRecord(var record), Refusal { Kind: RefusalKind.NotFound }): oracle.OnRecord(record, _asOf, null); break;
                case (ProveContent prove, ContentProof proof): oracle.OnProof(prove, _asOf, proof); break;
                case (ProveContent, Refusal { Kind: RefusalKind.NotFound }): break;
                case (ProveHistory prove, HistoryExtension extension): oracle.OnHistoryProof(prove, extension); break;
                default: throw new BrokenPromiseException($"{name} asked {query} and was answered {answer}");
            }
        }
        End();
    }

    private void End()
    {
        _request = null;
        _isReuse = false;
        _restoring = null;
        _inbox = null;
        MustSendAgain = false;
    }

    private void Send(IActorRef gateway)
    {
        MustSendAgain = false;
        _acknowledgedBefore = oracle.Acknowledged;
        _inbox = new Inbox();
        trace.Add("send", name, _request!);
        gateway.Tell(_request, _inbox);
    }

    private object Choose()
    {
        if (_hasRestored && _last is not null)
        {
            // What its own restore undid is to be carried out again, and what it did not, to be answered as before.
            _hasRestored = false;
            _isReuse = true;
            return _last;
        }
        RecordId record = new((ulong)random.Next(60));
        // What was acknowledged can be asked for; what is committed and not yet published may not be there yet.
        _asOf = oracle.Acknowledged == 0 ? 0 : random.NextInt64(1, oracle.Acknowledged + 1);
        AsOf then = AsOf.SequenceNr(_asOf);
        bool hasPast = _asOf > 0;
        switch (random.Next(20))
        {
            case < 12 when random.NextDouble() >= NamedFraction: return commands.Next();
            case < 12: return new Request(RequestId.Parse($"{name}-{++_count}"), commands.Next());
            case 12 or 13: return new GetStatus();
            case 14: return new Search(NextSearch(), WithReceipt: true);
            case 15 when hasPast: return new GetRecord(random.Next(2) == 0 ? record : RandomCommands.Keys[random.Next(RandomCommands.Keys.Count)]) { AsOf = then };
            case 16 when hasPast: return new ProveContent(ContentKind.Record, record.Value) { AsOf = then };
            case 17: return new SaveSnapshot();
            case 18 when random.Next(4) == 0 && oracle.SequenceNr > 0:
                // An older one undoes more.
                if (_snapshot is null || random.Next(2) == 0) _snapshot = oracle.Snapshot();
                _restoring = [.. _snapshot];
                if (random.Next(4) == 0) _restoring[random.Next(_restoring.Length)] ^= 1;
                return new BeginRestore();
            case 19 when _last is not null:
                // A command that was acknowledged once more, or another one with its id.
                _isReuse = true;
                return random.Next(2) == 0 ? _last : _last with { Command = commands.Next() };
            default: return new GetStatus();
        }
    }

    /// <summary>Where an answer goes: an address that only keeps what comes.</summary>
    private sealed class Inbox : MinimalActorRef
    {
        private readonly Queue<object> _answers = [];

        public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "client";

        public override IActorRefProvider Provider => throw new NotSupportedException("a client of the simulation");

        public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out object? answer) => _answers.TryDequeue(out answer);

        protected override void TellInternal(object message, IActorRef sender) => _answers.Enqueue(message);
    }

    private SearchQuery NextSearch() => new(commands.Vectors(1), 1 + random.Next(8))
    {
        Filter = random.Next(3) switch { 0 => Filter.All, 1 => Filter.Tag((ulong)random.Next(3)), _ => commands.Filter() },
        ScoreLimit = random.Next(4) == 0 ? random.NextInt64(-(1L << 32), 1L << 33) : null,
    };
}
