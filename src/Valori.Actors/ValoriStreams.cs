using Akka;
using Akka.Streams.Dsl;
using Valori.Protocol;
using Valori.Actors.Streams;

namespace Valori;

/// <summary>Engines as sinks and sources of Akka.Streams. They work between processes too.</summary>
public static class ValoriStreams
{
    /// <summary>
    /// Ingests records in batches. It takes no more while the engine is busy, and passes on what was acknowledged, in order: the ids, with a receipt
    /// whose sequence number says which event holds them. It fails with the engine's exception, after what was tried again.
    /// </summary>
    /// <remarks>Ids are in the order of the stream, unless a batch had to be sent again.</remarks>
    public static Flow<NewRecord, CreatedRecords, NotUsed> IngestFlow(ValoriEngine engine, IngestOptions? options = null)
    {
        options ??= new IngestOptions();
        options.Check();
        return Flow.Create<NewRecord>()
            .Via(new BatchByBytes<NewRecord>(
                options.BatchBytes, options.BatchRecords, record => record.ApproximateBytes, isRepeatable: options.Name is not null, options.Upsert ? record => record.Key : null))
            // A name for each run that has none: what is sent again is the same command.
            .StatefulSelectMany<NewRecord, IReadOnlyList<NewRecord>, (IReadOnlyList<NewRecord> Batch, RequestId Id), NotUsed>(() =>
            {
                string name = options.Name ?? Guid.NewGuid().ToString("N");
                long next = 0;
                return batch =>
                {
                    RequestId id = RequestId.Parse($"{name}:{next}");
                    next += batch.Count;
                    return [(batch, id)];
                };
            })
            // Some milliseconds for a large batch, so several at once; they go on in their order.
            .SelectAsync(options.Parallelism, batch => Task.Run(() => (Command: engine.PutCommand(batch.Batch, options.Upsert), batch.Id)))
            .SelectAsync(options.IsOneAfterAnother ? 1 : options.Parallelism, batch =>
                Resending.UntilAnsweredAsync(() => engine.SendAsync(batch.Command, batch.Id), options.RetryFor))
            .SelectError(Resending.Unwrap)
            .Select(receipt => new CreatedRecords(receipt));
    }

    /// <summary>As <see cref="IngestFlow"/>, for a stream that ends here.</summary>
    /// <returns>A task that ends with the stream: with the sequence number of the last event, 0 if there was no record, or with the exception.</returns>
    public static Sink<NewRecord, Task<long>> IngestSink(ValoriEngine engine, IngestOptions? options = null) => IngestFlow(engine, options)
        .ToMaterialized(Sink.Aggregate<CreatedRecords, long>(0, (last, created) => Math.Max(last, created.Receipt.SequenceNr)), Keep.Right);

    /// <summary>
    /// What happens in a collection: the events of its journal from one on, in order, and those to come. It never completes by itself.
    /// </summary>
    /// <param name="from">The first sequence number: 1 for all of the history, that of the last element that was handled plus 1 to go on.</param>
    /// <remarks>
    /// It reads when its consumer wants more, and holds about 1 MiB, or one event that is larger. A consumer that stops costs the engine nothing.
    /// It fails with <see cref="RefusedException"/> if the event was dropped from the journal (<c>valori.journal-retention</c>; the message names the first
    /// one that is there) or lies beyond the end, and with <see cref="EngineException"/> if the engine cannot answer.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="from"/> is below 1.</exception>
    public static Source<FeedEntry, NotUsed> Changes(ValoriEngine engine, long from = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        return ChangeFeed.From(engine.GetEventsAsync, from);
    }
}
