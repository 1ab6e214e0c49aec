using Akka.Configuration;
using Valori.Benchmarks.Data;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>How the scenarios open an engine and fill it.</summary>
internal static class BenchEngine
{
    /// <summary>Records of one batch of a bulk load.</summary>
    public const int BatchRows = 1_000;

    public static Task<ValoriEngine> OpenAsync(string path, BenchmarkOptions options, Config? configuration = null) =>
        ValoriEngine.OpenAsync(path, new ValoriOptions { Dimension = options.Dimension, Configuration = configuration });

    /// <summary>Inserts all rows of the data set, one batch after another.</summary>
    public static async Task FillAsync(ValoriEngine engine, BenchmarkOptions options)
    {
        foreach (float[] components in FvecsFile.ReadBatches(new DataSet(options).RowsPath, options.Dimension, BatchRows))
            await engine.InsertBatchAsync(components, new ulong[components.Length / options.Dimension]);
    }
}
