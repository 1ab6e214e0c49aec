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
            bool isBounded = raw.Zip(scale.Center).All(pair => Math.Abs((long)pair.First - pair.Second) <= scale.Reach);
            long norm = 0, codeNorm = 0, errorNorm = 0;
            for (int stratum = 0; stratum < shape.Strata; stratum++)
            {
                for (int i = shape.Start(stratum) * CoarseShape.GroupComponents; i < shape.EndComponent(stratum); i++)
                {
                    int code = Code(column, stratum, row, i);
                    long y = raw[i] - scale.Center[i], error = y - (long)code * scale.Step;
                    norm += y * y;
                    codeNorm += code * code;
                    errorNorm += error * error;
                    Assert.InRange(code, -CoarseScale.MaximumCode, CoarseScale.MaximumCode);
                    // About half a step; more would cost precision, not correctness.
                    if (isBounded) Assert.True(Math.Abs(error) <= scale.Step * 0.52 + 1, $"{what}: row {row}, component {i}, code {code} for {y} in steps of {scale.Step}");
                }
                Assert.True(column.Norms[stratum][row] == (isBounded ? (int)(norm >> scale.NormShift) : CoarseColumn.Unbounded), $"{what}: row {row}, stratum {stratum}");
            }
            for (int i = shape.Dimension; i < shape.Groups * CoarseShape.GroupComponents; i++)
                Assert.Equal(0, Code(column, shape.Strata - 1, row, i));
            if (!isBounded)
            {
                unbounded++;
                continue;
            }
            Assert.True(column.LargestCodeNorm * column.LargestCodeNorm >= codeNorm, $"{what}: row {row}");
            Assert.True((Int128)column.LargestErrorNorm * column.LargestErrorNorm >= errorNorm, $"{what}: row {row}");
        }
        Assert.True(unbounded <= block.Count / 16, $"{what}: {unbounded} rows of {block.Count} are out of reach");
    }

    private static int Code(CoarseColumn column, int stratum, int row, int component)
    {
        int group = component / CoarseShape.GroupComponents - column.Shape.Start(stratum);
        int place = column.Offset(stratum, row / CoarseColumn.BlockRows) + group * CoarseColumn.GroupBytes
            + row % CoarseColumn.BlockRows * CoarseShape.GroupComponents + component % CoarseShape.GroupComponents;
        return column.Codes[place] - CoarseColumn.CodeOffset;
    }
}
