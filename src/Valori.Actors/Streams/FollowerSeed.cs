using Akka.Actor;
using Akka.Persistence;
using Akka.Streams;
using Akka.Streams.Dsl;
using Valori.Actors.Client;
using Valori.Actors.Entries;
using Valori.Actors.Journal;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Actors.Streams;

/// <summary>
/// A collection that begins with a snapshot of another one: as if its own events up to there had been dropped, because the snapshot covers them. The row
/// of the snapshot's event proves that the two belong together, as at any start, and the row after it is the first one of the journal.
/// </summary>
internal static class FollowerSeed
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Writes the beginning of the journal and the snapshot.</summary>
    /// <param name="ask">Asks the engine that the snapshot is of.</param>
    /// <exception cref="RefusedException">The snapshot is damaged, or not of that engine, or there is such a collection, or its journal is not one of Valori's.</exception>
    public static async Task PlantAsync(
        ActorSystem system, ValoriSettings settings, string name, Stream snapshot, Func<GetEvents, Task<EventPage>> ask, CancellationToken cancellationToken)
    {
        if (!settings.DropsEngines)
            throw Refused(RefusalKind.InvalidArgument, $"the journal ({settings.JournalPluginId}) cannot begin after a snapshot: follow from the first event, or use Valori's own journal");
        string persistenceId = ValoriSettings.PersistenceIdOf(name);
        SnapshotContent content = Read(snapshot);
        long sequenceNr = content.Header.SequenceNr;
        IReadOnlyList<JournalRecord> rows = await ChangeFeed.Pages(ask, sequenceNr).SelectMany(page => page.Records).Take(2)
            .RunWith(Sink.Seq<JournalRecord>(), system.Materializer()).WaitAsync(cancellationToken).ConfigureAwait(false);
        EntryPlace.TryRead(rows[0].Payload, out EntryPlace place);
        if (place.Chain != content.Header.Chain)
        {
            throw Refused(RefusalKind.InvalidSnapshot,
                $"the snapshot is of event {sequenceNr} with the history chain {content.Header.Chain}; the collection to follow has {place.Chain} there: it is a snapshot of another one");
        }
        EngineState state = new(persistenceId, settings.RememberedRequests);
        state.Load(content);
        PersistenceExtension plugins = Persistence.Instance.Apply(system);
        // First the rows: whoever writes them has the name. Without its snapshot, such a collection is refused, and can be dropped.
        object seeded = await PrivateAsk.AskAsync(
            plugins.JournalFor(settings.JournalPluginId), new SeedEngine(persistenceId, sequenceNr, rows[0].Payload, rows[1].Payload), Patience, cancellationToken).ConfigureAwait(false);
        if (seeded is not EngineSeeded { IsDone: var isDone }) throw Failed(seeded is DropStepFailed failed ? failed.Fault : new InvalidOperationException($"{seeded}"));
        if (!isDone) throw Refused(RefusalKind.Conflict, $"the journal has events of collection '{name}' already");
        DurableView view = state.TakeView();
        object saved = await PrivateAsk.AskAsync(
            plugins.SnapshotStoreFor(settings.SnapshotPluginId), new Akka.Persistence.SaveSnapshot(new SnapshotMetadata(persistenceId, sequenceNr, view.Time.UtcDateTime), view),
            Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        if (saved is not SaveSnapshotSuccess) throw Failed(saved is SaveSnapshotFailure failure ? failure.Cause : new InvalidOperationException($"{saved}"));

        EngineException Failed(Exception cause) => new(EngineFailureKind.SnapshotFailed,
            $"the beginning of collection '{name}' could not be written: {cause.Message}. If it is there now, drop it before you try again", cause);
    }

    private static SnapshotContent Read(Stream snapshot)
    {
        try
        {
            SnapshotContent content = SnapshotReader.Read(snapshot, "the given snapshot");
            return content.Header.HistoryFrontier is not null
                ? content
                : throw Refused(RefusalKind.InvalidSnapshot, "the snapshot has format version 1; a collection can go on only from version 2");
        }
        catch (CorruptionException e)
        {
            throw Refused(RefusalKind.InvalidSnapshot, e.Message);
        }
    }

    private static RefusedException Refused(RefusalKind kind, string message) => new(new Refusal(kind, message));
}
