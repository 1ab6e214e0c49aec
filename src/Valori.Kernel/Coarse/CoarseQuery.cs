namespace Valori.Kernel.Coarse;

/// <summary>
/// A query in the terms of a scale (<see cref="CoarseBound"/>): <c>64 H p = 2^h d + f</c> for each component, and more finely
/// <c>64 H p = 2^g (2^(h-g) d + d') + f'</c>. Immutable, but for the hint.
/// </summary>
internal sealed class CoarseQuery
{
    /// <summary>Largest magnitude of a code.</summary>
    public const int MaximumCode = 127;

    // The fine code of 8 bits takes 7 bits more of what the code leaves out.
    private const int MaximumFineBits = 7;

    private readonly sbyte[] _codes;
    private readonly sbyte[] _fineCodes;
    private readonly DotQuery _dot;

    /// <summary>A query for the nearest rows.</summary>
    public CoarseQuery(CoarseScale scale, ReadOnlySpan<int> raw)
        : this(scale, raw, DotQuery.None)
    {
    }

    private CoarseQuery(CoarseScale scale, ReadOnlySpan<int> raw, in DotQuery dot)
    {
        Scale = scale;
        _dot = dot;
        CoarseShape shape = scale.Shape;
        _codes = new sbyte[shape.PaddedComponents];
        _fineCodes = new sbyte[shape.PaddedComponents];

        long largest = 0;
        for (int i = 0; i < raw.Length; i++) largest = Math.Max(largest, Math.Abs(64L * scale.HalfSteps[i] * ((long)raw[i] - scale.Center[i])));
        Shift = scale.NormShift;
        while ((largest + (1L << Shift >> 1)) >> Shift > MaximumCode) Shift++;
        FineBits = Math.Min(MaximumFineBits, Shift);

        int fineShift = Shift - FineBits;
        long half = 1L << Shift >> 1, fineHalf = 1L << fineShift >> 1, sum = 0, fineSum = 0;
        double squaredError = 0, squaredFineError = 0;
        Int128 squaredNorm = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            if (i == shape.FirstComponents) First = new CoarseQueryPart((long)squaredNorm, sum, squaredError);
            long p = (long)raw[i] - scale.Center[i], scaled = 64L * scale.HalfSteps[i] * p;
            long code = (scaled + half) >> Shift, error = scaled - (code << Shift);
            long fine = (error + fineHalf) >> fineShift, fineError = error - (fine << fineShift);
            squaredNorm += p * p;
            squaredError += (double)error * error;
            squaredFineError += (double)fineError * fineError;
            sum += code;
            fineSum += (code << FineBits) + fine;
            _codes[i] = (sbyte)code;
            _fineCodes[i] = (sbyte)fine;
        }
        Whole = new CoarseQueryPart((long)squaredNorm, sum, squaredError);
        if (shape.FirstComponents == raw.Length) First = Whole;
        FineSum = fineSum;
        FineErrorNorm = CoarseQueryPart.RootUp(squaredFineError);
    }

    /// <summary>A query for the rows with the largest inner products.</summary>
    public static CoarseQuery ForDot(CoarseScale scale, ReadOnlySpan<int> raw, long squaredNorm)
    {
        DotQuery dot = DotQuery.Of(scale, raw, squaredNorm, out int[] brought);
        return new CoarseQuery(scale, brought, dot);
    }

    /// <summary>The distance that a row must be above to be excluded, in a column, once the worst hit has this cost.</summary>
    public Int128 WorstDistance(CoarseColumn column, long worstCost) => column.IsForDot ? _dot.WorstDistance(column, worstCost) : worstCost;

    public CoarseScale Scale { get; }

    /// <summary>The h of <c>2^h</c>; at least the scale's <see cref="CoarseScale.NormShift"/>.</summary>
    public int Shift { get; }

    /// <summary>Bits of a fine code: <c>h - g</c>.</summary>
    public int FineBits { get; }

    /// <summary>Of the components that a row's first part has codes of.</summary>
    public CoarseQueryPart First { get; }

    /// <summary>Of all components.</summary>
    public CoarseQueryPart Whole { get; }

    /// <summary>The sum of <c>2^(h-g) d + d'</c>.</summary>
    public long FineSum { get; }

    /// <summary><c>|f'|</c>, rounded up.</summary>
    public double FineErrorNorm { get; }

    /// <summary>The d of all components, with 0 for those that pad the last chunk.</summary>
    public ReadOnlySpan<sbyte> Codes => _codes;

    /// <summary>The d' of all components.</summary>
    public ReadOnlySpan<sbyte> FineCodes => _fineCodes;

    /// <summary>Whether rows are better read whole.</summary>
    public FirstPartHint Hint { get; } = new();

    /// <summary>Whether a query's squared norm lets it be bounded at all.</summary>
    public static bool CanBound(long squaredNorm) => squaredNorm <= CoarseBound.LargestSquaredNorm;
}

/// <summary>What a bound has to know of a query's components, or of the first of them, besides the codes.</summary>
internal readonly struct CoarseQueryPart(long squaredNorm, long sum, double squaredError)
{
    /// <summary>The exact <c>|p|^2</c>.</summary>
    public long SquaredNorm { get; } = squaredNorm;

    /// <summary><c>|p|</c>, rounded up.</summary>
    public long Norm { get; } = CoarseBound.RootUp(squaredNorm);

    /// <summary>The sum of the codes.</summary>
    public long Sum { get; } = sum;

    /// <summary><c>|f|</c>, rounded up.</summary>
    public double ErrorNorm { get; } = RootUp(squaredError);

    /// <summary>The root of a sum of squares of doubles, rounded up.</summary>
    public static double RootUp(double square) => Math.Ceiling(Math.Sqrt(square * (1 + CoarseRow.Precision)));
}
