using Akka.Configuration;

namespace Valori.Actors.Tests.Engine;

/// <summary>An engine that has reached valori.max-memory-bytes takes writes again, without a restart, when something was deleted.</summary>
public sealed class FullMemoryTests
{
    private const int Limit = 12_000_000, Dimension = 16, Batch = 500;

    private readonly string _padding = new('x', 300);

    [Theory]
    // How many of a hundred are deleted, and whether one by one: each deletion takes some memory too.
    [InlineData(99, false)]
    [InlineData(99, true)]
    [InlineData(50, true)]
    [InlineData(10, false)]
    public async Task Deletions_make_room_in_a_full_engine(int percent, bool isOneByOne)
    {
        using TemporaryDirectory directory = new();
        await using ValoriEngine engine = await OpenAsync(directory, "0s");
        int records = await FillAsync(engine);
        int deleted = records * percent / 100;
        if (isOneByOne)
        {
            // Those that stay are everywhere.
            IEnumerable<int> some = Enumerable.Range(0, records).Where(i => i * percent / 100 != (i + 1) * percent / 100);
            foreach (int[] together in some.Chunk(Batch)) await Task.WhenAll(together.Select(i => engine.SoftDeleteAsync(new RecordId((ulong)i))));
        }
        else
        {
            await engine.DeleteWhereAsync(Filter.Lt("number", deleted));
        }
        await AcceptsAsync(engine, records);
        Assert.InRange(await engine.RecordCountAsync(), (ulong)(records - deleted), (ulong)(records - deleted + Batch));
    }

    [Fact]
    public async Task An_engine_that_was_filled_without_room_for_freeing_gets_out_too()
    {
        using TemporaryDirectory directory = new();
        int records;
        await using (ValoriEngine engine = await OpenAsync(directory, "never")) records = await FillAsync(engine);
        await using ValoriEngine again = await OpenAsync(directory, "0s");
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => again.InsertBatchAsync(Records(records)));
        Assert.Contains("freeing needs", refused.Message, StringComparison.Ordinal);
        await again.DeleteWhereAsync(Filter.Ge("number", records / 40));
        await AcceptsAsync(again, records);
    }

    [Fact]
    public async Task Without_forgetting_no_room_is_kept_for_freeing()
    {
        using TemporaryDirectory directory = new(), forgets = new();
        await using ValoriEngine keeping = await OpenAsync(directory, "never"), freeing = await OpenAsync(forgets, "1h");
        int kept = await FillAsync(keeping), records = await FillAsync(freeing);
        Assert.InRange(records, kept / 2, kept - Batch);
    }

    /// <returns>How many records it took.</returns>
    private async Task<int> FillAsync(ValoriEngine engine)
    {
        for (int records = 0; ; records += Batch)
        {
            try
            {
                await engine.InsertBatchAsync(Records(records));
            }
            catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.LimitExceeded)
            {
                Assert.Contains("valori.max-memory-bytes", e.Message, StringComparison.Ordinal);
                return records;
            }
        }
    }

    /// <summary>Freeing takes its steps between commands, so each refusal of a command lets it go on.</summary>
    private async Task AcceptsAsync(ValoriEngine engine, int first)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await engine.InsertBatchAsync(Records(first));
                return;
            }
            catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.LimitExceeded && attempt < 10_000)
            {
            }
        }
    }

    private IReadOnlyList<NewRecord> Records(int first) =>
    [
        .. Enumerable.Range(first, Batch).Select(i => new NewRecord(Enumerable.Range(i, Dimension).Select(j => j % 13 * 0.25f).ToArray())
        {
            Key = KeyOf(i),
            Fields = new FieldsBuilder { ["number"] = i, ["padding"] = _padding }.Build(),
        }),
    ];

    private static string KeyOf(int i) => $"record-{i:D8}";

    private static Task<ValoriEngine> OpenAsync(TemporaryDirectory directory, string forgetAfter) => ValoriEngine.OpenAsync(directory.Path, new ValoriOptions
    {
        Dimension = Dimension,
        Configuration = ConfigurationFactory.ParseString($"valori.max-memory-bytes = {Limit}, valori.past {{ forget-after = {forgetAfter}, free-bytes = 100000 }}"),
    });
}
