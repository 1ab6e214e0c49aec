namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>A directory on the disk that is measured, gone afterwards.</summary>
internal sealed class BenchDirectory : IDisposable
{
    /// <param name="options">The directory lies beside the data: on a real disk, not in memory.</param>
    public BenchDirectory(BenchmarkOptions options)
    {
        Path = System.IO.Path.Combine(options.Data.FullName, "durable-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
