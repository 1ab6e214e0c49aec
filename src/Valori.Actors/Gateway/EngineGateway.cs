using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Valori.Actors.Engine;
using Valori.Actors.Indexes;
using Valori.Actors.Journal;
using Valori.Actors.Queries;
using Valori.Actors.Rows;
using Valori.Actors.Settings;
using Valori.Actors.Serialization;
using Valori.Actors.State;
using Valori.Actors.Telemetry;
using Valori.Actors.Text;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

/// <summary>
/// The address of one engine, valid as long as the process: clients talk to it, and it outlives the engine's restarts. What it knows
/// of the engine is <see cref="Availability"/>, who waits for what are <see cref="Tickets"/> and <see cref="Openers"/>.
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
    private readonly QueryEntrance _queries;
    private readonly QueriedEngine _queried;
    private readonly Tickets _tickets;
    private readonly Openers _openers = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Of the message that is being handled; null if it came without one.
    private EngineMessage? _envelope;

    private IActorRef? _journal;
    private IActorRef? _supervisor;
    private IActorRef? _engine;
    private long _progressLogged;

    public EngineGateway(string name, GatewayState state, QueryLanes lanes, ValoriSettings settings, MemoryBudget memory, TimeProvider time, JournalWatch? watch)
    {
        _name = name;
        _state = state;
        _settings = settings;
        _memory = memory;
        _time = time;
        _watch = watch;
        _tickets = new Tickets(settings.MaximumBytesInFlight, settings.MaximumBatchBytes);
        _lanes = lanes;
        _queries = new QueryEntrance(lanes.Ordinary, settings.MaximumQueriesWaiting, "queries are waiting, which is the limit (valori.max-queries-waiting)");
        QueryEntrance costly = new(lanes.Costly, settings.MaximumCostlyQueriesWaiting, "costly queries are waiting, which is the limit (valori.costly-queries.max-waiting)", "costly_queries");
        Gauges.Waiting = () => _queries.Waiting + costly.Waiting;
        Gauges.Show();
        _queried = new QueriedEngine(name, Self, new JournalReader(Context.System, settings, memory, name), lanes, state.Published, costly);
    }

    private Availability Availability => _state.Availability;

    private EngineGauges Gauges => _state.Published.Gauges;

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReceive(object message)
    {
        _envelope = message as EngineMessage;
        if (_envelope is not null) message = _envelope.Message;
        if ((RefuseEnvelope() ?? Malformed.Check(message)) is { } malformed)
        {
            Sender.Tell(malformed);
            return;
        }
        try
        {
            Handle(message);
        }
        catch (Exception e) when (message is IWireMessage or Command or Authored)
        {
            // The guardian restarts this gateway, which drops the message.
            Sender.Tell(new EngineFailure(EngineFailureKind.OutcomeUnknown, $"the gateway of engine '{_name}' failed: {Describe.Fault(e)}; the engine recovers from its journal"));
            throw;
        }
    }

    /// <summary>Why the envelope of the message cannot be taken, or null.</summary>
    private Refusal? RefuseEnvelope() => _envelope switch
    {
        { Engine: { } engine } when engine != _name => new Refusal(RefusalKind.InvalidArgument, $"the message is for collection {Describe.Name(engine)}, and came to '{_name}'"),
        { Message: null or EngineMessage } => new Refusal(RefusalKind.InvalidArgument, "an envelope must hold a message, and not another envelope"),
        { Message: not (Query or Command or Request or Authored or Protocol.SaveSnapshot or BeginRestore or GetIndexStatus or WaitForIndex or UnreadableMessage) and var other } =>
            new Refusal(RefusalKind.InvalidArgument, $"an envelope for a collection cannot hold a {other.GetType().Name}"),
        _ => null,
    };

    private void Handle(object message)
    {
        switch (message)
        {
            case Query query: Ask(query); break;
            case FollowEngine(var open, var beginning): Follow(open, beginning); break;
            case FollowEvents: Send(message); break;
            case StopFollowing: OnStopFollowing(); break;
            case Command or Request or Authored or Protocol.SaveSnapshot or AdoptSnapshot: Send(message); break;
            case Answer(var ticket, var reply): OnAnswer(ticket, reply); break;
            case BeginRestore: StartUpload(); break;
            case BeginRequest begin: StartRequest(begin); break;
            case GetIndexStatus or WaitForIndex: AskIndex(message); break;
            case IndexWanted: WantIndex(); break;
            case IndexOffered offered: OnIndexOffered(offered); break;
            case OpenEngine open: Open(open); break;
            case StorageChecked(var fault, var last, var dropped): OnStorageChecked(fault, last, dropped); break;
            case RecoveryProgress(var sequenceNr): OnProgress(sequenceNr); break;
            case EngineOnline online: OnOnline(online); break;
            case EngineMissing(var refusal): OnMissing(refusal); break;
            case EngineFailing failing: OnFailing(failing); break;
            case InvariantBroken(var cause): OnInvariantBroken(cause); break;
            case Terminated { ActorRef: var gone } when gone.Equals(_engine): OnEngineGone(); break;
            case Terminated { ActorRef: var gone } when gone.Equals(_supervisor): OnSupervisorGone(); break;
            case Terminated { ActorRef: var gone } when gone.Equals(_journal): OnJournalGone(); break;
            case Terminated { ActorRef: var gone } when gone.Equals(_index): OnIndexGone(); break;
            case Terminated: break;
            case StopEngine: BeginStop(); break;
            case StopIfIdle: OnStopIfIdle(); break;
            case CollectionDropped: OnDropped(); break;
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
            // A gateway that fails here is stopped, and its asker would wait without an end.
            _log.Error(e, "engine '{0}': the journal plugin cannot be created", _name);
            OnJournalGone();
        }
    }

    protected override void PostStop()
    {
        _memory.Set(_name, 0);
        Gauges.Hide();
        base.PostStop();
    }

    private void Ask(Query query)
    {
        if (_state.Published.Latest is not { } view || Availability.IsStoppedForGood)
        {
            Sender.Tell(Availability.Failure ?? Availability.Recovering);
        }
        else
        {
            (QueryLanes.IsCostly(query, view) ? _queried.Costly : _queries).Submit(
                new QueryWork(query, view, Sender, _queried) { Deadline = _envelope?.Deadline ?? 0, Trace = _envelope?.Trace ?? default }, Sender, Self);
        }
    }

    private void Send(object request)
    {
        Ticket ticket = Ticket.Of(request, Sender);
        if (((object?)Availability.Failure ?? RefuseWhileFollowing(request) ?? _tickets.Refuse(ticket)) is { } refused)
        {
            if (refused is EngineFailure { Kind: EngineFailureKind.Overloaded })
                ValoriMetrics.Overloaded.Add(1, ValoriMetrics.Tag(ValoriMetrics.Collection, _name), ValoriMetrics.Tag(ValoriMetrics.Reason, "bytes_in_flight"));
            ticket.Tell(refused);
            return;
        }
        long number = _state.NextTicket++;
        if (_envelope is { TraceParent: not null }) ticket.Work = StartWork(request);
        _tickets.Add(number, ticket);
        ShowTickets();
        _engine!.Tell(new Submit(number, request) { Deadline = _envelope?.Deadline ?? 0 });
    }

    private void OnAnswer(long number, object reply)
    {
        _tickets.Take(number)?.Tell(reply);
        ShowTickets();
        LookAtIndex();
    }

    private void ShowTickets() => (Gauges.CommandsInFlight, Gauges.BytesInFlight) = (_tickets.Count, _tickets.BytesInFlight);

    /// <summary>The span of a command: until it is answered.</summary>
    private Activity? StartWork(object request)
    {
        Activity? work = Traces.StartWork(Traces.NameOf(((request as Request)?.Command ?? (request as Authored)?.Command ?? request).GetType()), _name, _envelope!.Trace);
        // It goes on after this message.
        Activity.Current = null;
        return work;
    }

    private void StartRequest(BeginRequest begin)
    {
        if (((object?)Availability.Failure ?? begin.Check(_settings.MaximumBatchBytes)) is { } refused)
        {
            Sender.Tell(refused);
            return;
        }
        IActorRef gateway = Self;
        Props upload = Props.Create(() => new RequestUploadActor(gateway, begin, _memory)).WithDispatcher(ValoriSettings.RestoreDispatcher);
        Sender.Tell(new RestoreStarted(Context.ActorOf(upload, $"request-{Guid.NewGuid():N}")));
    }

    private void StartUpload()
    {
        if (((object?)Availability.Failure ?? RefuseWhileFollowing(nameof(BeginRestore))) is { } failure)
        {
            Sender.Tell(failure);
            return;
        }
        IActorRef gateway = Self;
        EngineSchema schema = _state.Published.Latest!.View.Schema;
        Props upload = Props.Create(() => new RestoreActor(gateway, schema, _settings, _memory)).WithDispatcher(ValoriSettings.RestoreDispatcher);
        // A name that cannot be guessed: another process can send to any actor that it can name.
        Sender.Tell(new RestoreStarted(Context.ActorOf(upload, $"restore-{Guid.NewGuid():N}")));
    }
}
