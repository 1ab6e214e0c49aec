using Valori.Kernel.Vectors;

namespace Valori.Kernel.Tests.Search;

/// <summary>Rows and queries made to break bounds: each kind is what some bound or rounding is worst at.</summary>
internal sealed class AdversarialRows(int seed, int dimension)
{
    public static readonly string[] Kinds =
    [
        "clustered", "uniform", "narrow edges", "all equal", "far from the origin", "outliers", "mixed norms", "sparse", "wide", "bound limit", "tiny", "zero",
    ];

    private readonly Random _random = new(seed);

    public VectorBlock Rows(string kind, int count)
    {
        int[] raw = new int[count * dimension];
        int[][] centers = [.. Enumerable.Range(0, 5).Select(_ => Row("uniform", 0))];
        for (int row = 0; row < count; row++)
        {
            int[] values = kind == "clustered"
                ? [.. centers[_random.Next(centers.Length)].Select(value => Math.Clamp(value + _random.Next(-2000, 2000), -32767, 32767))]
                : Row(kind, row);
            values.CopyTo(raw, row * dimension);
        }
        return ToBlock(raw);
    }

    /// <summary>Queries near and far: a row itself, a row with noise, zero, another kind's row, and the opposite of a row.</summary>
    public VectorBlock Queries(string kind, VectorBlock rows, int count)
    {
        int[] raw = new int[count * dimension], row = new int[dimension];
        for (int query = 0; query < count; query++)
        {
            rows.CopyRow(_random.Next(rows.Count), row);
            int[] values = (query % 5) switch
            {
                0 => row,
                1 => [.. row.Select(value => value + _random.Next(-300, 300))],
                2 => new int[dimension],
                3 => Row(Kinds[_random.Next(1, Kinds.Length)], query),
                _ => [.. row.Select(value => -value)],
            };
            values.CopyTo(raw, query * dimension);
        }
        return ToBlock(raw);
    }

    /// <summary>The same directions, normalised. The zero vector, which has none, gets one.</summary>
    public static VectorBlock Normalised(VectorBlock block)
    {
        float[] components = new float[block.Count * block.Dimension];
        int[] raw = new int[block.Dimension];
        for (int row = 0; row < block.Count; row++)
        {
            block.CopyRow(row, raw);
            if (!raw.AsSpan().ContainsAnyExcept(0)) raw[row % raw.Length] = 1;
            Array.ConvertAll(raw, FixedPoint.ToSingle).CopyTo(components, row * block.Dimension);
        }
        return VectorBlock.FromComponents(new EngineSchema(block.Dimension, Metric.Cosine), components).Value!;
    }

    private int[] Row(string kind, int row)
    {
        int[] values = new int[dimension];
        for (int i = 0; i < dimension; i++) values[i] = Value(kind, row, i);
        return values;
    }

    private int Value(string kind, int row, int i) => kind switch
    {
        "uniform" => _random.Next(-20_000, 20_000),
        "narrow edges" => _random.Next(2) == 0 ? 32_767 : -32_767,
        "all equal" => 12_345 + i,
        "far from the origin" => 30_000 + _random.Next(-40, 40),
        "outliers" => row % 97 == 5 ? _random.Next(-2_000_000, 2_000_000) : _random.Next(-500, 500),
        "mixed norms" => _random.Next(-1, 2) << (row % 20),
        "sparse" => _random.Next(dimension) < 2 ? _random.Next(-32_767, 32_768) : 0,
        "wide" => _random.Next(-14_000_000, 14_000_000),
        // Squared norms just below and above 2^56, where coarse columns end.
        "bound limit" => (int)((row % 2 == 0 ? 0.9999 : 1.001) * (1 << 28) / Math.Sqrt(dimension)) * (_random.Next(2) * 2 - 1),
        "tiny" => _random.Next(-3, 4),
        _ => 0,
    };

    private VectorBlock ToBlock(int[] raw)
    {
        byte[] bytes = new byte[raw.Length * sizeof(int)];
        Buffer.BlockCopy(raw, 0, bytes, 0, bytes.Length);
        // Through floats, so that a block is narrow exactly where an insert's would be.
        float[] components = Array.ConvertAll(raw, FixedPoint.ToSingle);
        return VectorBlock.FromComponents(dimension, components).Value ?? VectorBlock.FromRaw(dimension, false, bytes);
    }
}
