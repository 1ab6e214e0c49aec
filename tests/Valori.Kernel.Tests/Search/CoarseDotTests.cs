using System.Runtime.Intrinsics;
using Valori.Kernel.Coarse;

namespace Valori.Kernel.Tests.Search;

/// <summary>Sums of code products equal the scalar specification on whatever vector units there are.</summary>
public sealed class CoarseDotTests
{
    private const int Rows = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_path_equals_the_scalar_one_for_every_number_of_chunks(int seed)
    {
        Random random = new(seed);
        for (int chunks = 1; chunks <= 40; chunks++)
        {
            bool isExtreme = chunks % 2 == 0;
            int bytes = chunks * CoarseShape.ChunkBytes;
            byte[] rows = new byte[Rows * bytes];
            random.NextBytes(rows);
            if (isExtreme) Array.Fill(rows, (byte)0xFF);
            sbyte[][] queries = [.. Enumerable.Range(0, CoarseDot.Queries).Select(_ => Query())];
            int[][] expected = [.. queries.Select(query => Enumerable.Range(0, Rows).Select(row => CoarseDot.Scalar(rows.AsSpan(row * bytes, bytes), query)).ToArray())];

            for (int row = 0; row < Rows; row++)
                Assert.Equal(expected[0][row], Vector256.Sum(CoarseDot.OneRow(Vector256<int>.Zero, ref rows[row * bytes], ref queries[0][0], bytes)));
            Vector256<int> eight = CoarseDot.EightRows(ref rows[0], ref queries[1][0], bytes);
            for (int row = 0; row < Rows; row++) Assert.Equal(expected[1][row], eight[row]);
            byte[] interleaved = new byte[2 * rows.Length];
            CoarseDot.Interleave(ref rows[0], bytes, ref interleaved[0]);
            Vector256<int>[] broadcast = [.. queries.SelectMany(query => System.Runtime.InteropServices.MemoryMarshal.Cast<sbyte, int>(query).ToArray().Select(Vector256.Create))];
            int groups = chunks * CoarseShape.ChunkComponents / 4;
            CoarseDot.FourSums four = default;
            CoarseDot.FourQueries(ref interleaved[0], ref broadcast[0], groups, groups, ref four);
            for (int row = 0; row < Rows; row++)
                Assert.Equal([expected[0][row], expected[1][row], expected[2][row], expected[3][row]], new[] { four.Query0[row], four.Query1[row], four.Query2[row], four.Query3[row] });

            sbyte[] Query()
            {
                sbyte[] codes = new sbyte[chunks * CoarseShape.ChunkComponents];
                for (int i = 0; i < codes.Length; i++) codes[i] = (sbyte)(isExtreme ? random.Next(2) == 0 ? CoarseQuery.MaximumCode : -CoarseQuery.MaximumCode : random.Next(-CoarseQuery.MaximumCode, CoarseQuery.MaximumCode + 1));
                if (chunks % 4 == 0) Array.Fill(codes, (sbyte)-CoarseQuery.MaximumCode);
                return codes;
            }
        }
    }
}
