namespace Valori.Kernel.Coarse;

/// <summary>
/// How a query <c>q</c> for inner products becomes one for distances: <c>q = 2^-j q' + r</c>, where <c>q'</c> is about as long as the
/// rows. The order by <c>x.q</c> does not depend on the length of <c>q</c>, but the bound does: it gives away
/// <c>|x - q'|^2 / 2</c> of the components that are not read yet, which is least if both are equally long (<see cref="CoarseBound"/>).
/// </summary>
internal readonly struct DotQuery
{
    // q' has j more bits than q; negative if it has fewer.
    private readonly int _shift;
    private readonly long _squaredNorm;
    private readonly long _restNorm;

    private DotQuery(int shift, long squaredNorm, long restNorm) => (_shift, _squaredNorm, _restNorm) = (shift, squaredNorm, restNorm);

    /// <summary>Of a query for distances.</summary>
    public static DotQuery None => default;

    /// <param name="squaredNorm">Of the raw values, at most <see cref="CoarseBound.LargestSquaredNorm"/>.</param>
    /// <param name="brought">The raw values of q'.</param>
    public static DotQuery Of(CoarseScale scale, ReadOnlySpan<int> raw, long squaredNorm, out int[] brought)
    {
        int shift = squaredNorm == 0 ? 0 : (int)Math.Round(Math.Log2(scale.TypicalNorm / Math.Sqrt(squaredNorm)));
        // Not longer than what has a bound.
        while (shift > 0 && (UInt128)squaredNorm << 2 * shift > (ulong)CoarseBound.LargestSquaredNorm) shift--;
        brought = new int[raw.Length];
        long norm = 0, rest = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            brought[i] = shift >= 0 ? raw[i] << shift : (int)((raw[i] + (1L << -shift >> 1)) >> -shift);
            norm += (long)brought[i] * brought[i];
            if (shift >= 0) continue;
            long r = raw[i] - ((long)brought[i] << -shift);
            rest += r * r;
        }
        return new DotQuery(shift, norm, CoarseBound.RootUp(rest));
    }

    /// <summary>
    /// The <c>worst</c> of <see cref="CoarseBound"/> for inner products, <c>|c|^2 + |q'|^2 - 2 W</c>: a row whose distance from q' is above it, with its own norms added, has
    /// an inner product below the worst hit's.
    /// </summary>
    /// <param name="worstCost">Of the worst hit: its inner product with q, negated.</param>
    public Int128 WorstDistance(CoarseColumn column, long worstCost)
    {
        // x.q = 2^-j x.q' + x.r < -cost follows from x.q' < 2^j (-cost - |x||r|), rounded down.
        Int128 least = -(Int128)worstCost - (Int128)column.LargestNorm * _restNorm;
        least = _shift >= 0 ? least << _shift : least >> -_shift;
        return column.Scale.SquaredCenterNorm + (Int128)_squaredNorm - 2 * least;
    }
}
