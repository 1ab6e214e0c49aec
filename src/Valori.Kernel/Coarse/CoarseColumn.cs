using Valori.Kernel.Memory;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Coarse;

/// <summary>
/// One byte a component of a full segment's vectors, in two planes of 4 bits: the upper one is an eighth or a quarter of what an exact scan
/// reads, and enough to prove of most rows that they cannot be among the nearest (<see cref="CoarseBound"/>). Immutable. Derived from the
/// vectors alone: never hashed, never stored.
/// </summary>
/// <remarks>
/// Rows lie one after another in each plane, so that a row here and there is read in few lines. The upper plane is in two parts
/// (<see cref="CoarseShape"/>).
/// </remarks>
internal sealed class CoarseColumn
{
    /// <summary>Rows that are looked at together: a segment with a column has whole blocks.</summary>
    public const int BlockRows = 8;

    // More often than that, an error so much larger than the others is a row's own: it is an outlier, and always scored.
    private const double OutlierErrors = 8;

    // A scale is not used for a segment of which it leaves out so much more than of its own, or which is so much more narrow: squared.
    private const double TolerableError = 1.3, TolerableSpread = 0.6;

    private CoarseColumn(ColumnMemory memory, CoarseScale scale, bool isForDot, int rows)
    {
        IsForDot = isForDot;
        Scale = scale;
        First = memory.Allocate<byte>(rows * Shape.FirstBytes);
        Rest = memory.Allocate<byte>(rows * Shape.RestBytes);
        Lower = memory.Allocate<byte>(rows * Shape.LowerBytes);
        Marks = memory.Allocate<int>(rows);
        FirstMarks = Shape.RestBytes == 0 ? Marks : memory.Allocate<int>(rows);
    }

    public CoarseScale Scale { get; private set; }

    /// <summary>Whether it bounds inner products; otherwise it bounds distances.</summary>
    public bool IsForDot { get; }

    public CoarseShape Shape => Scale.Shape;

    /// <summary>The upper plane of the first part of each row.</summary>
    public AlignedArray<byte> First { get; }

    /// <summary>The upper plane of the other part of each row.</summary>
    public AlignedArray<byte> Rest { get; }

    /// <summary>The lower plane of each row.</summary>
    public AlignedArray<byte> Lower { get; }

    /// <summary>
    /// Of each row the mark (<see cref="CoarseMark"/>) of its first part: the norm in units of <c>2^NormShift</c>, the upper error in units of
    /// <see cref="UpperErrorUnit"/>. For inner products the squared norm of the whole row is taken off the norm and that of the center is added
    /// (<see cref="CoarseBound"/>).
    /// </summary>
    public AlignedArray<int> FirstMarks { get; }

    /// <summary>The same of the whole rows, with the error in units of <see cref="ErrorUnit"/>.</summary>
    public AlignedArray<int> Marks { get; }

    public long UpperErrorUnit { get; private set; }

    public long ErrorUnit { get; private set; }

    /// <summary>No row has a larger Euclidean norm of <c>2 m - 15</c>, where m are its codes of the upper plane; rounded up.</summary>
    public long LargestCodeNorm { get; private set; }

    /// <summary>No row has a larger Euclidean norm, in raw units; rounded up.</summary>
    public long LargestNorm { get; private set; }

    /// <summary>What codes and marks take.</summary>
    public long Bytes => Arrays.Sum(array => (long)array.Bytes);

    /// <summary>What codes and marks lie in, among others, and how much of it they take.</summary>
    public IEnumerable<(byte[] Memory, int Bytes)> Arrays
    {
        get
        {
            foreach (AlignedArray<byte> codes in new[] { First, Rest, Lower }) yield return (codes.Memory, codes.Length);
            yield return (Marks.Memory, Marks.Bytes.Length);
            if (FirstMarks != Marks) yield return (FirstMarks.Memory, FirstMarks.Bytes.Length);
        }
    }

