using Akka.Actor;
using Akka.Configuration;
using Valori.Kernel;
using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Actors.Tests.Engine;

/// <summary>Content that would fill the memory is refused, and what makes room goes on.</summary>
[Trait("Category", "Slow")]
public sealed class MemoryLimitTests() : EngineTestKit($"valori.max-memory-bytes = {Limit}")
{
    private const long Limit = 4_000_000;

    [Fact]
    public void Past_the_limit_of_all_engines_what_adds_is_refused_in_each_and_the_rest_goes_on()
    {
        IActorRef full = Open("full"), other = Open("other");
        foreach (IActorRef engine in new[] { full, other })
        {
            engine.Tell(Insert(1, 1, 2, 2), TestActor);
            ExpectMsg<Receipt>();
        }
        byte[] metadata = new byte[Limits.MaximumMetadataBytes];
        object answer;
        int taken = 0;
        do
        {
            // The same record again and again: what is replaced is kept, as the past.
            full.Tell(new SetMetadata(new RecordId(0), metadata), TestActor);
            answer = ExpectMsg<object>();
            taken++;
        }
        while (answer is Receipt && taken < 100);
        Refusal refusal = Assert.IsType<Refusal>(answer);
        Assert.Equal(RefusalKind.LimitExceeded, refusal.Kind);
        Assert.Matches($"^the collections use [0-9]+ bytes of memory, and 65536 more would exceed the limit of {Limit} \\(valori.max-memory-bytes\\); nothing was done", refusal.Message);
        Assert.InRange(taken, 10, 60);

        EngineStatus before = Status(full);
        foreach (Command command in new Command[] { new SetMetadata(new RecordId(1), metadata), new InsertRecords(Insert(new float[80_000]).Vectors, new ulong[40_000]) })
        {
            foreach (IActorRef engine in new[] { full, other })
            {
                engine.Tell(command, TestActor);
                Assert.Equal(RefusalKind.LimitExceeded, ExpectMsg<Refusal>().Kind);
            }
        }
        Assert.Equal(before.StateHash, Status(full).StateHash);
        Guardian.Tell(new OpenEngine("third", Dimension), TestActor);
        Assert.Equal(RefusalKind.LimitExceeded, ExpectMsg<Refusal>().Kind);
        Assert.Equal(full, Open("full"));

        full.Tell(new Search(new SearchQuery(Insert(1, 1).Vectors, 1)), TestActor);
        Assert.Single(ExpectMsg<SearchHits>().Hits);
        full.Tell(new DeleteRecord(new RecordId(0)), TestActor);
        ExpectMsg<Receipt>();
        full.Tell(new SaveSnapshot(), TestActor);
        ExpectMsg<SnapshotSaved>();
    }

    [Fact]
    public async Task A_restart_behind_a_snapshot_gives_back_what_was_replaced()
    {
        using TemporaryDirectory directory = new();
        byte[] metadata = new byte[Limits.MaximumMetadataBytes];
        await using (ValoriEngine engine = await OpenAsync(directory))
        {
            RecordId id = await engine.InsertAsync(new float[] { 1, 1 });
            RefusedException refused = await Assert.ThrowsAsync<RefusedException>(async () =>
            {
                for (int i = 0; i < 100; i++) await engine.SetMetadataAsync(id, metadata);
            });
            Assert.Equal(RefusalKind.LimitExceeded, refused.Refusal.Kind);
            await engine.SaveAsync();
        }
        await using ValoriEngine again = await OpenAsync(directory);
        await again.SetMetadataAsync(new RecordId(0), metadata);
    }

    [Fact]
    public async Task A_snapshot_that_does_not_fit_is_refused_before_it_is_the_state()
    {
        using TemporaryDirectory directory = new(), larger = new();
        string saved;
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(larger.Path, new ValoriOptions { Dimension = 2 }))
        {
            for (int i = 0; i < 80; i++) await engine.SetMetadataAsync(await engine.InsertAsync(new float[] { i, i }), new byte[Limits.MaximumMetadataBytes]);
            saved = await engine.SaveAsync();
        }
        await using ValoriEngine small = await OpenAsync(directory);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(async () =>
        {
            await using FileStream bytes = File.OpenRead(saved);
            await small.RestoreAsync(bytes);
        });
        Assert.Equal(RefusalKind.LimitExceeded, refused.Refusal.Kind);
        Assert.Equal(0UL, await small.RecordCountAsync());
        await small.InsertAsync(new float[] { 1, 1 });
    }

    [Fact]
    public async Task A_snapshot_whose_file_fits_and_whose_state_does_not_is_refused()
    {
        ValoriKernel graph = new(2);
        for (int i = 0; i < 50_000; i++) graph.Apply(new NodeCreated(new NodeId((ulong)i), NodeKind.Chunk, null));
        MemoryStream file = new();
        View view = graph.TakeView();
        History history = new();
        history.Extend(1, view.StateHash, view.Version);
        SnapshotWriter.Write(file, view, new SnapshotHeader(1, 1, history.Chain, view.StateHash, history.FrontierAt(1)));
        Assert.InRange(file.Length, 1, Limit / 10);

        using TemporaryDirectory directory = new();
        await using ValoriEngine small = await OpenAsync(directory);
        file.Position = 0;
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => small.RestoreAsync(file));
        Assert.Equal(RefusalKind.LimitExceeded, refused.Refusal.Kind);
        await small.InsertAsync(new float[] { 1, 1 });
    }

    private static Task<ValoriEngine> OpenAsync(TemporaryDirectory directory) => ValoriEngine.OpenAsync(directory.Path, new ValoriOptions
    {
        Dimension = 2,
        Configuration = ConfigurationFactory.ParseString($"valori.max-memory-bytes = {Limit}"),
    });
}
