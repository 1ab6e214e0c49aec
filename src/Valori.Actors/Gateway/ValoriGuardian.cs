using Akka.Actor;
using Akka.Event;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using Valori.Actors.Engine;
using Valori.Actors.Files;
using Valori.Actors.Journal;
using Valori.Actors.Queries;
using Valori.Actors.Rows;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

/// <summary>
/// <c>/user/valori</c>: creates and finds engines by name. What exists is what the journal holds; there is no second list
/// that could differ from it.
/// </summary>
/// <param name="watch">What is known of the journal beside the engines; null if it is a plugin that Valori does not know.</param>
internal sealed partial class ValoriGuardian(ValoriSettings settings, MemoryBudget memory, TimeProvider time, JournalWatch? watch) : UntypedActor, IWithTimers
{
    private readonly QueryLanes _lanes = QueryLanes.Start(Context, settings, time);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, IActorRef> _gateways = [];

    // Of each gateway that was asked to stop because it has no engine: who wants to open it meanwhile.
    private readonly Dictionary<IActorRef, List<(IActorRef Client, OpenEngine Request)>> _leaving = [];

    private readonly List<IActorRef> _listWaiters = [];
    private readonly List<IActorRef> _stopWaiters = [];

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>
    /// One gateway's failure is its own: it starts again at its address, and the others do not notice. One that cannot even be
    /// created stops, and the next opener gets a new one. Query actors, which answer before they fail, and storage checks as well.
    /// </summary>
    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(fault => fault is ActorInitializationException or ActorKilledException ? Directive.Stop : Directive.Restart);

