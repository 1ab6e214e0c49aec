using System.Collections.Concurrent;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Query;
using Akka.Streams.Dsl;

namespace Valori.Actors.Tests.Support;

/// <summary>A read journal that answers nothing until it is released, and then fails.</summary>
public sealed class HeldReadJournal(ActorSystem system) : IReadJournal, ICurrentEventsByPersistenceIdQuery
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource<EventEnvelope>> Gates = new();

    public static void Release(ActorSystem system) => GateOf(system).TrySetException(new IOException("released"));

    public Source<EventEnvelope, NotUsed> CurrentEventsByPersistenceId(string persistenceId, long fromSequenceNr, long toSequenceNr) =>
        Source.FromTask(GateOf(system).Task);

    private static TaskCompletionSource<EventEnvelope> GateOf(ActorSystem system) =>
        Gates.GetOrAdd(system.Name, _ => new TaskCompletionSource<EventEnvelope>(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Made by Akka from the plugin's class name.</summary>
public sealed class HeldReadJournalProvider(ExtendedActorSystem system, Config config) : IReadJournalProvider
{
    public IReadJournal GetReadJournal()
    {
        _ = config;
        return new HeldReadJournal(system);
    }
}
