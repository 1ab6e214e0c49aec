namespace Valori.Kernel.Proximity;

/// <summary>
/// How vectors become codes of 7 bits: a center for each component and one step for all, in raw units, so that squared distances of codes
/// are about those of the vectors, divided by the square of the step. Immutable; a function of the vectors of a graph.
/// </summary>
/// <remarks>
/// With <see cref="Metric.Dot"/>, a row has one component more, the root of what its squared norm lacks of the largest one. All rows then
/// have the same norm, and the nearest are those with the largest inner product.
/// </remarks>
internal sealed class CodeScale
{
    /// <summary>Codes are 0..127.</summary>
    public const int LargestCode = 127;

    /// <summary>The code of the center.</summary>
    public const int CenterCode = 64;

    // A function of content is wanted, not all of the content: with these rows the step is known to a percent.
    private const int SampleRows = 4_096;

    // Components that are so many times as large as the largest of a row in the middle are cut off.
    private const int OutlierFactor = 4;

    public CodeScale(int[] center, int step, long largestSquaredNorm)
    {
        Center = center;
        Step = step;
        LargestSquaredNorm = largestSquaredNorm;
    }

    /// <summary>For each component that has a code.</summary>
    public int[] Center { get; }

    /// <summary>Raw units from a code to the next, at least 1.</summary>
    public int Step { get; }

    /// <summary>With <see cref="Metric.Dot"/>, of all rows of the graph; otherwise 0.</summary>
    public long LargestSquaredNorm { get; }

    /// <summary>Components that have a code.</summary>
    public int Components => Center.Length;

    public static int ComponentsOf(EngineSchema schema) => schema.Dimension + (schema.Metric == Metric.Dot ? 1 : 0);

    /// <summary>Bytes of a row's codes with what pads them.</summary>
    public static int BytesOf(int components) => (components + CodeDistance.Granularity - 1) / CodeDistance.Granularity * CodeDistance.Granularity;

    /// <param name="rows">The number of rows of the graph.</param>
    /// <param name="copyRow">Copies the components of one of them, the additional one included.</param>
    public static CodeScale Fit(int components, int rows, long largestSquaredNorm, Action<int, int[]> copyRow)
    {
        int sample = Math.Min(rows, SampleRows);
        int[] raw = new int[components], center = new int[components];
        long[] sums = new long[components];
        for (int row = 0; row < sample; row++)
        {
            copyRow(row, raw);
            for (int i = 0; i < raw.Length; i++) sums[i] += raw[i];
        }
        for (int i = 0; sample > 0 && i < center.Length; i++) center[i] = (int)(sums[i] / sample);

        long[] largest = new long[Math.Max(sample, 1)];
        for (int row = 0; row < sample; row++)
        {
            copyRow(row, raw);
            for (int i = 0; i < raw.Length; i++) largest[row] = Math.Max(largest[row], Math.Abs((long)raw[i] - center[i]));
        }
        Array.Sort(largest);
        // What is cut off costs far more than coarser codes: without clusters, half as many distances again if the outermost tenth of the rows is.
        // A few far outliers must not coarsen all others, though. A fifth of headroom is for the rows that are not in the sample.
        long reach = Math.Min(largest[^1], OutlierFactor * largest[largest.Length / 2]);
        return new CodeScale(center, (int)Math.Clamp((reach + reach / 5) / (LargestCode - CenterCode) + 1, 1, int.MaxValue), largestSquaredNorm);
    }

    /// <summary>Writes the codes of a row or of a query.</summary>
    /// <param name="codes">Of <see cref="BytesOf"/>; what pads them becomes 0.</param>
    public void Encode(ReadOnlySpan<int> raw, Span<byte> codes)
    {
        // Both are integers of at most 34 bits, so the quotient in binary64 is never rounded up to the next integer: its floor is exact.
        double step = Step, half = Step / 2;
        for (int i = 0; i < raw.Length; i++) codes[i] = (byte)Math.Clamp(CenterCode + Math.Floor((raw[i] - (double)Center[i] + half) / step), 0, LargestCode);
        codes[raw.Length..].Clear();
    }

    /// <summary>
    /// Writes what a query is multiplied with by <see cref="CodeDistance.Product"/>: its components, with a magnitude of at most 127. How large it
    /// is does not matter for which products are the largest, and neither do the centers, which add the same to all.
    /// </summary>
    public void EncodeForProduct(ReadOnlySpan<int> raw, Span<byte> codes)
    {
        long largest = 1;
        foreach (int value in raw) largest = Math.Max(largest, Math.Abs((long)value));
        // Rounds towards 0.
        for (int i = 0; i < raw.Length; i++) codes[i] = (byte)(sbyte)(raw[i] * (long)LargestCode / largest);
        codes[raw.Length..].Clear();
    }

    /// <summary>What the additional component of a row holds: the root, rounded down.</summary>
    public static int Complement(long largestSquaredNorm, long squaredNorm)
    {
        long rest = largestSquaredNorm - squaredNorm;
        long root = (long)Math.Sqrt((double)rest);
        // The root of a double may be off by one: norms have up to 61 bits.
        while (root * root > rest) root--;
        while ((root + 1) * (root + 1) <= rest) root++;
        return (int)Math.Min(root, int.MaxValue);
    }
}
