namespace Valori.Kernel.Coarse;

/// <summary>
/// Why a coarse scan never loses a hit. All quantities are integers and every rounding is against pruning.
/// </summary>
/// <remarks>
/// <para>A row is <c>x = m + y</c>, <c>y = s c + e</c>: center, step times code, exact error (<see cref="CoarseScale"/>). A
/// query is <c>q = m + p</c>, and its scaled form <c>2 s p = 2^h d + f</c>: power of two times code, exact error
/// (<see cref="CoarseQuery"/>). Then</para>
/// <code>
/// score = |x - q|^2 = |y - p|^2 = |y|^2 + |p|^2 - 2 y.p
/// 2 y.p = c.(2 s p) + 2 e.p     = 2^h (c.d) + c.f + 2 e.p
/// </code>
/// <para>and by Cauchy-Schwarz <c>c.f + 2 e.p &lt;= |c||f| + 2|e||p| &lt;= C F + 2 E |p|</c> with the segment's largest
/// code and error norms. So a row whose <c>|y|^2 - 2^h (c.d)</c> exceeds <c>B = worst - |p|^2 + C F + 2 E |p|</c> has a score above
/// the worst hit so far, and cannot enter. In units of <c>2^h</c>: it is excluded if
/// <c>floor(|y|^2 / 2^h) - ceil(B / 2^h) &gt; c.d</c>. Every other row is scored exactly, so the answer is that of the exact scan.</para>
/// <para>The same holds for the first components alone: their part of the score is computed in the same way from their part of
/// c, d, y and p, with no larger slack, and the rest of the score is a sum of squares. So a row that the first
/// stratum of components excludes (<see cref="CoarseShape"/>) is excluded for good, and the others of it are not read.</para>
/// <para>For inner products, a row is excluded if <c>x.q'</c> is below some integer <c>W</c>, where the query <c>q'</c> and W stand for the
/// query that was asked and the worst hit (<see cref="DotQuery"/>). As <c>2 x.q' = |x|^2 + |q'|^2 - |x - q'|^2</c>, that is so if
/// <c>|x - q'|^2 &gt; |x|^2 + |q'|^2 - 2 W</c>: the same as above, with a worst distance that depends on the row by the term
/// <c>|x|^2</c> alone, which is known when the column is made. The column holds <c>|y|^2 - (|x|^2 - |m|^2)</c> in place of
/// <c>|y|^2</c>, per stratum, and <c>worst = |m|^2 + |q'|^2 - 2 W</c>. The center's norm stands on both sides so that what the column
/// holds stays small. Partial sums are as sound as before: the distance of the first components is at most the whole distance, and
/// the term of the row is that of all its components.</para>
/// </remarks>
internal static class CoarseBound
{
    /// <summary>
    /// Vectors of a larger squared raw norm (a Euclidean norm of 4,096) are scanned exactly: up to here every intermediate
    /// of a coarse row fits its integer.
    /// </summary>
    public const long LargestSquaredNorm = 1L << 56;

    // Sums of code products stay below 2^28, norms below 2^30: with a bound below this nothing overflows 32 bits.
    private const int Range = 1 << 30;

    /// <summary>
    /// Per stratum, what is added to a row's sum of code products (with offset), so that the row is excluded if its norm
    /// exceeds the result.
    /// </summary>
    /// <param name="worstCost">A row whose cost (its score, or its negated inner product) is not above it stays.</param>
    /// <returns>False if the worst hit is too far away to exclude anything.</returns>
    public static bool TryAddends(CoarseColumn column, CoarseQuery query, long worstCost, Span<int> addends)
    {
        Int128 worst = query.WorstDistance(column, worstCost);
        Int128 slack = (Int128)column.LargestCodeNorm * query.ErrorNorm + 2 * (Int128)column.LargestErrorNorm * query.Norm;
        // A smaller bound than the true one would exclude too much, so at the low end it is cut off upwards: if no sum of
        // products can bring it below the mark of unbounded rows.
        long lowest = (CoarseColumn.Unbounded >> query.RowShift) + (long)column.Shape.Groups * CoarseShape.GroupComponents * 127 * CoarseQuery.MaximumCode;
        for (int stratum = 0; stratum < addends.Length; stratum++)
        {
            Int128 bound = worst - query.SquaredNorms[stratum] + slack;
            Int128 inUnits = -(-bound >> query.Shift);
            if (inUnits > Range) return false;
            addends[stratum] = (int)Int128.Max(inUnits - query.OffsetSums[stratum], lowest);
        }
        return true;
    }

    /// <summary>The square root, rounded up.</summary>
    public static long RootUp(long square)
    {
        // The double is off by a few units at most; the integers settle it.
        long root = (long)Math.Sqrt(square);
        while (root * root < square) root++;
        while (root > 0 && (root - 1) * (root - 1) >= square) root--;
        return root;
    }
}
