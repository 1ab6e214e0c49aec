using Akka.Actor;
using Valori.Actors.Rows;
using Valori.Actors.Serialization;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Journal;

// The steps of a drop (DropMessages), and the beginning of a journal after a snapshot (SeedMessages).
internal partial class SqlJournal
{
    protected override bool ReceivePluginInternal(object message)
    {
        Task<object>? answer = message switch
        {
            FindDrops => AnswerAsync(_drops.FindAsync(), found => new DropsFound(found)),
            BeginDrop(var id, var isKnownElsewhere) => AnswerAsync(_drops.BeginAsync(id, isKnownElsewhere, IntentOf(id)), exists => new DropBegun(exists)),
            EraseEvents(var id, var after) => EraseAsync(id, after),
            DeleteRows(var id) => AnswerAsync(_drops.DeleteAsync(id), isMore => new RowsDeleted(isMore)),
            EndDrop(var id) => EndAsync(id),
            SeedEngine seed => AnswerAsync(_drops.SeedAsync(RowOf(seed, 0), RowOf(seed, 1)), done => new EngineSeeded(done)),
            _ => null,
        };
        if (answer is null) return base.ReceivePluginInternal(message);
        answer.PipeTo(Sender, Self, failure: fault => new DropStepFailed(fault));
        return true;
    }

    private static async Task<object> AnswerAsync<T>(Task<T> step, Func<T, object> answer) => answer(await step.ConfigureAwait(false));

    private async Task<object> EraseAsync(string persistenceId, long after)
    {
        // What the engine wrote before it was stopped may still be on its way; how it ends does not matter.
        if (after == 0 && _writing.TryGetValue(persistenceId, out Task? written))
        {
            await written.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Off the writer's thread.
            await Task.Yield();
        }
        return new EventsErased(await _drops.EraseAsync(persistenceId, after).ConfigureAwait(false));
    }

    private async Task<object> EndAsync(string persistenceId)
    {
        await _drops.EndAsync(persistenceId).ConfigureAwait(false);
        return new DropEnded();
    }

    private Row RowOf(SeedEngine seed, int place) => new()
    {
        PersistenceId = seed.PersistenceId,
        SequenceNumber = seed.SequenceNr + place,
        Timestamp = DateTime.UtcNow.Ticks,
        Deleted = place == 0,
        Message = place == 0 ? seed.Entry : seed.Next,
        Manifest = ValoriSerializer.JournalRecordManifest,
        Identifier = ValoriSerializer.Number,
        Tags = "",
        WriterUuid = _writer,
    };

    private Row IntentOf(string persistenceId) => new()
    {
        PersistenceId = DropIntent.PersistenceId,
        SequenceNumber = DropIntent.SequenceNrOf(persistenceId),
        Timestamp = DateTime.UtcNow.Ticks,
        Message = DropIntent.MessageOf(persistenceId),
        Manifest = DropIntent.Manifest,
        Identifier = ValoriSerializer.Number,
        Tags = "",
        WriterUuid = _writer,
    };
}
