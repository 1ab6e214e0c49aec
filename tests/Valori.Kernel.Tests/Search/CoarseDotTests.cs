using System.Runtime.Intrinsics;
using Valori.Kernel.Coarse;

namespace Valori.Kernel.Tests.Search;

/// <summary>Sums of code products equal the scalar specification on whatever vector units there are.</summary>
public sealed class CoarseDotTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_path_equals_the_scalar_one_for_every_number_of_groups(int seed)
    {
        Random random = new(seed);
        for (int groups = 1; groups <= 100; groups++)
        {
            bool isExtreme = groups % 2 == 0;
            byte[] block = new byte[groups * CoarseColumn.GroupBytes];
            for (int i = 0; i < block.Length; i++) block[i] = isExtreme ? (byte)(random.Next(2) == 0 ? 127 : 1) : (byte)random.Next(1, 128);
            int[] one = Query(CoarseQuery.MaximumCode);
            Vector256<int> sums = CoarseDot.OneQuery(ref block[0], ref one[0], groups);
            for (int row = 0; row < CoarseColumn.BlockRows; row++) Assert.Equal(CoarseDot.Scalar(block, row, one), sums[row]);

            int[][] four = [.. Enumerable.Range(0, CoarseDot.Queries).Select(_ => Query(CoarseQuery.MaximumBatchCode))];
            Vector256<int>[] broadcast = [.. four.SelectMany(query => query.Select(Vector256.Create))];
            CoarseDot.FourQueries(ref block[0], ref broadcast[0], groups, out CoarseDot.FourSums together);
            for (int row = 0; row < CoarseColumn.BlockRows; row++)
            {
                Assert.Equal(CoarseDot.Scalar(block, row, four[0]), together.Query0[row]);
                Assert.Equal(CoarseDot.Scalar(block, row, four[1]), together.Query1[row]);
                Assert.Equal(CoarseDot.Scalar(block, row, four[2]), together.Query2[row]);
                Assert.Equal(CoarseDot.Scalar(block, row, four[3]), together.Query3[row]);
            }

            int[] Query(int largest)
            {
                sbyte[] codes = new sbyte[groups * 4];
                for (int i = 0; i < codes.Length; i++) codes[i] = (sbyte)(isExtreme ? random.Next(2) == 0 ? largest : -largest : random.Next(-largest, largest + 1));
                return System.Runtime.InteropServices.MemoryMarshal.Cast<sbyte, int>(codes).ToArray();
            }
        }
    }
}
