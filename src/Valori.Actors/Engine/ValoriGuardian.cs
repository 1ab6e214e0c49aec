using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using Valori.Actors.Journal;
using Valori.Actors.Protocol;
using Valori.Actors.Serialization;
using Valori.Actors.Snapshots;
using Valori.Kernel;

namespace Valori.Actors.Engine;

/// <summary>
/// <c>/user/valori</c>: creates and finds engines by name. What exists is what the journal holds; there is no second list
/// that could differ from it.
/// </summary>
internal sealed class ValoriGuardian(ValoriSettings settings, MemoryBudget memory, TimeProvider time) : UntypedActor
{
    /// <summary>The guardian's name under <c>/user</c>.</summary>
    public const string Name = "valori";

    private readonly Dictionary<string, IActorRef> _gateways = [];
    private readonly List<IActorRef> _listWaiters = [];
    private readonly List<IActorRef> _stopWaiters = [];

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case OpenEngine open: Open(open); break;
            case ListEngines: CheckBeforeListing(); break;
            case StorageChecked(var fault, _): OnStorageChecked(fault); break;
            case StopEngines: Stop(); break;
            case Terminated { ActorRef: var gateway }: OnGatewayGone(gateway); break;
            default: Unhandled(message); break;
        }
    }

    private void Open(OpenEngine open)
    {
        if (CheckRequest(open) is { } refusal)
        {
            Sender.Tell(refusal);
            return;
        }
        if (_stopWaiters.Count > 0)
        {
            Sender.Tell(new EngineFailure(EngineFailureKind.Stopped, "Valori is stopping"));
            return;
        }
        if (!_gateways.TryGetValue(open.Name, out IActorRef? gateway))
        {
            gateway = Context.Watch(Context.ActorOf(Props.Create(() => new EngineGateway(open.Name, settings, memory, time)), open.Name));
            _gateways.Add(open.Name, gateway);
        }
        gateway.Forward(open);
    }

    internal static Refusal? CheckRequest(OpenEngine open)
    {
        if (!ValoriSettings.IsValidName(open.Name))
        {
            return new Refusal(RefusalKind.InvalidArgument,
                $"'{open.Name}' is no name for an engine: use 1 to 64 of a-z, 0-9, '-' and '_', starting with a letter or digit");
        }
        return open.Dimension is < Limits.MinimumDimension or > Limits.MaximumDimension
            ? new Refusal(RefusalKind.InvalidArgument, $"dimension is {open.Dimension}; it must be in {Limits.MinimumDimension}..{Limits.MaximumDimension}")
            : null;
    }

    /// <summary>The read journal waits for the journal to start, without an end; its askers shall not.</summary>
    private void CheckBeforeListing()
    {
        _listWaiters.Add(Sender);
        if (_listWaiters.Count > 1) return;
        Context.ActorOf(Props.Create(() => new StorageCheck(settings, ValoriSettings.PersistenceIdOf("any"))));
    }

    private void OnStorageChecked(string? fault)
    {
        foreach (IActorRef waiter in _listWaiters)
        {
            if (fault is null) List(waiter);
            else waiter.Tell(NoList(fault));
        }
        _listWaiters.Clear();
        AnswerStopWaiters();
    }

    private void List(IActorRef client)
    {
        ICurrentPersistenceIdsQuery journal;
        try
        {
            // The SQL plugin waits up to 5 s for the write journal here, and throws: on a busy machine that is no fault of
            // ours, and a guardian that fails is restarted, takes every engine down and answers nobody.
            journal = PersistenceQuery.Get(Context.System).ReadJournalFor<ICurrentPersistenceIdsQuery>(settings.ReadJournalPluginId);
        }
        catch (Exception e)
        {
            client.Tell(NoList(Describe.Fault(e)));
            return;
        }
        IReadOnlyList<string> marked = settings.DataDirectory is { } directory ? new JournalEnds(FileSystemSetup.Of(Context.System), directory).PersistenceIds() : [];
        journal.CurrentPersistenceIds()
            .RunWith(Sink.Seq<string>(), Context.System.Materializer())
            .PipeTo(
                client,
                Self,
                // Also those that the journal has lost: they are there to be refused, and not to be forgotten.
                ids => RemoteFrame.Fitting(
                    new EngineNames([.. ids.Concat(marked).Select(ValoriSettings.NameOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)]), client),
                e => NoList(Describe.Fault(e)));
    }

    private static EngineFailure NoList(string fault) =>
        new(EngineFailureKind.Recovering, $"the journal cannot be asked for its engines: {fault}; try again");

    private void Stop()
    {
        _stopWaiters.Add(Sender);
        foreach (IActorRef gateway in _gateways.Values) gateway.Tell(StopEngine.Instance);
        AnswerStopWaiters();
    }

    private void OnGatewayGone(IActorRef gateway)
    {
        _gateways.Remove(gateway.Path.Name);
        AnswerStopWaiters();
    }

    private void AnswerStopWaiters()
    {
        // A plugin that is still starting when its system ends fails with a page of its own log.
        if (_gateways.Count > 0 || _listWaiters.Count > 0) return;
        foreach (IActorRef waiter in _stopWaiters) waiter.Tell(new EnginesStopped());
        _stopWaiters.Clear();
    }
}