    /// <summary>Coarsens a full segment, with the scale of the one before it if that still fits.</summary>
    /// <returns>Null if the dimension is too large or the vectors are too long to bound scores inside 64 bits.</returns>
    public static CoarseColumn? Build(ColumnMemory memory, VectorColumn vectors, ReadOnlySpan<long> squaredNorms, EngineSchema schema, CoarseScale? previous)
    {
        if (schema.Dimension > CoarseScale.MaximumDimension) return null;
        foreach (long norm in squaredNorms)
        {
            if (norm > CoarseBound.LargestSquaredNorm) return null;
        }
        CoarseShape shape = previous?.Shape ?? new CoarseShape(schema.Dimension);
        CoarseColumn column = new(memory, previous ?? CoarseScale.Fit(vectors, squaredNorms, shape), schema.Metric == Metric.Dot, squaredNorms.Length);
        if (previous is not null && column.TryFill(vectors, squaredNorms)) return column;
        if (previous is not null) column.Scale = CoarseScale.Fit(vectors, squaredNorms, shape);
        column.TryFill(vectors, squaredNorms);
        return column;
    }

    /// <summary>False, and nothing is right yet, if the scale was made for other segments and does not fit.</summary>
    private bool TryFill(VectorColumn vectors, ReadOnlySpan<long> squaredNorms)
    {
        CoarseRow coarse = new(Scale);
        CoarseShape shape = Shape;
        CoarseSums[] firsts = new CoarseSums[squaredNorms.Length], wholes = new CoarseSums[squaredNorms.Length];
        double codeNorm = 0, upperErrors = 0, errors = 0, spread = 0;
        long largestNorm = 0;
        for (int row = 0; row < squaredNorms.Length; row++)
        {
            coarse.Set(vectors, row, First.AsSpan(row * shape.FirstBytes, shape.FirstBytes), Rest.AsSpan(row * shape.RestBytes, shape.RestBytes),
                Lower.AsSpan(row * shape.LowerBytes, shape.LowerBytes));
            firsts[row] = coarse.First;
            CoarseSums whole = wholes[row] = coarse.Whole;
            codeNorm = Math.Max(codeNorm, whole.CodeNorm);
            upperErrors += Math.Sqrt(whole.UpperError);
            errors += Math.Sqrt(whole.Error);
            spread += whole.Norm;
            largestNorm = Math.Max(largestNorm, squaredNorms[row]);
        }
        double meanError = upperErrors / wholes.Length, meanSpread = spread / wholes.Length;
        if (Scale.OwnError == 0 && Scale.OwnSpread == 0) (Scale.OwnError, Scale.OwnSpread) = (meanError, meanSpread);
        else if (meanError > TolerableError * Scale.OwnError || meanSpread < TolerableSpread * Scale.OwnSpread) return false;
        LargestCodeNorm = (long)Math.Ceiling(Math.Sqrt(codeNorm));
        LargestNorm = CoarseBound.RootUp(largestNorm);
        UpperErrorUnit = UnitOf(wholes, meanError, sums => sums.UpperError);
        ErrorUnit = UnitOf(wholes, errors / wholes.Length, sums => sums.Error);
        for (int row = 0; row < wholes.Length; row++)
        {
            long others = IsForDot ? Scale.SquaredCenterNorm - squaredNorms[row] : 0;
            Marks[row] = CoarseMark.Of(NormOf(wholes[row], others), InUnits(wholes[row].UpperError, UpperErrorUnit), InUnits(wholes[row].Error, ErrorUnit));
            // A row that is out of reach is so in its first part too: there is no bound for it anywhere.
            if (FirstMarks != Marks)
                FirstMarks[row] = Marks[row] == CoarseMark.Unbounded ? CoarseMark.Unbounded : CoarseMark.Of(NormOf(firsts[row], others), InUnits(firsts[row].UpperError, UpperErrorUnit), 0);
        }
        return true;
    }

    private static long UnitOf(CoarseSums[] rows, double mean, Func<CoarseSums, double> error)
    {
        double largest = 0;
        foreach (CoarseSums row in rows) largest = Math.Max(largest, Math.Sqrt(error(row)));
        return (long)(Math.Min(largest, OutlierErrors * mean) / CoarseMark.LargestError) + 1;
    }

    private static long InUnits(double squaredError, long unit) => (long)Math.Ceiling(Math.Sqrt(squaredError * (1 + CoarseRow.Precision)) / unit);

    private long NormOf(in CoarseSums sums, long others) => ((long)(sums.Norm * (1 - CoarseRow.Precision)) + others) >> Scale.NormShift;
}
