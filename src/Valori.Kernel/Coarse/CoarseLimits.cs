using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Valori.Kernel.Coarse;

/// <summary>The bounds of <see cref="CoarseBound"/> for one query in one column while the worst hit has one cost.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct CoarseLimits
{
    // Doubles of 53 bits: no term of a fine bound is off by more than this part of the largest.
    internal const double Precision = 1.0 / (1L << 40);

    private readonly double _normUnit;
    private readonly double _fineUnit;
    private readonly double _upperErrorFactor;
    private readonly double _errorFactor;
    private readonly double _upperLimit;
    private readonly double _limit;

    private CoarseLimits(CoarseColumn column, CoarseQuery query, Int128 worst)
    {
        CoarseQueryPart whole = query.Whole;
        double norm = whole.Norm;
        _normUnit = Math.ScaleB(1, column.Scale.NormShift);
        _fineUnit = Math.ScaleB(1, query.Shift - query.FineBits);
        _upperErrorFactor = 2 * norm * column.UpperErrorUnit;
        _errorFactor = 2 * norm * column.ErrorUnit;
        // With the lower plane, the codes are at most that much longer, in units of the upper plane.
        double codeNorm = column.LargestCodeNorm, codeNormOfBoth = codeNorm + column.Shape.LongestFraction;
        double rows = column.LargestNorm + column.Scale.CenterNorm + column.Scale.Reach + CoarseMark.LargestError * (double)column.UpperErrorUnit;
        double largest = Math.Abs((double)worst) + 16 * (rows + norm) * (rows + norm);
        double bound = (double)worst - whole.SquaredNorm + largest * Precision;
        _upperLimit = bound + codeNorm * query.FineErrorNorm / 2 - 7.5 * query.FineSum * _fineUnit;
        _limit = bound + codeNormOfBoth * query.FineErrorNorm / 2 - 7.5 * (1 + 1.0 / 16) * query.FineSum * _fineUnit;
    }

    /// <summary>For blocks of rows, by the codes of the first part alone.</summary>
    public CoarseBlockLimit First { get; private init; }

    /// <summary>For blocks of rows, by the codes of both parts.</summary>
    public CoarseBlockLimit Whole { get; private init; }

    /// <param name="worstCost">A row whose cost (its score, or its negated inner product) is not above it stays.</param>
    /// <returns>False if the worst hit is too far away to exclude anything.</returns>
    public static bool TryMake(CoarseColumn column, CoarseQuery query, long worstCost, out CoarseLimits limits)
    {
        limits = default;
        Int128 worst = query.WorstDistance(column, worstCost);
        if (CoarseBlockLimit.TryMake(column, query, query.First, worst) is not { } first || CoarseBlockLimit.TryMake(column, query, query.Whole, worst) is not { } whole) return false;
        limits = new CoarseLimits(column, query, worst) { First = first, Whole = whole };
        return true;
    }

    /// <summary>Whether the upper plane excludes a row.</summary>
    /// <param name="sum">Of the products of its codes and the fine codes of the query.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Excludes(int mark, long sum) =>
        mark != CoarseMark.Unbounded && CoarseMark.Norm(mark) * _normUnit - CoarseMark.UpperError(mark) * _upperErrorFactor - sum * _fineUnit > _upperLimit;

    /// <summary>Whether both planes exclude a row.</summary>
    /// <param name="sum">Of the upper plane.</param>
    /// <param name="lowerSum">Of the lower plane.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Excludes(int mark, long sum, long lowerSum) =>
        CoarseMark.Error(mark) != CoarseMark.LargestError && mark != CoarseMark.Unbounded
        && CoarseMark.Norm(mark) * _normUnit - CoarseMark.Error(mark) * _errorFactor - (sum + lowerSum / 16.0) * _fineUnit > _limit;
}

/// <summary>A bound in the integers that blocks of rows are compared with: in units of <c>2^h</c>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct CoarseBlockLimit
{
    // Sums of code products stay below 2^25, norms below 2^17, what errors take below 2^29: with a bound below this nothing overflows 32 bits.
    private const int Range = 1 << 29;

    private CoarseBlockLimit(int shift, int errorFactor, int addend) => (Shift, ErrorFactor, Addend) = (shift, errorFactor, addend);

    /// <summary>What brings a mark to its norm in units of <c>2^h</c>: at most 31.</summary>
    public int Shift { get; }

    /// <summary>What the error of a mark is multiplied by.</summary>
    public int ErrorFactor { get; }

    /// <summary>What is added to a row's sum of code products, so that the row is excluded if the rest of its mark exceeds the result.</summary>
    public int Addend { get; }

    /// <returns>Null if nothing can be excluded.</returns>
    public static CoarseBlockLimit? TryMake(CoarseColumn column, CoarseQuery query, CoarseQueryPart part, Int128 worst)
    {
        double unit = Math.ScaleB(1, -query.Shift), slack = column.LargestCodeNorm * part.ErrorNorm / 2, distance = (double)worst;
        // (worst - |p|^2 + C F / 2) / 2^h - 7.5 sum(d), rounded up; and 2 |e| P / 2^h per unit of |e|. The last 1 is more than doubles are off.
        double addend = Math.Ceiling((distance - part.SquaredNorm + slack + (Math.Abs(distance) + part.SquaredNorm + slack) * CoarseLimits.Precision) * unit - 7.5 * part.Sum) + 1;
        double errorFactor = Math.Ceiling(2.0 * part.Norm * column.UpperErrorUnit * unit * (1 + CoarseLimits.Precision));
        if (!(addend <= Range) || errorFactor * CoarseMark.LargestError > Range) return null;
        // A smaller bound than the true one would exclude too much, so at the low end it is cut off upwards.
        return new CoarseBlockLimit(Math.Min(31, CoarseMark.NormPlace + query.Shift - column.Scale.NormShift), (int)errorFactor, (int)Math.Max(addend, -Range));
    }

    /// <summary>Whether a row is excluded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Excludes(int mark, int sum) => mark != CoarseMark.Unbounded && (mark >> Shift) - CoarseMark.UpperError(mark) * ErrorFactor > sum + Addend;

    /// <summary>One bit a row: set if the bound does not exclude it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Kept(Vector256<int> marks, Vector256<int> sums)
    {
        Vector256<int> left = (marks >> Shift) - (marks & Vector256.Create(CoarseMark.LargestError)) * ErrorFactor;
        Vector256<int> excluded = Vector256.AndNot(Vector256.GreaterThan(left, sums + Vector256.Create(Addend)), Vector256.Equals(marks, Vector256.Create(CoarseMark.Unbounded)));
        return ~excluded.ExtractMostSignificantBits() & (1u << CoarseColumn.BlockRows) - 1;
    }
}
