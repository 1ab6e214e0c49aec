using Akka.Actor;
using Akka.Configuration;
using Akka.Streams;
using Akka.Streams.Dsl;
using Valori.Actors.Settings;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Streams;

/// <summary>Records that come as a stream.</summary>
public sealed class IngestTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SqliteBackend _backend = new();

    public void Dispose() => _backend.Dispose();

    [Fact]
    public async Task All_records_are_there_and_each_batch_says_what_holds_it()
    {
        await using ValoriEngine engine = await _backend.OpenAsync(2);
        IngestOptions options = new() { BatchRecords = 10, Name = "load" };
        IReadOnlyList<CreatedRecords> batches = await Source.From(Enumerable.Range(0, 95)).Select(Record).Via(ValoriStreams.IngestFlow(engine, options))
            .RunWith(Sink.Seq<CreatedRecords>(), engine.OwnedSystem!.Materializer()).WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 95).Select(i => new RecordId((ulong)i)), batches.SelectMany(batch => batch));
        Assert.Equal([10, 10, 10, 10, 10, 10, 10, 10, 10, 5], batches.Select(batch => batch.Count));
        EngineStatus status = await engine.StatusAsync();
        Assert.Equal((95UL, status.SequenceNr), (status.RecordCount, batches[^1].Receipt.SequenceNr));
        Assert.Equal("k42", (await engine.GetRecordAsync(new RecordId(42))).Key!.ToString());
    }

    [Fact]
    public async Task A_sink_ends_with_the_last_event_and_without_records_with_none()
    {
        await using ValoriEngine engine = await _backend.OpenAsync(2);
        IMaterializer materializer = engine.OwnedSystem!.Materializer();
        Assert.Equal(0, await Source.Empty<NewRecord>().RunWith(ValoriStreams.IngestSink(engine), materializer).WaitAsync(Patience));
        long last = await Source.From(Enumerable.Range(0, 1_000)).Select(Record).RunWith(ValoriStreams.IngestSink(engine), materializer).WaitAsync(Patience);
        EngineStatus status = await engine.StatusAsync();
        Assert.Equal((status.SequenceNr, 1_000UL), (last, status.RecordCount));
    }

    [Fact]
    public async Task A_stream_with_a_name_that_is_run_again_is_carried_out_once_also_after_a_restart()
    {
        IngestOptions options = new() { BatchRecords = 7, Name = "load" };
        EngineStatus first;
        await using (ValoriEngine engine = await _backend.OpenAsync(2))
        {
            // Ends in the middle, as if its process had.
            await Source.From(Enumerable.Range(0, 21)).Select(Plain).RunWith(ValoriStreams.IngestSink(engine, options), engine.OwnedSystem!.Materializer()).WaitAsync(Patience);
            first = await engine.StatusAsync();
        }
        await using (ValoriEngine engine = await _backend.OpenAsync(2))
        {
            IReadOnlyList<CreatedRecords> again = await Source.From(Enumerable.Range(0, 50)).Select(Plain).Via(ValoriStreams.IngestFlow(engine, options))
                .RunWith(Sink.Seq<CreatedRecords>(), engine.OwnedSystem!.Materializer()).WaitAsync(Patience);
            Assert.Equal(50UL, await engine.RecordCountAsync());
            Assert.Equal(first.SequenceNr, again[2].Receipt.SequenceNr);
            Assert.Equal(Enumerable.Range(0, 50).Select(i => new RecordId((ulong)i)), again.SelectMany(batch => batch));
        }
    }

    [Theory]
    [InlineData(Fault.FailBeforeCommit)]
    [InlineData(Fault.FailAfterCommit)]
    public async Task A_batch_whose_write_fails_is_sent_again_and_carried_out_once(Fault fault)
    {
        // Faults belong to a system by its name.
        ActorSystem system = ActorSystem.Create($"test-{Guid.NewGuid():N}", ConfigurationFactory.ParseString($"""
            {FaultySqlJournal.Configuration}
            valori.restart-backoff.minimum = 10ms
            valori.restart-backoff.maximum = 100ms
            valori.data-directory = {ReferenceConfig.Quote(_backend.DirectoryOf())}
            """).WithFallback(_backend.Configuration));
        try
        {
            await using ValoriEngine engine = await ValoriExtension.Get(system).OpenAsync(schema: 2);
            JournalFaults.Of(system).Next(fault, after: 1);
            await Source.From(Enumerable.Range(0, 60)).Select(Record)
                .RunWith(ValoriStreams.IngestSink(engine, new IngestOptions { BatchRecords = 5, Parallelism = 3 }), system.Materializer()).WaitAsync(Patience);
            Assert.Equal(60UL, await engine.RecordCountAsync());
            for (int i = 0; i < 60; i++) Assert.NotNull(await engine.FindRecordAsync((RecordKey)$"k{i}"));
        }
        finally
        {
            await system.Terminate();
        }
    }

    [Fact]
    public async Task An_upsert_keeps_the_last_record_of_a_key_although_a_batch_cannot_have_it_twice()
    {
        await using ValoriEngine engine = await _backend.OpenAsync(2);
        await Source.From(Enumerable.Range(0, 40)).Select(i => new NewRecord(new float[] { i, 1 }) { Key = $"k{i % 3}" })
            .RunWith(ValoriStreams.IngestSink(engine, new IngestOptions { Upsert = true }), engine.OwnedSystem!.Materializer()).WaitAsync(Patience);
        Assert.Equal(3UL, await engine.RecordCountAsync());
        for (int i = 37; i < 40; i++) Assert.Equal(new SearchHit((await engine.FindRecordAsync((RecordKey)$"k{i % 3}"))!.Value, 0), (await engine.SearchAsync(new float[] { i, 1 }, 1))[0]);
    }

    [Fact]
    public async Task What_is_refused_fails_the_stream_with_the_refusal_and_leaves_the_batches_before()
    {
        await using ValoriEngine engine = await _backend.OpenAsync(2);
        int acknowledged = 0;
        TaskCompletionSource<NewRecord> wrong = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => Source.From(Enumerable.Range(0, 15)).Select(Plain)
            .Concat(Source.FromTask(wrong.Task)).Concat(Source.From(Enumerable.Range(0, 4)).Select(Plain))
            .Via(ValoriStreams.IngestFlow(engine, new IngestOptions { BatchRecords = 5, Name = "load" }))
            .RunForeach(
                batch =>
                {
                    if ((acknowledged += batch.Count) == 15) wrong.SetResult(new NewRecord(new float[] { 1, 2, 3 }));
                },
                engine.OwnedSystem!.Materializer()).WaitAsync(Patience));
        Assert.Equal(RefusalKind.InvalidArgument, refused.Refusal.Kind);
        // Those that were good in the batch of the wrong one are not there.
        Assert.Equal((15, 15UL), (acknowledged, await engine.RecordCountAsync()));
    }

    [Fact]
    public async Task A_name_is_not_for_another_stream()
    {
        await using ValoriEngine engine = await _backend.OpenAsync(2);
        IngestOptions options = new() { Name = "load" };
        await Source.Single(Plain(1)).RunWith(ValoriStreams.IngestSink(engine, options), engine.OwnedSystem!.Materializer()).WaitAsync(Patience);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() =>
            Source.Single(Plain(2)).RunWith(ValoriStreams.IngestSink(engine, options), engine.OwnedSystem!.Materializer()).WaitAsync(Patience));
        Assert.Equal(RefusalKind.RequestIdReused, refused.Refusal.Kind);
    }

    [Theory]
    [InlineData(3, 10, 0)]
    [InlineData(-1, 7, 0)]
    [InlineData(13, 10, 10)]
    public async Task Under_the_same_name_nothing_is_carried_out_from_the_first_batch_on_that_is_another_one(int changed, int batchRecords, int same)
    {
        await using ValoriEngine engine = await _backend.OpenAsync(2);
        IMaterializer materializer = engine.OwnedSystem!.Materializer();
        IngestOptions options = new() { BatchRecords = 10, Name = "load" };
        await Source.From(Enumerable.Range(0, 20)).Select(Plain).RunWith(ValoriStreams.IngestSink(engine, options), materializer).WaitAsync(Patience);
        // The engine does not know the numbers of the batches after it.
        IEnumerable<NewRecord> others = Enumerable.Range(0, 90).Select(i => Plain(i == changed ? -1 : i));
        List<CreatedRecords> answered = [];
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => Source.From(others)
            .Via(ValoriStreams.IngestFlow(engine, options with { BatchRecords = batchRecords })).RunForeach(answered.Add, materializer).WaitAsync(Patience));
        Assert.Equal((RefusalKind.RequestIdReused, same), (refused.Refusal.Kind, answered.Sum(batch => batch.Count)));
        // What was sent before the refusal is decided before this.
        Assert.Equal(20UL, (await engine.InsertAsync(new float[] { 1, 1 })).Id.Value);
    }

    [Fact]
    public void Options_that_are_not_allowed_are_named()
    {
        Assert.Equal("BatchBytes", Assert.Throws<ArgumentOutOfRangeException>(() => ValoriStreams.IngestFlow(null!, new IngestOptions { BatchBytes = 0 })).ParamName);
        Assert.Contains("'a b'", Assert.Throws<ArgumentException>(() => ValoriStreams.IngestFlow(null!, new IngestOptions { Name = "a b" })).Message);
        Assert.Contains("40", Assert.Throws<ArgumentException>(() => ValoriStreams.IngestFlow(null!, new IngestOptions { Name = new string('a', 41) })).Message);
    }

    private static NewRecord Plain(int i) => new(new float[] { i, 1 });

    private static NewRecord Record(int i) => Plain(i) with { Key = $"k{i}" };
}
