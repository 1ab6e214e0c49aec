using System.Globalization;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;
using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors.Engine;

/// <summary>
/// The address of one engine, valid as long as the process: clients talk to it, and it outlives the engine's restarts.
/// Commands go to the engine, each with a ticket, so that every caller is answered even when the engine dies under it;
/// queries go to the query actors with the latest published View, and so never wait behind a write.
/// </summary>
internal sealed class EngineGateway : UntypedActor
{
    private static readonly TimeSpan ProgressLogInterval = TimeSpan.FromSeconds(5);

    private readonly string _name;
    private readonly ValoriSettings _settings;
    private readonly MemoryBudget _memory;
    private readonly TimeProvider _time;
    private readonly PublishedView _published = new();
    private readonly QueryPool _queries;
    private readonly Dictionary<long, Ticket> _tickets = [];
    private readonly List<(IActorRef Client, OpenEngine Request)> _openers = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private IActorRef? _journal;
    private IActorRef? _supervisor;
    private IActorRef? _engine;
    private string? _lastFault;
    private string? _stoppedForGood;
    private long _lastSequenceNr;
    private long? _recoveredTo;
    private long _progressLogged;
    private bool _isChecking;
    private bool _isStopping;
    private long _nextTicket;
    private long _bytesInFlight;