    /// <summary>Never fails: a restart would stop every gateway, and with it every engine.</summary>
    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception e)
        {
            _log.Error(e, "the guardian failed to handle {0}", message.GetType().Name);
            if (message is IWireMessage)
                Sender.Tell(new EngineFailure(EngineFailureKind.OutcomeUnknown, $"{message.GetType().Name} failed: {Describe.Fault(e)}"));
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case OpenEngine open: Open(open, open); break;
            case FollowEngine(var open, _): Open(open, message); break;
            case EngineMessage envelope: Route(envelope); break;
            case DropEngine drop: Drop(drop); break;
            case UnreadableMessage(var reason):
                Sender.Tell(new Refusal(RefusalKind.InvalidArgument, $"no collection was opened, because the bytes of the request are not those of one that is known here: {reason}"));
                break;
            case ListEngines: CheckBeforeListing(); break;
            case StorageChecked(var fault, _, var dropped): OnStorageChecked(fault, dropped); break;
            case UnfinishedDrops(var names): FinishDrops(names); break;
            case DropDecided: OnDropDecided(Sender); break;
            case DropFailing failing: OnDropFailing(Sender, failing); break;
            case DropOver over: OnDropOver(Sender, over); break;
            case StopDropsNow: StopDrops(); break;
            case StopEngines: Stop(); break;
            case GatewayIdle when _gateways.GetValueOrDefault(Sender.Path.Name)?.Equals(Sender) == true: LetGo(Sender); break;
            case GatewayStays: OnGatewayStays(Sender); break;
            case Terminated { ActorRef: var gone } when IsOfDrop(gone): OnDropActorGone(gone); break;
            case Terminated { ActorRef: var gateway }: OnGatewayGone(gateway); break;
            default: Unhandled(message); break;
        }
    }

    /// <summary>To the collection that it names: who sends it needs no gateway.</summary>
    private void Route(EngineMessage envelope)
    {
        if (envelope.Engine is not { } name) Sender.Tell(new Refusal(RefusalKind.InvalidArgument, $"an envelope for {Self.Path} must name its collection ({nameof(EngineMessage.Engine)})"));
        else if (CheckName(name) is { } refusal) Sender.Tell(refusal);
        else if (_gateways.TryGetValue(name, out IActorRef? gateway)) gateway.Forward(envelope);
        else Sender.Tell(new Refusal(RefusalKind.NotFound, $"collection '{name}' is not open here: open it first ({nameof(OpenEngine)})"));
    }

    /// <param name="message">The request, or what it came in.</param>
    private void Open(OpenEngine open, object message)
    {
        if (CheckRequest(open) is { } refusal)
        {
            Sender.Tell(refusal);
            return;
        }
        if (_stopWaiters.Count > 0)
        {
            Sender.Tell(Stopping);
            return;
        }
        // What waits is kept as a request alone.
        if (message is not OpenEngine && (_drops.ContainsKey(open.Name) || _gateways.GetValueOrDefault(open.Name) is { } leaver && _leaving.ContainsKey(leaver)))
        {
            Sender.Tell(new EngineFailure(EngineFailureKind.Recovering, $"collection '{open.Name}' of before is going; nothing was done, try again"));
            return;
        }
        if (WaitsForDrop(open)) return;
        if (!_gateways.TryGetValue(open.Name, out IActorRef? gateway))
        {
            GatewayState state = new(open.Name);
            Props props = Props.Create(() => new EngineGateway(open.Name, state, _lanes, settings, memory, time, watch));
            gateway = Context.Watch(Context.ActorOf(props, open.Name));
            _gateways.Add(open.Name, gateway);
        }
        if (_leaving.TryGetValue(gateway, out List<(IActorRef, OpenEngine)>? waiting)) waiting.Add((Sender, open));
        else gateway.Forward(message);
    }

    /// <summary>
    /// Nothing is kept of what does not exist. What was forwarded before reaches the gateway before this does; what comes from now on
    /// waits until the gateway is gone, or says that it stays.
    /// </summary>
    private void LetGo(IActorRef gateway)
    {
        if (_leaving.TryAdd(gateway, [])) gateway.Tell(new StopIfIdle());
    }

    private void OnGatewayStays(IActorRef gateway)
    {
        if (!_leaving.Remove(gateway, out List<(IActorRef Client, OpenEngine Request)>? waiting)) return;
        foreach ((IActorRef client, OpenEngine request) in waiting) gateway.Tell(request, client);
    }

    internal static Refusal? CheckName(string name) => ValoriSettings.IsValidName(name)
        ? null
        : new Refusal(RefusalKind.InvalidArgument,
            $"{Describe.Name(name)} is not a valid collection name: use 1 to 64 of a-z, 0-9, '-' and '_', starting with a letter or digit");

    internal static Refusal? CheckRequest(OpenEngine open) => CheckName(open.Name) ?? open.Schema.Check();

    /// <summary>The read journal waits for the journal to start, without an end; its askers must not.</summary>
    private void CheckBeforeListing()
    {
        _listWaiters.Add(Sender);
        if (_listWaiters.Count > 1) return;
        Context.ActorOf(Props.Create(() => new StorageCheck(settings, watch, ValoriSettings.PersistenceIdOf("any"))));
    }

    private void OnStorageChecked(string? fault, IReadOnlyList<string> dropped)
    {
        FinishDrops(dropped);
        // Cleared first: a waiter that stayed here after a failure would keep every later listing, and a stop, from its answer.
        IActorRef[] waiters = [.. _listWaiters];
        _listWaiters.Clear();
        foreach (IActorRef waiter in waiters)
        {
            if (fault is null) List(waiter, dropped);
            else waiter.Tell(NoList(fault));
        }
        AnswerStopWaiters();
    }

    /// <param name="dropped">Do not exist any more, although the journal still has something of them.</param>
    private void List(IActorRef client, IReadOnlyList<string> dropped)
    {
        HashSet<string> gone = [.. dropped, .. DecidedDrops];
        ICurrentPersistenceIdsQuery journal;
        IReadOnlyList<string> known;
        try
        {
            // The SQL plugin waits up to 5 s for the write journal here, and throws: on a busy machine that is not a fault of
            // ours, and a guardian that fails is restarted, takes every engine down and leaves its askers without an answer.
            journal = PersistenceQuery.Get(Context.System).ReadJournalFor<ICurrentPersistenceIdsQuery>(settings.ReadJournalPluginId);
            known = KnownBesideTheJournal();
        }
        catch (Exception e)
        {
            client.Tell(NoList(Describe.Fault(e)));
            return;
        }
        journal.CurrentPersistenceIds()
            .RunWith(Sink.Seq<string>(), Context.System.Materializer())
            .PipeTo(
                client,
                Self,
                // Also those that the journal has lost: they are there to be refused, and not to be forgotten.
                ids => RemoteFrame.Fitting(
                    new EngineNames([.. ids.Concat(known).Select(ValoriSettings.NameOf).OfType<string>().Distinct().Where(name => !gone.Contains(name)).Order(StringComparer.Ordinal)]), client),
                e => NoList(Describe.Fault(e)));
    }

    /// <summary>The persistence ids that have an end mark or a snapshot file.</summary>
    private IReadOnlyList<string> KnownBesideTheJournal()
    {
        if (settings.DataDirectory is not { } directory) return [];
        IFileSystem files = FileSystemSetup.Of(Context.System);
        IReadOnlyList<string> marked = new JournalEnds(files, directory).PersistenceIds();
        return settings.UsesSnapshotFiles ? [.. marked, .. SnapshotFiles.PersistenceIds(files, SnapshotFiles.DirectoryIn(directory))] : marked;
    }

    private static EngineFailure NoList(string fault) =>
        new(EngineFailureKind.Recovering, $"the journal's collections cannot be listed: {fault}; try again");

    private void Stop()
    {
        _stopWaiters.Add(Sender);
        foreach (IActorRef gateway in _gateways.Values) gateway.Tell(StopEngine.Instance);
        // Mostly they need no longer than the engines do.
        if (_drops.Count > 0) Timers.StartSingleTimer(nameof(StopDropsNow), new StopDropsNow(), settings.StopTimeout);
        AnswerStopWaiters();
    }

    private void OnGatewayGone(IActorRef gateway)
    {
        _gateways.Remove(gateway.Path.Name);
        if (_leaving.Remove(gateway, out List<(IActorRef Client, OpenEngine Request)>? waiting))
        {
            foreach ((IActorRef client, OpenEngine request) in waiting) Self.Tell(request, client);
        }
        GoOnWithDrop(gateway.Path.Name);
        AnswerStopWaiters();
    }

    private void AnswerStopWaiters()
    {
        // A plugin that is still starting when its system ends fails with a page of its own log.
        if (_gateways.Count > 0 || _listWaiters.Count > 0 || _drops.Count > 0) return;
        foreach (IActorRef waiter in _stopWaiters) waiter.Tell(new EnginesStopped());
        _stopWaiters.Clear();
    }
}
