using Akka.Configuration;

namespace Valori.Actors.Tests.Indexes;

/// <summary>A directory with a collection whose graph is small, and searches of it.</summary>
internal sealed class IndexedCollection : IDisposable
{
    public const int Dimension = 8, Minimum = 200;

    private readonly TemporaryDirectory _directory = new();

    public string Path => _directory.Path;

    public string GraphPath => System.IO.Path.Combine(Path, "indexes", "valori-notes.graph");

    public static Task<ValoriEngine> OpenAsync(string path, string more = "") => ValoriEngine.OpenAsync(path, new ValoriOptions
    {
        Name = "notes",
        Dimension = Dimension,
        Configuration = ConfigurationFactory.ParseString($"{more}\nvalori.index {{ min-records = {Minimum}, growth-percent = 50, degree = 8, build-beam = 16 }}"),
    });

    public Task<ValoriEngine> OpenAsync(string more = "") => OpenAsync(Path, more);

    /// <summary>Rows that come in clusters, the same for the same seed. Row i has the fields n = i and cluster = i % 10, which its place depends on.</summary>
    public static NewRecord[] Rows(int count, int seed)
    {
        Random random = new(seed);
        float[][] centers = [.. Enumerable.Range(0, 10).Select(_ => Vector(new Random(7 + _), 4))];
        return [.. Enumerable.Range(0, count).Select(i => new NewRecord(Vector(random, 0.5f).Zip(centers[i % 10], (a, b) => a + b).ToArray())
        {
            Fields = new FieldsBuilder { ["n"] = i, ["cluster"] = i % 10 }.Build(),
        })];
    }

    public static float[] Vector(Random random, float size) => [.. Enumerable.Range(0, Dimension).Select(_ => size * (random.NextSingle() - 0.5f))];

    public static async Task<IndexStatus> ReadyAsync(ValoriEngine engine)
    {
        IndexStatus status = await engine.WaitForIndexAsync(TimeSpan.FromSeconds(60));
        Assert.True(status.IsReady, $"{status}");
        return status;
    }

    public static SearchQuery Near(ValoriEngine engine, float[] vector, int k, int beam = 64) => engine.QueryOf(vector, k) with { Mode = SearchMode.Approximate(beam) };

    public void Dispose() => _directory.Dispose();
}
