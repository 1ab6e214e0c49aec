using System.Runtime.InteropServices;

namespace Valori.Kernel.Coarse;

/// <summary>A query in the terms of a scale (<see cref="CoarseBound"/>): <c>2 s p = 2^h d + f</c>. Immutable.</summary>
internal sealed class CoarseQuery
{
    /// <summary>Largest magnitude of a code in a scan of one query: two products with a row's bytes fit 16 bits.</summary>
    public const int MaximumCode = 127;

    /// <summary>The same in a scan of several queries, where four pairs of products are added up in 16 bits first.</summary>
    public const int MaximumBatchCode = 32;

    private readonly sbyte[] _codes;
    private readonly DotQuery _dot;

    /// <summary>A query for the nearest rows.</summary>
    public CoarseQuery(CoarseScale scale, ReadOnlySpan<int> raw, int maximumCode)
        : this(scale, raw, maximumCode, DotQuery.None)
    {
    }

    private CoarseQuery(CoarseScale scale, ReadOnlySpan<int> raw, int maximumCode, in DotQuery dot)
    {
        Scale = scale;
        _dot = dot;
        CoarseShape shape = scale.Shape;
        SquaredNorms = new long[shape.Strata];
        OffsetSums = new int[shape.Strata];
        _codes = new sbyte[shape.Groups * CoarseShape.GroupComponents];

        long largest = 0;
        for (int i = 0; i < raw.Length; i++) largest = Math.Max(largest, Math.Abs((long)raw[i] - scale.Center[i]));
        long twice = 2L * scale.Step;
        Shift = scale.NormShift;
        while ((largest * twice + (1L << Shift >> 1)) >> Shift > maximumCode) Shift++;

        // Errors reach 2^(shift - 1): they are squared in units that keep the sum inside 64 bits, rounded up.
        int errorShift = Math.Max(0, Shift - 25);
        long half = 1L << Shift >> 1, squaredNorm = 0, squaredError = 0, sum = 0;
        for (int stratum = 0, i = 0; stratum < shape.Strata; stratum++)
        {
            for (; i < shape.EndComponent(stratum); i++)
            {
                long p = (long)raw[i] - scale.Center[i], scaled = p * twice;
                long code = (scaled + half) >> Shift;
                long error = Math.Abs(scaled - (code << Shift));
                if (errorShift > 0) error = (error >> errorShift) + 1;
                squaredNorm += p * p;
                squaredError += error * error;
                sum += code;
                _codes[i] = (sbyte)code;
            }
            SquaredNorms[stratum] = squaredNorm;
            OffsetSums[stratum] = (int)(sum * CoarseColumn.CodeOffset);
        }
        Norm = CoarseBound.RootUp(squaredNorm);
        ErrorNorm = CoarseBound.RootUp(squaredError) << errorShift;
    }

    /// <summary>A query for the rows with the largest inner products.</summary>
    public static CoarseQuery ForDot(CoarseScale scale, ReadOnlySpan<int> raw, long squaredNorm, int maximumCode)
    {
        DotQuery dot = DotQuery.Of(scale, raw, squaredNorm, out int[] brought);
        return new CoarseQuery(scale, brought, maximumCode, dot);
    }

    /// <summary>The distance that a row must be above to be excluded, in a column, once the worst hit has this cost.</summary>
    public Int128 WorstDistance(CoarseColumn column, long worstCost) => column.IsForDot ? _dot.WorstDistance(column, worstCost) : worstCost;

    public CoarseScale Scale { get; }

    /// <summary>The h of <c>2^h</c>; at least the scale's <see cref="CoarseScale.NormShift"/>.</summary>
    public int Shift { get; }

    /// <summary>What brings the rows' norms into units of <c>2^h</c>. At most 24, as p is below 2^29 and the step at least 1.</summary>
    public int RowShift => Shift - Scale.NormShift;

    /// <summary>Per stratum the exact squared norm of p's components up to its end.</summary>
    public long[] SquaredNorms { get; }

    /// <summary><c>|p|</c>, rounded up.</summary>
    public long Norm { get; }

    /// <summary><c>|f|</c>, rounded up.</summary>
    public long ErrorNorm { get; }

    /// <summary>Per stratum what the offset of the rows' codes adds to every sum of products up to its end.</summary>
    public int[] OffsetSums { get; }

    /// <summary>The codes, four to a group.</summary>
    public ReadOnlySpan<int> Groups => MemoryMarshal.Cast<sbyte, int>(_codes.AsSpan());

    /// <summary>Whether a query's squared norm lets it be bounded at all.</summary>
    public static bool CanBound(long squaredNorm) => squaredNorm <= CoarseBound.LargestSquaredNorm;
}