    public EngineGateway(string name, ValoriSettings settings, MemoryBudget memory, TimeProvider time)
    {
        _name = name;
        _settings = settings;
        _memory = memory;
        _time = time;
        _queries = new QueryPool(settings.MaximumQueriesWaiting);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Query query: Ask(query); break;
            case Command or Request or Protocol.SaveSnapshot or AdoptSnapshot: Send(message); break;
            case Answer(var ticket, var reply): OnAnswer(ticket, reply); break;
            case BeginRestore: StartUpload(); break;
            case OpenEngine open: Open(open); break;
            case StorageChecked(var fault, var last): OnStorageChecked(fault, last); break;
            case RecoveryProgress(var sequenceNr): OnProgress(sequenceNr); break;
            case EngineOnline online: OnOnline(online); break;
            case EngineMissing(var refusal): OnMissing(refusal); break;
            case EngineFailing failing: OnFailing(failing); break;
            case InvariantBroken(var cause): OnInvariantBroken(cause); break;
            case Terminated { ActorRef: var gone } when gone.Equals(_engine): OnEngineGone(); break;
            case Terminated { ActorRef: var gone } when gone.Equals(_supervisor): OnSupervisorGone(); break;
            case Terminated { ActorRef: var gone } when gone.Equals(_journal): OnJournalGone(); break;
            case Terminated: break;
            case StopEngine: BeginStop(); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PreStart()
    {
        Props query = Props.Create(() => new QueryActor(_name, _queries, _settings, _time)).WithDispatcher(ValoriSettings.QueryDispatcher);
        for (int i = 0; i < _settings.QueryActors; i++) _queries.BecomeIdle(Context.ActorOf(query, $"query-{i}"));
        _journal = Context.Watch(Persistence.Instance.Apply(Context.System).JournalFor(_settings.JournalPluginId));
    }

    protected override void PostStop()
    {
        _memory.Set(_name, 0);
        base.PostStop();
    }

    private void Open(OpenEngine open)
    {
        if (Unavailable() is { Kind: EngineFailureKind.Stopped } failure)
        {
            Sender.Tell(failure);
            return;
        }
        if (_engine is null && _recoveredTo is not null && !open.Wait)
        {
            Sender.Tell(Recovering());
            return;
        }
        _openers.Add((Sender, open));
        if (_engine is not null) AnswerOpeners();
        else if (_supervisor is null && !_isChecking) CheckStorage();
    }

    private void CheckStorage()
    {
        _isChecking = true;
        Context.ActorOf(Props.Create(() => new StorageCheck(_settings, ValoriSettings.PersistenceIdOf(_name))));
    }

    private void OnStorageChecked(string? fault, long lastSequenceNr)
    {
        _isChecking = false;
        _lastSequenceNr = lastSequenceNr;
        if (_openers.Count == 0) return;
        if (fault is null) StartEngine(_openers[0].Request);
        else OnFailing(new EngineFailing(fault, IsFinal: false));
    }

    private void StartEngine(OpenEngine open)
    {
        int? createWith = open.Create ? open.Dimension ?? Limits.DefaultDimension : null;
        IActorRef gateway = Self;
        Props engine = Props.Create(() => new EngineActor(_name, createWith, _published, _settings, _memory, _time, gateway))
            .WithDispatcher(ValoriSettings.EngineDispatcher);
        BackoffOptions backoff = Backoff
            .OnStop(engine, "engine", _settings.MinimumBackoff, _settings.MaximumBackoff, _settings.BackoffRandomFactor, maxNrOfRetries: -1)
            .WithAutoReset(_settings.MaximumBackoff)
            .WithSupervisorStrategy(new OneForOneStrategy(OnEngineFault))
            .WithFinalStopMessage(message => message is StopEngine);
        _supervisor = Context.Watch(Context.ActorOf(BackoffSupervisor.Props(backoff)));
        _progressLogged = _time.GetTimestamp();

        Directive OnEngineFault(Exception cause)
        {
            // A fault in the engine is never resumed: the private state may be half changed. Stopping brings the backoff in.
            gateway.Tell(cause is InvariantException ? new InvariantBroken(cause) : new EngineFailing(Describe.Fault(cause), IsFinal: cause is CorruptionException));
            return Directive.Stop;
        }
    }

    private void OnOnline(EngineOnline online)
    {
        _engine = Context.Watch(online.Engine);
        _lastFault = null;
        _recoveredTo = null;
        AnswerOpeners();
    }

    /// <summary>An engine that has something to recover exists: whoever does not want to wait for it is answered.</summary>
    private void OnProgress(long sequenceNr)
    {
        _recoveredTo = sequenceNr;
        foreach ((IActorRef client, _) in _openers.FindAll(opener => !opener.Request.Wait)) client.Tell(Recovering());
        _openers.RemoveAll(opener => !opener.Request.Wait);
        if (_time.GetElapsedTime(_progressLogged) < ProgressLogInterval) return;
        _progressLogged = _time.GetTimestamp();
        _log.Info("engine '{0}' is recovering{1}", _name, Progress());
    }

    private void AnswerOpeners()
    {
        int dimension = _published.Latest!.View.Dimension;
        foreach ((IActorRef client, OpenEngine request) in _openers)
        {
            client.Tell(request.Dimension is { } wanted && wanted != dimension
                ? new Refusal(RefusalKind.Conflict, $"engine '{_name}' has dimension {dimension}, not {wanted}")
                : new EngineOpened(_name, dimension, Self));
        }
        _openers.Clear();
    }

    private void OnMissing(Refusal? cannotBeCreated)
    {
        Context.Stop(Context.Unwatch(_supervisor!));
        _supervisor = null;
        if (cannotBeCreated is not null)
        {
            foreach ((IActorRef client, _) in _openers.FindAll(opener => opener.Request.Create)) client.Tell(cannotBeCreated);
            _openers.RemoveAll(opener => opener.Request.Create);
        }
        foreach ((IActorRef client, _) in _openers.FindAll(opener => !opener.Request.Create))
            client.Tell(new Refusal(RefusalKind.NotFound, $"engine '{_name}' does not exist"));
        _openers.RemoveAll(opener => !opener.Request.Create);
        if (_openers.Count > 0) StartEngine(_openers[0].Request);
    }

    private void Ask(Query query)
    {
        if (_published.Latest is not { } view || _stoppedForGood is not null)
        {
            Sender.Tell(Unavailable() ?? Recovering());
        }
        else if (!_queries.TrySubmit(new QueryWork(query, view, Sender)))
        {
            Sender.Tell(new EngineFailure(EngineFailureKind.Overloaded,
                $"{_settings.MaximumQueriesWaiting} queries are waiting, which is the limit (valori.max-queries-waiting); nothing was done, try again later"));
        }
    }

    private void Send(object request)
    {
        long bytes = RequestBytes(request);
        if (Unavailable() is { } failure)
        {
            Sender.Tell(failure);
        }
        else if (_bytesInFlight + bytes > _settings.MaximumBytesInFlight && _tickets.Count > 0)
        {
            Sender.Tell(new EngineFailure(EngineFailureKind.Overloaded,
                $"{_bytesInFlight} bytes of commands are in flight; the limit is {_settings.MaximumBytesInFlight}; nothing was done, try again later"));
        }
        else if (bytes > _settings.MaximumBatchBytes)
        {
            Sender.Tell(new Refusal(RefusalKind.LimitExceeded,
                $"the batch has {bytes} bytes of vectors and tags; the limit is {_settings.MaximumBatchBytes} (valori.max-batch-bytes): split it"));
        }
        else
        {
            long ticket = _nextTicket++;
            _tickets.Add(ticket, new Ticket(Sender, bytes));
            _bytesInFlight += bytes;
            _engine!.Tell(new Submit(ticket, request));
        }
    }

    private void OnAnswer(long number, object reply)
    {
        if (!_tickets.Remove(number, out Ticket? ticket)) return;
        _bytesInFlight -= ticket.Bytes;
        ticket.Client.Tell(reply);
    }

    private void StartUpload()
    {
        if (Unavailable() is { } failure)
        {
            Sender.Tell(failure);
            return;
        }
        IActorRef gateway = Self;
        int dimension = _published.Latest!.View.Dimension;
        Props upload = Props.Create(() => new RestoreActor(gateway, dimension, _settings, _memory)).WithDispatcher(ValoriSettings.RestoreDispatcher);
        Sender.Tell(new RestoreStarted(Context.ActorOf(upload)));
    }

    private void OnFailing(EngineFailing failing)
    {
        _lastFault = failing.Reason;
        if (failing.IsFinal) StopForGood($"engine '{_name}' refuses to serve a state that it cannot prove: {failing.Reason}. {AdviceAfterDamage()}");
        // Recovering goes on behind this answer, but an opener shall not wait without knowing for what.
        else FailOpeners(Recovering());
    }

    private string AdviceAfterDamage() => _settings.DataDirectory is { } directory
        ? $"Nothing was changed. 'valori verify --data {directory}' lists what is damaged; restore a backup beside it, and keep the damaged data"
        : "Nothing was changed. Restore a backup beside it, and keep the damaged data";

    /// <summary>
    /// What is in memory cannot be trusted any more: nothing is answered from it, by nobody. What is on disk is proven at the
    /// next start.
    /// </summary>
    private void OnInvariantBroken(Exception cause)
    {
        if (_stoppedForGood is not null) return;
        string report = DiagnosticFile.Write(_settings, _name, _published.Latest, cause, _time.GetUtcNow());
        StopForGood($"engine '{_name}' stopped, because a promise of its code does not hold: {cause.Message}. {report}. "
            + "What was acknowledged is in the journal; start the process again, and report this");
    }

    private void StopForGood(string reason)
    {
        _stoppedForGood = reason;
        _log.Error("{0}", reason);
        FailOpeners(new EngineFailure(EngineFailureKind.Stopped, reason));
        if (_supervisor is not null) Context.Stop(_supervisor);
    }

    /// <summary>
    /// A plugin that is stopped is not started again before the process is, and an engine would wait for its answer for ever.
    /// One that cannot reach its database does not stop: it tries again (<see cref="StorageCheck"/>).
    /// </summary>
    private void OnJournalGone()
    {
        if (_isStopping) return;
        StopForGood($"engine '{_name}' has no journal: the plugin {_settings.JournalPluginId} stopped. "
            + "The log says why; mend its configuration and start the process again");
    }

    private void OnEngineGone()
    {
        _engine = null;
        _recoveredTo = null;
        _progressLogged = _time.GetTimestamp();
        if (_published.Latest is { } view) _lastSequenceNr = Math.Max(_lastSequenceNr, view.SequenceNr);
        if (_tickets.Count == 0) return;
        string why = _lastFault ?? "the engine stopped";
        EngineFailure failure = new(EngineFailureKind.OutcomeUnknown,
            $"{why}; the outcome is unknown: the command may or may not have been carried out. The engine recovers from its journal; look before trying again");
        foreach (Ticket ticket in _tickets.Values) ticket.Client.Tell(failure);
        _tickets.Clear();
        _bytesInFlight = 0;
    }

    private void OnSupervisorGone()
    {
        OnEngineGone();
        if (!_isStopping) return;
        StopSelf();
    }

    private void BeginStop()
    {
        _isStopping = true;
        if (_supervisor is null || _stoppedForGood is not null) StopSelf();
        else _supervisor.Tell(StopEngine.Instance);
    }

    private void StopSelf()
    {
        FailOpeners(Unavailable()!);
        Context.Stop(Self);
    }

    private void FailOpeners(EngineFailure failure)
    {
        foreach ((IActorRef client, _) in _openers) client.Tell(failure);
        _openers.Clear();
    }

    /// <summary>Why no command can be taken now, or null.</summary>
    private EngineFailure? Unavailable()
    {
        if (_stoppedForGood is not null) return new EngineFailure(EngineFailureKind.Stopped, _stoppedForGood);
        if (_isStopping) return new EngineFailure(EngineFailureKind.Stopped, $"engine '{_name}' is stopping");
        return _engine is null ? Recovering() : null;
    }

    private EngineFailure Recovering() => new(EngineFailureKind.Recovering,
        $"engine '{_name}' is recovering{Progress()}{(_lastFault is null ? "" : $" ({_lastFault})")}; nothing was done, try again");

    private string Progress() => _recoveredTo is { } place && _lastSequenceNr >= place && _lastSequenceNr > 0
        ? string.Create(CultureInfo.InvariantCulture, $" {100 * place / _lastSequenceNr}%, event {place} of {_lastSequenceNr}")
        : "";

    private static long RequestBytes(object request) => request switch
    {
        InsertRecords(var vectors, var tags) => vectors.Raw.Length + (long)tags.Length * sizeof(ulong),
        SetMetadata(_, var metadata) => metadata.Length,
        Request named => RequestBytes(named.Command),
        _ => 0,
    };

    private sealed record Ticket(IActorRef Client, long Bytes);
}
