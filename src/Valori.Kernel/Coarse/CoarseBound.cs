namespace Valori.Kernel.Coarse;

/// <summary>
/// Why a coarse scan never loses a hit. All quantities are integers, or doubles with a margin, and every rounding is against pruning.
/// </summary>
/// <remarks>
/// <para>A row is <c>x = c + y</c> with the center <c>c</c> (<see cref="CoarseScale"/>). With the codes <c>m</c> of the upper plane and the half
/// steps <c>H</c>, <c>y = (2 m - 15) 16 H + e</c> in each component, where the norm <c>|e|</c> is known of each row. A query is <c>q = c + p</c>,
/// and <c>64 H p = 2^h d + f</c>: power of two times code, exact error (<see cref="CoarseQuery"/>). Then</para>
/// <code>
/// score = |x - q|^2 = |y - p|^2 = |y|^2 + |p|^2 - 2 y.p
/// 2 y.p = (m - 7.5).(64 H p) + 2 e.p = 2^h (m.d - 7.5 sum(d)) + (2 m - 15).f / 2 + 2 e.p
/// </code>
/// <para>and by Cauchy-Schwarz <c>(2 m - 15).f / 2 + 2 e.p &lt;= C F / 2 + 2 |e| P</c>, where C is the segment's largest norm of <c>2 m - 15</c>, and
/// F and P are the norms of f and p. So a row has a score above the worst hit so far, and cannot enter, if
/// <c>|y|^2 - 2 |e| P - 2^h m.d &gt; worst - |p|^2 + C F / 2 - 2^h 7.5 sum(d)</c>. Every other row is scored exactly, so the answer is that of
/// the exact scan.</para>
/// <para>The same holds for the first components alone: their part of the score is computed in the same way from their part of m, d, y, e and p, and
/// the rest of the score is a sum of squares. So a row that its first part excludes (<see cref="CoarseShape"/>) is excluded for good.</para>
/// <para>A row that is not excluded is looked at once more with finer codes of the query, and then with the lower plane. Its codes <c>l</c> add
/// <c>(l - 7.5) 4 H p</c>, and what both planes leave out is much smaller than e.</para>
/// <para>For inner products, a row is excluded if <c>x.q'</c> is below some integer <c>W</c>, where the query <c>q'</c> and W stand for the
/// query that was asked and the worst hit (<see cref="DotQuery"/>). As <c>2 x.q' = |x|^2 + |q'|^2 - |x - q'|^2</c>, that is so if
/// <c>|x - q'|^2 &gt; |x|^2 + |q'|^2 - 2 W</c>: the same as above, with a worst distance that depends on the row by the term
/// <c>|x|^2</c> alone, which is known when the column is made. The column holds <c>|y|^2 - (|x|^2 - |c|^2)</c> in place of
/// <c>|y|^2</c>, for both parts, and <c>worst = |c|^2 + |q'|^2 - 2 W</c>. The center's norm stands on both sides so that what the column
/// holds stays small. Partial sums are as sound as before: the distance of the first components is at most the whole distance, and
/// the term of the row is that of all its components.</para>
/// </remarks>
internal static class CoarseBound
{
    /// <summary>
    /// Vectors of a larger squared raw norm (a Euclidean norm of 4,096) are scanned exactly. Up to here, |y|^2, |p|^2 and each 64 H p are below 2^60,
    /// so they and their differences fit 64 bits: no component of c is longer than that of a row, and H is at most 12 times the spread over 256.
    /// </summary>
    public const long LargestSquaredNorm = 1L << 56;

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
