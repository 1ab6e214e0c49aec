using System.Globalization;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;
using Valori.Actors.Engine;
using Valori.Actors.Journal;
using Valori.Actors.Protocol;
using Valori.Actors.Queries;
using Valori.Actors.Rows;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Kernel;

namespace Valori.Actors.Gateway;

/// <summary>
/// The address of one engine, valid as long as the process: clients talk to it, and it outlives the engine's restarts.
/// Commands go to the engine, each with a ticket, so that every caller is answered even when the engine dies under it;
/// queries go to the query actors with the latest published View, and so never wait behind a write.
/// </summary>
internal sealed partial class EngineGateway : UntypedActor, IWithTimers
{
    private static readonly TimeSpan ProgressLogInterval = TimeSpan.FromSeconds(5);

    private readonly string _name;
    private readonly ValoriSettings _settings;
    private readonly MemoryBudget _memory;
    private readonly TimeProvider _time;
    private readonly JournalWatch? _watch;
    private readonly GatewayState _state;
    private readonly QueryLanes _lanes;
    private readonly QueryLine _queries;
    private readonly QueryLine _costlyQueries;
    private readonly QueriedEngine _queried;
    private readonly Dictionary<long, Ticket> _tickets = [];
    private readonly List<(IActorRef Client, OpenEngine Request)> _openers = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private IActorRef? _journal;
    private IActorRef? _supervisor;
    private IActorRef? _engine;
    private string? _lastFault;
    private long _lastSequenceNr;
    private long? _recoveredTo;
    private long _progressLogged;
    private bool _isChecking;
    private bool _hasNoJournal;
    private long _bytesInFlight;

    public EngineGateway(string name, GatewayState state, QueryLanes lanes, ValoriSettings settings, MemoryBudget memory, TimeProvider time, JournalWatch? watch)
    {
        _name = name;
        _state = state;
        _lanes = lanes;
        _settings = settings;
        _memory = memory;
        _time = time;
        _watch = watch;
        _queries = new QueryLine(settings.MaximumQueriesWaiting);
        _costlyQueries = new QueryLine(settings.MaximumCostlyQueriesWaiting);
        _queried = new QueriedEngine(name, Self, new JournalReader(Context.System, settings, memory, name), lanes.Comparisons);
    }

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReceive(object message)
    {
        if (Malformed.Check(message) is { } malformed)
        {
            Sender.Tell(malformed);
            return;
        }
        try
        {
            Handle(message);
        }
        catch (Exception e) when (message is IWireMessage or Command)
        {
            // The guardian restarts this gateway, which drops the message.
            Sender.Tell(new EngineFailure(EngineFailureKind.OutcomeUnknown, $"the gateway of engine '{_name}' failed: {Describe.Fault(e)}; the engine recovers from its journal"));
            throw;
        }
    }

    private void Handle(object message)
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
            case StopIfIdle: OnStopIfIdle(); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PreStart()
    {
        try
        {
            _journal = Context.Watch(Persistence.Instance.Apply(Context.System).JournalFor(_settings.JournalPluginId));
        }
        catch (Exception e)
        {
            // A gateway that fails here is stopped, and whoever asked for it would wait without an end.
            _log.Error(e, "engine '{0}': the journal plugin cannot be had", _name);
            OnJournalGone();
        }
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
        Context.ActorOf(Props.Create(() => new StorageCheck(_settings, _watch, ValoriSettings.PersistenceIdOf(_name))));
    }

    private void OnStorageChecked(string? fault, long lastSequenceNr)
    {
        _isChecking = false;
        _lastSequenceNr = lastSequenceNr;
        if (_openers.Count > 0)
        {
            if (fault is null) StartEngine(_openers[0].Request);
            else OnFailing(new EngineFailing(fault, IsFinal: false));
        }
        // Clients hold the address of what has been served before: without an opener too, it is tried until the storage answers.
        if (fault is not null && _state.Published.Latest is not null && !_state.IsStopping && _state.StoppedForGood is null)
            Timers.StartSingleTimer(nameof(Reopen), new OpenEngine(_name, Create: false), _settings.MaximumBackoff);
        LeaveIfIdle();
    }

