using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Benchmarks.Data;

/// <summary>The rows and queries of one run, as files that are made when they are first asked for.</summary>
internal sealed class DataSet(BenchmarkOptions options)
{
    private const int RowStream = 1;
    private const int QueryStream = 2;

    /// <summary>Rows of one Apply when a kernel is filled.</summary>
    public const int BatchRows = 10_000;

    public string RowsPath { get; } = Make(options, "rows", options.Rows, RowStream);

    public string QueriesPath { get; } = Make(options, "queries", options.Queries, QueryStream);

    /// <summary>The rows in blocks of <see cref="BatchRows"/>.</summary>
    /// <param name="scale">What every component is multiplied by.</param>
    public IEnumerable<VectorBlock> RowBlocks(float scale = 1) => Blocks(RowsPath, BatchRows, scale);

    /// <summary>The queries, one in a block.</summary>
    public VectorBlock[] Queries(float scale = 1) => [.. Blocks(QueriesPath, 1, scale)];

    /// <summary>The queries in blocks of <paramref name="count"/>; what is left over at the end is left out.</summary>
    public VectorBlock[] QueryBatches(int count) => [.. Blocks(QueriesPath, count, 1).Where(block => block.Count == count)];

    /// <summary>A kernel with all of the rows.</summary>
    /// <param name="tagOf">The tag of a row; 0 if null.</param>
    public ValoriKernel BuildKernel(float scale = 1, Func<int, ulong>? tagOf = null)
    {
        ValoriKernel kernel = new(options.Dimension);
        int row = 0;
        foreach (VectorBlock block in RowBlocks(scale))
        {
            ulong[] tags = new ulong[block.Count];
            for (int i = 0; i < tags.Length; i++, row++) tags[i] = tagOf?.Invoke(row) ?? 0;
            kernel.Apply(kernel.Decide(new InsertRecords(block, tags)).OrThrow());
        }
        return kernel;
    }

    private IEnumerable<VectorBlock> Blocks(string path, int batchRows, float scale)
    {
        foreach (float[] components in FvecsFile.ReadBatches(path, options.Dimension, batchRows))
        {
            for (int i = 0; scale != 1 && i < components.Length; i++) components[i] *= scale;
            yield return VectorBlock.FromComponents(options.Dimension, components).OrThrow();
        }
    }

    private static string Make(BenchmarkOptions options, string what, int count, int stream)
    {
        Directory.CreateDirectory(options.Data.FullName);
        string path = Path.Combine(options.Data.FullName, $"{what}{(options.Kind == DataKind.Clustered ? "" : $"-{options.Kind.ToString().ToLowerInvariant()}")}-s{options.Seed}-{count}x{options.Dimension}.fvecs");
        if (File.Exists(path)) return path;
        IVectors vectors = options.Kind == DataKind.Clustered
            ? new ClusteredVectors(options.Dimension, options.Seed, (ulong)stream)
            : new SpectrumVectors(options.Dimension, options.Kind == DataKind.PowerLaw, options.Seed, (ulong)stream);
        FvecsFile.Write(path, options.Dimension, count, components => vectors.Next(components));
        return path;
    }
}
