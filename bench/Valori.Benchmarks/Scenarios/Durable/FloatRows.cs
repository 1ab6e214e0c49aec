using Valori.Benchmarks.Data;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>An endless supply of vectors as a client has them, and the way in for bulk loads.</summary>
internal sealed class FloatRows(BenchmarkOptions options, ulong stream)
{
    private readonly ClusteredVectors _vectors = new(options.Dimension, options.Seed, stream);

    public float[] Next() => Next(1);

    /// <summary>That many vectors, one after another.</summary>
    public float[] Next(int rows)
    {
        float[] components = new float[rows * options.Dimension];
        for (int row = 0; row < rows; row++) _vectors.Next(components.AsSpan(row * options.Dimension, options.Dimension));
        return components;
    }
}
