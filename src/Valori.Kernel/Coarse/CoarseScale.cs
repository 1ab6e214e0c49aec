using Valori.Kernel.Vectors;

namespace Valori.Kernel.Coarse;

/// <summary>
/// How vectors are coarsened: a center that is taken off, and for each component the step between two neighbouring codes of 8 bits, in raw
/// units. The steps follow the spread of their components, so that a component of small values has as many codes as one of large values.
/// Segments of alike data share one, so a query is prepared once for all of them.
/// </summary>
internal sealed class CoarseScale
{
    /// <summary>
    /// Larger dimensions are scanned exactly: up to here every sum of code products stays inside 31 bits.
    /// </summary>
    public const int MaximumDimension = 16_384;

    // Enough to know mean and spread of.
    private const int SampledRows = 1_024;

    // Of those, as many as tell how far from the mean codes should reach.
    private const int TriedRows = 64;

    // In units of the spread. Four bits lose least of normally distributed values at 2.7, and eight bits at 4. Wider ones are for values that
    // are mostly small and sometimes large.
    private static readonly double[] Reaches = [3, 4.5, 7, 12];

    // Bits of a typical squared norm in units of 2^NormShift: three less than there is room for.
    private const int NormBits = CoarseMark.NormBits - 4;

    private CoarseScale(CoarseShape shape, int[] center, int[] halfSteps, long typicalNorm)
    {
        Shape = shape;
        Center = center;
        HalfSteps = halfSteps;
        TypicalNorm = typicalNorm;
        double reach = 0;
        for (int i = 0; i < center.Length; i++)
        {
            SquaredCenterNorm += (long)center[i] * center[i];
            reach += 256.0 * 256 * halfSteps[i] * halfSteps[i];
        }
        Reach = Math.Sqrt(reach);
        CenterNorm = CoarseBound.RootUp(SquaredCenterNorm);
        // A typical row is a third as far from the center.
        NormShift = Math.Max(0, (int)Math.Log2(reach / 9) + 1 - NormBits);
    }

    public CoarseShape Shape { get; }

    public int[] Center { get; }

    /// <summary>
    /// Of each component, half of a step, at least 1: with the code <c>n</c> of 8 bits it is about <c>center + (2 n - 255) HalfStep</c>, and
    /// with its upper four bits <c>m</c> about <c>center + (2 m - 15) 16 HalfStep</c>.
    /// </summary>
    public int[] HalfSteps { get; }

    /// <summary>The exact squared norm of the center. No row is longer than 2^28, so neither is their mean.</summary>
    public long SquaredCenterNorm { get; }

    /// <summary>Its root, rounded up.</summary>
    public long CenterNorm { get; }

    /// <summary>About the Euclidean norm of the rows that it was made for, at least 1: what a query for inner products is brought to.</summary>
    public long TypicalNorm { get; }

    /// <summary>About the distance from the center of the farthest codes: only its order of magnitude counts.</summary>
    public double Reach { get; }

    /// <summary>Squared norms are kept in units of <c>2^NormShift</c>.</summary>
    public int NormShift { get; }

    /// <summary>Of the segment that it was made for, the mean norm of what the upper four bits leave out; 0 before it is known.</summary>
    public double OwnError { get; set; }

    /// <summary>Of the segment that it was made for, the mean squared distance from the center.</summary>
    public double OwnSpread { get; set; }

    /// <summary>The scale that fits a full segment.</summary>
    public static CoarseScale Fit(VectorColumn vectors, ReadOnlySpan<long> squaredNorms, CoarseShape shape)
    {
        int rows = squaredNorms.Length, stride = Math.Max(1, rows / SampledRows), dimension = shape.Dimension;
        int[] raw = new int[dimension], center = new int[dimension], halfSteps = new int[dimension];
        double[] sums = new double[dimension], squares = new double[dimension];
        int sampled = 0;
        for (int row = 0; row < rows; row += stride, sampled++)
        {
            vectors.CopyRow(row, dimension, raw);
            for (int i = 0; i < raw.Length; i++)
            {
                sums[i] += raw[i];
                squares[i] += (double)raw[i] * raw[i];
            }
        }
        for (int i = 0; i < center.Length; i++)
        {
            double mean = sums[i] / sampled;
            center[i] = (int)mean;
            squares[i] = Math.Sqrt(Math.Max(0, squares[i] / sampled - mean * mean));
        }
        double least = double.PositiveInfinity;
        foreach (double reach in Reaches)
        {
            int[] tried = Array.ConvertAll(squares, spread => (int)Math.Max(1, Math.Ceiling(reach * spread / 256)));
            double lost = Lost(vectors, rows, center, tried);
            if (lost < least) (least, halfSteps) = (lost, tried);
        }
        Int128 norms = 0;
        foreach (long norm in squaredNorms) norms += norm;
        return new CoarseScale(shape, center, halfSteps, Math.Max(1, CoarseBound.RootUp((long)(norms / rows))));
    }

    /// <summary>About what the upper four bits would leave out of some rows.</summary>
    private static double Lost(VectorColumn vectors, int rows, int[] center, int[] halfSteps)
    {
        int[] raw = new int[center.Length];
        double lost = 0;
        for (int row = 0; row < rows; row += Math.Max(1, rows / TriedRows))
        {
            vectors.CopyRow(row, raw.Length, raw);
            for (int i = 0; i < raw.Length; i++)
            {
                double step = 32.0 * halfSteps[i], y = raw[i] - center[i];
                double error = y - (Math.Clamp(Math.Floor(y / step), -8, 7) + 0.5) * step;
                lost += error * error;
            }
        }
        return lost;
    }
}
