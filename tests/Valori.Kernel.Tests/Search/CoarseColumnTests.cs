using Valori.Kernel.Coarse;
using Valori.Kernel.Memory;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Tests.Search;

/// <summary>A coarse column holds what <see cref="CoarseBound"/> takes for granted: exact norms, and codes whose errors it knows.</summary>
public sealed class CoarseColumnTests
{
    public static TheoryData<int> Dimensions => [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 95, 96, 100, 127, 128, 129, 160, 200, 384, 400, 1000];

    [Theory]
    [MemberData(nameof(Dimensions))]
    public void Codes_and_norms_are_those_of_the_rows(int dimension)
    {
        AdversarialRows data = new(dimension, dimension);
        int rows = RecordSegment.RowsPerSegment(dimension);
        foreach (string kind in AdversarialRows.Kinds)
        {
            VectorBlock block = data.Rows(kind, rows);
            RecordSegment segment = new(new EngineSchema(dimension), new ColumnMemory(), new AttributeStore());
            segment.Append(0, block, 0, new ulong[rows]);
            segment.Coarsen(null);
            if (segment.Coarse is not { } column) continue;
            // With its own scale, and with one that was made for others.
            Check(column, block, $"dimension and seed {dimension}, {kind}");
            RecordSegment next = new(new EngineSchema(dimension), new ColumnMemory(), new AttributeStore());
            VectorBlock others = data.Rows("clustered", rows);
            next.Append(0, others, 0, new ulong[rows]);
            next.Coarsen(column.Scale);
            Check(next.Coarse!, others, $"dimension and seed {dimension}, behind {kind}");
        }
    }

    private static void Check(CoarseColumn column, VectorBlock block, string what)
    {
        CoarseScale scale = column.Scale;
        CoarseShape shape = column.Shape;
        int[] raw = new int[shape.Dimension];
        int unbounded = 0;
        for (int row = 0; row < block.Count; row += 1 + block.Count / 250)
        {
            block.CopyRow(row, raw);
            Sums first = default, whole = default;
            for (int i = 0; i < raw.Length; i++)
            {
                long half = scale.HalfSteps[i], y = raw[i] - scale.Center[i], upper = Code(column.First, column.Rest, shape, row, i);
                long upperError = y - (2 * upper - 15) * 16 * half, error = upperError;
                if (shape.LowerBytes > 0) error = y - (2 * (16 * upper + Code(column.Lower, column.Lower, shape, row, i)) - 255) * half;
                // Half a step, in the reach of the codes; more would cost precision, not correctness.
                if (Math.Abs(y) <= 250 * half) Assert.True(Math.Abs(error) <= (shape.LowerBytes > 0 ? 1 : 16) * half, $"{what}: row {row}, component {i}, code {upper} for {y} in half steps of {half}");
                whole = new Sums(whole.Norm + y * y, whole.UpperError + (double)upperError * upperError, whole.Error + (double)error * error, whole.CodeNorm + (2 * upper - 15) * (2 * upper - 15));
                if (i == shape.FirstComponents - 1) first = whole;
            }
            int mark = column.Marks[row], firstMark = column.FirstMarks[row];
            if (mark == CoarseMark.Unbounded || firstMark == CoarseMark.Unbounded)
            {
                unbounded++;
                continue;
            }
            CheckMark(mark, whole);
            CheckMark(firstMark, first);
            Assert.True(CoarseMark.Error(mark) == CoarseMark.LargestError || Math.Pow((double)CoarseMark.Error(mark) * column.ErrorUnit, 2) >= whole.Error * 0.999999999 || shape.LowerBytes == 0, $"{what}: row {row}, error");
            Assert.True(column.LargestCodeNorm * column.LargestCodeNorm >= whole.CodeNorm, $"{what}: row {row}, code norm");

            void CheckMark(int mark, in Sums sums)
            {
                double norm = Math.ScaleB(CoarseMark.Norm(mark), scale.NormShift);
                Assert.True(norm <= sums.Norm, $"{what}: row {row}, norm {norm} of {sums.Norm}");
                Assert.True(norm >= sums.Norm * 0.999999 - Math.ScaleB(2, scale.NormShift) || CoarseMark.Norm(mark) == CoarseMark.LargestNorm, $"{what}: row {row}, norm {norm} of {sums.Norm}");
                Assert.True(Math.Pow((double)CoarseMark.UpperError(mark) * column.UpperErrorUnit, 2) >= sums.UpperError * 0.999999999, $"{what}: row {row}, upper error");
            }
        }
        Assert.True(unbounded <= block.Count / 16, $"{what}: {unbounded} rows of {block.Count} are out of reach");
    }

    private static int Code(AlignedArray<byte> first, AlignedArray<byte> rest, CoarseShape shape, int row, int component)
    {
        (int chunk, int place) = Math.DivRem(component, CoarseShape.ChunkComponents);
        int at = chunk * CoarseShape.ChunkBytes + place % CoarseShape.ChunkBytes;
        byte codes = ReferenceEquals(first, rest) ? first[row * shape.LowerBytes + at]
            : at < shape.FirstBytes ? first[row * shape.FirstBytes + at] : rest[row * shape.RestBytes + at - shape.FirstBytes];
        return place < CoarseShape.ChunkBytes ? codes & 0x0F : codes >> 4;
    }

    private readonly record struct Sums(double Norm, double UpperError, double Error, double CodeNorm);
}
