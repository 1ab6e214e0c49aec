using Valori.Protocol;
using Xunit.Abstractions;

namespace Valori.Kernel.Tests.Storage;

/// <summary>The index of keys, while others read it.</summary>
public sealed class KeyIndexTests(ITestOutputHelper output)
{
    private const int Keys = 6_000, Steps = 400;

    /// <summary>The table grows ten times, and keys are replaced, deleted and used again: readers find what was there when their View was taken.</summary>
    [Fact]
    public async Task Readers_find_every_key_as_of_their_View_while_it_is_replaced_and_the_table_grows()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        ValoriKernel kernel = new(1);
        Dictionary<int, ulong> live = [];
        (View View, Dictionary<int, ulong> Live) published = (kernel.TakeView(), []);
        object gate = new();
        using CancellationTokenSource written = new();
        Task<int>[] readers = [.. Enumerable.Range(0, 2).Select(reader => Task.Run(() =>
        {
            Random own = new(seed + 1 + reader);
            int looks = 0;
            do
            {
                (View view, Dictionary<int, ulong> then) = Published();
                for (int i = 0; i < 50; i++, looks++)
                {
                    int key = own.Next(Keys);
                    RecordId? expected = then.TryGetValue(key, out ulong id) ? new RecordId(id) : null;
                    Assert.True(expected == view.Find(KeyOf(key), out _), $"seed {seed}: key {key} of version {view.Version}");
                }
            }
            while (!written.IsCancellationRequested);
            return looks;
        }))];
        ulong records = 0;
        for (int step = 1; step <= Steps; step++)
        {
            // More and more keys, so that each growth happens between reads.
            int[] keys = [.. Enumerable.Range(0, 20).Select(_ => random.Next(Keys * step / Steps + 1)).Distinct()];
            kernel.Apply(new PutRecords(Golden.Block(1, new float[keys.Length]), new ulong[keys.Length], [.. keys.Select(key => new RecordAttributes { Key = KeyOf(key) })], Replace: true));
            foreach (int key in keys) live[key] = records++;
            foreach (int key in keys.Take(5))
            {
                kernel.Apply(new DeleteKey(KeyOf(key)));
                live.Remove(key);
            }
            lock (gate) published = (kernel.TakeView(), new Dictionary<int, ulong>(live));
        }
        await written.CancelAsync();
        Assert.All(await Task.WhenAll(readers), looks => Assert.True(looks > 0));
        Assert.True(live.Count > 1_500, $"{live.Count} keys");

        (View, Dictionary<int, ulong>) Published()
        {
            lock (gate) return published;
        }
    }

    private static RecordKey KeyOf(int key) => $"key-{key}";
}
