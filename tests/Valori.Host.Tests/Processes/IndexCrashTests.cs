using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>kill -9</c> while a graph is built or saved: the next start has the same graph, and nothing half written.</summary>
[Trait("Category", "Slow")]
public sealed class IndexCrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Dimension = 16, Records = 12_000;
    private static readonly int Rounds = CrashRounds.Count(4), Seed = CrashRounds.Seed;

    private readonly TemporaryDirectory _directory = new();

    private string Indexes => Path.Combine(_directory.Path, "indexes");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_at_any_moment_of_a_build_or_a_save_the_next_start_has_the_same_graph()
    {
        Random random = new(Seed);
        string digest;
        int longest;
        await using (RunningService service = await RunningService.StartAsync(_directory.Path))
        {
            await service.DoneAsync(HttpMethod.Put, "/v1/collections/notes", $$"""{"dimension":{{Dimension}}}""");
            float[][] vectors = [.. Enumerable.Range(0, Records).Select(_ => Enumerable.Range(0, Dimension).Select(_ => MathF.Round(random.NextSingle(), 4)).ToArray())];
            await service.DoneAsync(HttpMethod.Post, "/v1/collections/notes/records/batch", JsonSerializer.Serialize(new { vectors }));
            long began = TimeProvider.System.GetTimestamp();
            digest = await ReadyAsync(service);
            longest = (int)TimeProvider.System.GetElapsedTime(began).TotalMilliseconds + 100;
        }
        List<string> found = [];
        for (int round = 0; round < Rounds; round++)
        {
            if (Directory.Exists(Indexes)) Directory.Delete(Indexes, recursive: true);
            await using (RunningService service = await RunningService.StartAsync(_directory.Path))
            {
                await service.DoneAsync(HttpMethod.Post, "/v1/collections/notes/index/wait", """{"timeout_ms":0}""");
                // In one half at a random moment, mostly of the build; in the other as soon as the file is begun. Nothing is waited for but the moment.
                if (round % 2 == 0) await Task.Delay(random.Next(longest));
                else await BeginningOfSaveAsync();
                service.Process.Kill();
                await service.Process.EndAsync();
            }
            string[] left = Directory.Exists(Indexes) ? Directory.GetFiles(Indexes) : [], halves = [.. left.Where(file => file.EndsWith(".tmp", StringComparison.Ordinal))];
            found.Add(halves.Length > 0 ? "half a file" : left.Length > 0 ? "a file" : "none");
            await using (RunningService service = await RunningService.StartAsync(_directory.Path))
            {
                Assert.Equal((Seed, digest), (Seed, await ReadyAsync(service)));
                Assert.Empty(Directory.GetFiles(Indexes).Intersect(halves));
                JsonElement hits = await service.DoneAsync(
                    HttpMethod.Post, "/v1/collections/notes/search", $$"""{"vector":[{{string.Join(',', new int[Dimension])}}],"k":10,"mode":"approximate"}""");
                Assert.Equal((10, digest), (hits.GetProperty("hits").GetArrayLength(), hits.GetProperty("answered").GetProperty("graph").GetString()));
            }
        }
        output.WriteLine($"seed {Seed}, up to {longest} ms: {string.Join(", ", found)}");
    }

    private async Task BeginningOfSaveAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (!Directory.Exists(Indexes) || Directory.GetFiles(Indexes).Length == 0) await Task.Delay(1, limit.Token);
    }

    private static async Task<string> ReadyAsync(RunningService service)
    {
        JsonElement status = await service.DoneAsync(HttpMethod.Post, "/v1/collections/notes/index/wait", """{"timeout_ms":60000}""");
        Assert.True(status.GetProperty("ready").GetBoolean(), status.GetRawText());
        return status.GetProperty("graph").GetProperty("digest").GetString()!;
    }
}
