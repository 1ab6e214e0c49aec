using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

// Drops: one at a time of each collection. A caller that opens the collection meanwhile waits for the end of its drop.
internal sealed partial class ValoriGuardian
{
    private readonly Dictionary<string, PendingDrop> _drops = [];

    /// <summary>The collections that do not exist any more, and of which something may be left.</summary>
    private IEnumerable<string> DecidedDrops => _drops.Where(drop => drop.Value.IsDecided).Select(drop => drop.Key);

    private void Drop(DropEngine drop)
    {
        if (CheckName(drop.Name) is { } refusal) Sender.Tell(refusal);
        else if (!settings.DropsEngines)
        {
            Sender.Tell(new Refusal(RefusalKind.InvalidArgument,
                $"the journal plugin {settings.JournalPluginId} cannot drop a collection: it is not Valori's own, and would keep the last sequence number of '{drop.Name}'"));
        }
        else if (_stopWaiters.Count > 0) Sender.Tell(Stopping);
        // By its end there may be another collection of this name, or none.
        else if (_drops.TryGetValue(drop.Name, out PendingDrop? pending)) pending.Waiting.Add((Sender, drop));
        else BeginDrop(drop.Name, Sender);
    }

    private void FinishDrops(IReadOnlyList<string> names)
    {
        if (_stopWaiters.Count > 0) return;
        foreach (string name in names.Where(name => !_drops.ContainsKey(name))) BeginDrop(name, client: null);
    }

    /// <param name="client">Who asked for it; null if a crash left it unfinished.</param>
    private void BeginDrop(string name, IActorRef? client)
    {
        bool isFinishing = client is null;
        Props props = Props.Create(() => new DropActor(name, isFinishing, settings, watch));
        _drops.Add(name, new PendingDrop(Context.Watch(Context.ActorOf(props))) { Client = client });
    }

    /// <returns>Whether the opener waits, or was answered.</returns>
    private bool WaitsForDrop(OpenEngine open)
    {
        if (!_drops.TryGetValue(open.Name, out PendingDrop? pending)) return false;
        if (open.Wait || !pending.IsDecided) pending.Waiting.Add((Sender, open));
        else Sender.Tell(new EngineFailure(EngineFailureKind.Recovering, $"{BeingDropped(open.Name)}; nothing was done, try again"));
        return true;
    }

    private void OnDropDecided(IActorRef actor)
    {
        if (NameOf(actor) is not { } name) return;
        _drops[name].IsDecided = true;
        if (_gateways.TryGetValue(name, out IActorRef? gateway)) gateway.Tell(new CollectionDropped());
        else actor.Tell(new GatewayGone());
    }

    private void GoOnWithDrop(string name)
    {
        if (_drops.TryGetValue(name, out PendingDrop? pending) && pending.IsDecided) pending.Actor.Tell(new GatewayGone());
    }

    /// <summary>It is tried again, but no caller may wait without knowing for what.</summary>
    private void OnDropFailing(IActorRef actor, DropFailing failing)
    {
        if (NameOf(actor) is not { } name) return;
        PendingDrop pending = _drops[name];
        string outcome = failing.IsDecided
            ? $"collection '{name}' does not exist any more, but not all of it is gone yet: {failing.Fault}. That is tried again, after a restart too"
            : $"it is not known yet whether collection '{name}' was dropped: {failing.Fault}. It may still happen; check whether the collection exists";
        pending.Client?.Tell(new EngineFailure(EngineFailureKind.OutcomeUnknown, outcome));
        pending.Client = null;
        TellWaiting(pending, new EngineFailure(EngineFailureKind.Recovering, $"{BeingDropped(name)} ({failing.Fault}); nothing was done, try again"));
    }

    private void OnDropOver(IActorRef actor, DropOver over)
    {
        if (NameOf(actor) is not { } name) return;
        _drops.Remove(name, out PendingDrop? pending);
        pending!.Client?.Tell(over switch
        {
            { IsDone: true } => new EngineDropped(name),
            { Fault: { } fault } => new EngineFailure(EngineFailureKind.Recovering, $"collection '{name}' could not be dropped: {fault}; nothing was done, try again"),
            _ => new Refusal(RefusalKind.NotFound, $"collection '{name}' does not exist"),
        });
        // While Valori stops, they are told that.
        foreach ((IActorRef client, object request) in pending.Waiting) Self.Tell(request, client);
        AnswerStopWaiters();
    }

    private void StopDrops()
    {
        foreach (PendingDrop pending in _drops.Values) Context.Stop(pending.Actor);
    }

    private bool IsOfDrop(IActorRef actor) => NameOf(actor) is not null;

    /// <summary>It was stopped before its end. The intent is found again by the next check of the storage.</summary>
    private void OnDropActorGone(IActorRef actor)
    {
        string name = NameOf(actor)!;
        _drops.Remove(name, out PendingDrop? pending);
        pending!.Client?.Tell(new EngineFailure(EngineFailureKind.OutcomeUnknown,
            $"Valori stopped while it dropped collection '{name}': "
                + $"{(pending.IsDecided ? "the collection does not exist any more, and the next start deletes the rest" : "the next start says whether that had begun")}"));
        TellWaiting(pending, Stopping);
        AnswerStopWaiters();
    }

    private static void TellWaiting(PendingDrop pending, EngineFailure failure)
    {
        foreach ((IActorRef client, _) in pending.Waiting) client.Tell(failure);
        pending.Waiting.Clear();
    }

    private string? NameOf(IActorRef actor)
    {
        foreach ((string name, PendingDrop pending) in _drops)
        {
            if (pending.Actor.Equals(actor)) return name;
        }
        return null;
    }

    private static string BeingDropped(string name) => $"collection '{name}' is being dropped";

    private static EngineFailure Stopping => new(EngineFailureKind.Stopped, "Valori is stopping");

    private sealed class PendingDrop(IActorRef actor)
    {
        public IActorRef Actor => actor;

        /// <summary>Who asked for it; null if no caller did, or it was answered.</summary>
        public IActorRef? Client { get; set; }

        /// <summary>Whether the collection does not exist any more.</summary>
        public bool IsDecided { get; set; }

        /// <summary>Who asked for something of the collection meanwhile, and is heard when it is over.</summary>
        public List<(IActorRef Client, object Request)> Waiting { get; } = [];
    }
}