    private void StartEngine(OpenEngine open)
    {
        EngineSchema? createWith = open.Create ? new EngineSchema(open.Dimension ?? Limits.DefaultDimension) : null;
        IActorRef gateway = Self;
        PublishedView published = _state.Published;
        Props engine = Props.Create(() => new EngineActor(_name, createWith, published, _settings, _memory, _time, gateway))
            .WithDispatcher(ValoriSettings.EngineDispatcher);
        BackoffOptions backoff = Backoff
            .OnStop(engine, "engine", _settings.MinimumBackoff, _settings.MaximumBackoff, _settings.BackoffRandomFactor, maxNrOfRetries: -1)
            .WithAutoReset(_settings.MaximumBackoff)
            // What is expected is logged once, by the gateway.
            .WithSupervisorStrategy(new OneForOneStrategy(-1, -1, OnEngineFault, loggingEnabled: false))
            .WithFinalStopMessage(message => message is StopEngine);
        _supervisor = Context.Watch(Context.ActorOf(BackoffSupervisor.Props(backoff)));
        _progressLogged = _time.GetTimestamp();

        Directive OnEngineFault(Exception cause)
        {
            if (cause is not (CorruptionException or InvariantException)) _log.Error(cause, "collection '{0}' failed; it recovers from its journal", _name);
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
        int dimension = _state.Published.Latest!.View.Dimension;
        foreach ((IActorRef client, OpenEngine request) in _openers)
        {
            client.Tell(request.Dimension is { } wanted && wanted != dimension
                ? new Refusal(RefusalKind.Conflict, $"collection '{_name}' has dimension {dimension}, not {wanted}")
                : new EngineOpened(_name, dimension, Self));
        }
        _openers.Clear();
    }

    private void OnMissing(Refusal? cannotBeCreated)
    {
        // Of an engine that a restart of this gateway stopped.
        if (_supervisor is null) return;
        Context.Stop(Context.Unwatch(_supervisor));
        _supervisor = null;
        if (cannotBeCreated is not null)
        {
            foreach ((IActorRef client, _) in _openers.FindAll(opener => opener.Request.Create)) client.Tell(cannotBeCreated);
            _openers.RemoveAll(opener => opener.Request.Create);
        }
        foreach ((IActorRef client, _) in _openers.FindAll(opener => !opener.Request.Create))
            client.Tell(new Refusal(RefusalKind.NotFound, $"collection '{_name}' does not exist"));
        _openers.RemoveAll(opener => !opener.Request.Create);
        if (_openers.Count > 0) StartEngine(_openers[0].Request);
        else LeaveIfIdle();
    }

    private void Ask(Query query)
    {
        if (_state.Published.Latest is not { } view || _state.StoppedForGood is not null)
        {
            Sender.Tell(Unavailable() ?? Recovering());
        }
        else if (QueryLanes.IsCostly(query, view))
        {
            Submit(_lanes.Costly, _costlyQueries, "costly queries are waiting, which is the limit (valori.costly-queries.max-waiting)");
        }
        else
        {
            Submit(_lanes.Ordinary, _queries, "queries are waiting, which is the limit (valori.max-queries-waiting)");
        }

        void Submit(QueryPool pool, QueryLine line, string limit)
        {
            if (pool.TrySubmit(line, new QueryWork(query, view, Sender, _queried))) return;
            Sender.Tell(new EngineFailure(EngineFailureKind.Overloaded, $"{line.MaximumWaiting} {limit}; nothing was done, try again later"));
        }
    }

    private void Send(object request)
    {
        Ticket ticket = new(Sender, RequestBytes(request), request is AdoptSnapshot);
        if (Unavailable() is { } failure)
        {
            ticket.Tell(failure);
        }
        else if (_bytesInFlight + ticket.Bytes > _settings.MaximumBytesInFlight && _tickets.Count > 0)
        {
            ticket.Tell(new EngineFailure(EngineFailureKind.Overloaded,
                $"{_bytesInFlight} bytes of commands are in flight; the limit is {_settings.MaximumBytesInFlight}; nothing was done, try again later"));
        }
        else if (ticket.Bytes > _settings.MaximumBatchBytes)
        {
            ticket.Tell(new Refusal(RefusalKind.LimitExceeded,
                $"the batch has {ticket.Bytes} bytes of vectors and tags; the limit is {_settings.MaximumBatchBytes} (valori.max-batch-bytes): split it"));
        }
        else
        {
            long number = _state.NextTicket++;
            _tickets.Add(number, ticket);
            _bytesInFlight += ticket.Bytes;
            _engine!.Tell(new Submit(number, request));
        }
    }

    private void OnAnswer(long number, object reply)
    {
        if (!_tickets.Remove(number, out Ticket? ticket)) return;
        _bytesInFlight -= ticket.Bytes;
        ticket.Tell(reply);
    }

    private void StartUpload()
    {
        if (Unavailable() is { } failure)
        {
            Sender.Tell(failure);
            return;
        }
        IActorRef gateway = Self;
        int dimension = _state.Published.Latest!.View.Dimension;
        Props upload = Props.Create(() => new RestoreActor(gateway, dimension, _settings, _memory)).WithDispatcher(ValoriSettings.RestoreDispatcher);
        // A name that cannot be guessed: another process can send to any actor that it can name.
        Sender.Tell(new RestoreStarted(Context.ActorOf(upload, $"restore-{Guid.NewGuid():N}")));
    }

    private void OnFailing(EngineFailing failing)
    {
        _lastFault = failing.Reason;
        if (failing.IsFinal) StopForGood($"collection '{_name}' refuses to serve a state that it cannot prove: {failing.Reason}. {AdviceAfterDamage()}");
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
        if (_state.StoppedForGood is not null) return;
        string report = DiagnosticFile.Write(_settings, _name, _state.Published.Latest, cause, _time.GetUtcNow());
        StopForGood($"collection '{_name}' stopped, because a promise of its code does not hold: {cause.Message}. {report}. "
            + "What was acknowledged is in the journal; start the process again, and report this");
    }

    private void StopForGood(string reason)
    {
        _state.StoppedForGood = reason;
        _log.Error("{0}", reason);
        FailOpeners(new EngineFailure(EngineFailureKind.Stopped, reason));
        if (_supervisor is not null) Context.Stop(_supervisor);
        else LeaveIfIdle();
    }

    /// <summary>
    /// A plugin that is stopped is not started again before the process is, and an engine would wait for its answer for ever.
    /// One that cannot reach its database does not stop: it tries again (<see cref="StorageCheck"/>).
    /// </summary>
    private void OnJournalGone()
    {
        if (_state.IsStopping) return;
        _hasNoJournal = true;
        StopForGood($"collection '{_name}' has no journal: the plugin {_settings.JournalPluginId} stopped. "
            + "The log says why; mend its configuration and start the process again");
    }

    private void OnEngineGone()
    {
        _engine = null;
        _recoveredTo = null;
        _progressLogged = _time.GetTimestamp();
        if (_state.Published.Latest is { } view) _lastSequenceNr = Math.Max(_lastSequenceNr, view.SequenceNr);
        FailTickets();
    }

    private void OnSupervisorGone()
    {
        OnEngineGone();
        if (_state.IsStopping)
        {
            StopSelf();
            return;
        }
        _supervisor = null;
        if (_state.StoppedForGood is null) Reopen();
        else LeaveIfIdle();
    }

    private void BeginStop()
    {
        _state.IsStopping = true;
        if (_supervisor is null || _state.StoppedForGood is not null) StopSelf();
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
        if (_state.StoppedForGood is not null) return new EngineFailure(EngineFailureKind.Stopped, _state.StoppedForGood);
        if (_state.IsStopping) return new EngineFailure(EngineFailureKind.Stopped, $"collection '{_name}' is stopping");
        return _engine is null ? Recovering() : null;
    }

    private EngineFailure Recovering() => new(EngineFailureKind.Recovering,
        $"collection '{_name}' is recovering{Progress()}{(_lastFault is null ? "" : $" ({_lastFault})")}; nothing was done, try again");

    private string Progress() => _recoveredTo is { } place && _lastSequenceNr >= place && _lastSequenceNr > 0
        ? string.Create(CultureInfo.InvariantCulture, $" {100 * place / _lastSequenceNr}%, event {place} of {_lastSequenceNr}")
        : "";

    private static long RequestBytes(object request) => request switch
    {
        Command command => command.ContentBytes,
        Request named => named.Command.ContentBytes,
        _ => 0,
    };

    private sealed record Ticket(IActorRef Client, long Bytes, bool IsOfRestore)
    {
        public void Tell(object reply) => Client.Tell(IsOfRestore ? new RestoreAnswered(reply) : reply);
    }
}
