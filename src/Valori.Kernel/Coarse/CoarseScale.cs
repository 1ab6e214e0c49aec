using System.Numerics;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Coarse;

/// <summary>
/// How vectors are coarsened: a center that is taken off, and the step between two neighbouring codes, both in raw units.
/// With <c>y = x - center</c>, a row is <c>y = step * code + error</c>, exactly, in integers. Immutable; segments of alike
/// data share one, so a query is prepared once for all of them.
/// </summary>
internal sealed class CoarseScale
{
    /// <summary>Largest magnitude of a row's code: with the offset, codes are bytes of 1..127 (<see cref="CoarseColumn"/>).</summary>
    public const int MaximumCode = 63;

    /// <summary>
    /// Larger dimensions are scanned exactly: up to here every sum of code products, with all offsets, stays inside 31 bits.
    /// </summary>
    public const int MaximumDimension = 16_384;

    // A row's codes and a query's codes have about the same magnitude if 2^NormShift is step^2; three bits more let
    // queries shorter than the rows keep their precision, and the norms still fit 30 bits.
    private const int NormBits = 3;

    private CoarseScale(CoarseShape shape, int[] center, int step, long typicalNorm)
    {
        Shape = shape;
        Center = center;
        Step = step;
        TypicalNorm = typicalNorm;
        foreach (int value in center) SquaredCenterNorm += (long)value * value;
        NormShift = Math.Max(0, BitOperations.Log2((ulong)((long)step * step)) + 1 - NormBits);
    }

    public CoarseShape Shape { get; }

    public int[] Center { get; }

    public int Step { get; }

    /// <summary>The exact squared norm of the center. No row is longer than 2^28, so neither is their mean.</summary>
    public long SquaredCenterNorm { get; }

    /// <summary>About the Euclidean norm of the rows that it was made for, at least 1: what a query for inner products is brought to.</summary>
    public long TypicalNorm { get; }

    /// <summary>Largest magnitude of a component of y that has a code.</summary>
    public long Reach => (long)MaximumCode * Step;

    /// <summary>Squared norms of y are kept in units of <c>2^NormShift</c>.</summary>
    public int NormShift { get; }

    /// <summary>The scale that fits a full segment: centered on its mean, wide enough for all rows but far outliers.</summary>
    public static CoarseScale Fit(VectorColumn vectors, ReadOnlySpan<long> squaredNorms, CoarseShape shape)
    {
        int rows = squaredNorms.Length;
        int dimension = shape.Dimension;
        int[] raw = new int[dimension], center = new int[dimension];
        long[] sums = new long[dimension];
        for (int row = 0; row < rows; row++)
        {
            vectors.CopyRow(row, dimension, raw);
            for (int i = 0; i < raw.Length; i++) sums[i] += raw[i];
        }
        for (int i = 0; i < center.Length; i++) center[i] = (int)(sums[i] / rows);

        long[] largest = new long[rows];
        for (int row = 0; row < rows; row++)
        {
            vectors.CopyRow(row, dimension, raw);
            for (int i = 0; i < raw.Length; i++) largest[row] = Math.Max(largest[row], Math.Abs((long)raw[i] - center[i]));
        }
        Array.Sort(largest);
        // A few far outliers would coarsen every other row. Left out of the reach, they are always scored exactly.
        long reach = Math.Min(largest[^1], 2 * largest[rows - 1 - rows / 64]);
        // An eighth of headroom, so that the next segments fit the same scale.
        Int128 norms = 0;
        foreach (long norm in squaredNorms) norms += norm;
        return new CoarseScale(shape, center, (int)Math.Max(2, (reach + reach / 8) / MaximumCode + 1), Math.Max(1, CoarseBound.RootUp((long)(norms / rows))));
    }
}
