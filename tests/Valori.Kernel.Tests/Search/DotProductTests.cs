using System.Runtime.Intrinsics.X86;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Tests.Search;

/// <summary>The vector paths equal their scalar twins, bit for bit.</summary>
public sealed class DotProductTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_path_equals_the_scalar_one_for_every_length_and_alignment(int seed)
    {
        Random random = new(seed);
        for (int length = 0; length <= 200; length++)
        {
            for (int offset = 0; offset < 16; offset++)
            {
                short[] narrowA = [.. Enumerable.Range(0, length + offset).Select(_ => Narrow(random))];
                short[] narrowB = [.. Enumerable.Range(0, length + offset).Select(_ => Narrow(random))];
                int[] wideA = [.. Enumerable.Range(0, length + offset).Select(_ => Wide(random))];
                int[] wideB = [.. Enumerable.Range(0, length + offset).Select(_ => Wide(random))];
                string place = $"seed {seed}, length {length}, offset {offset}";
                Assert.True(DotProduct.NarrowScalar(narrowA.AsSpan(offset), narrowB.AsSpan(offset)) == DotProduct.Narrow(narrowA.AsSpan(offset), narrowB.AsSpan(offset)), place);
                Assert.True(DotProduct.WideScalar(wideA.AsSpan(offset), wideB.AsSpan(offset)) == DotProduct.Wide(wideA.AsSpan(offset), wideB.AsSpan(offset)), place);
                Assert.True(DotProduct.MixedScalar(narrowA.AsSpan(offset), wideB.AsSpan(offset)) == DotProduct.Mixed(narrowA.AsSpan(offset), wideB.AsSpan(offset)), place);
                Assert.True(DotProduct.NarrowScalar(narrowA, narrowB) == DotProduct.NarrowVector128(narrowA, narrowB), place);
                Assert.True(DotProduct.WideScalar(wideA, wideB) == DotProduct.WideVector128(wideA, wideB), place);
                Assert.True(DotProduct.MixedScalar(narrowA, wideB) == DotProduct.MixedVector128(narrowA, wideB), place);
                if (!Avx2.IsSupported) continue;
                Assert.True(DotProduct.NarrowScalar(narrowA, narrowB) == DotProduct.NarrowAvx2(narrowA, narrowB), place);
                Assert.True(DotProduct.WideScalar(wideA, wideB) == DotProduct.WideAvx2(wideA, wideB), place);
                Assert.True(DotProduct.MixedScalar(narrowA, wideB) == DotProduct.MixedAvx2(narrowA, wideB), place);
            }
        }
    }

    [Theory]
    [InlineData(short.MaxValue, short.MaxValue, int.MinValue, int.MinValue)]
    [InlineData(-short.MaxValue, short.MaxValue, int.MinValue, int.MaxValue)]
    [InlineData(-short.MaxValue, -short.MaxValue, int.MaxValue, int.MaxValue)]
    public void Nothing_but_extremes_has_the_scalar_sum_at_every_dimension_up_to_70(short left, short right, int wideLeft, int wideRight)
    {
        for (int length = 1; length <= 70; length++)
        {
            short[] narrowA = new short[length], narrowB = new short[length];
            int[] wideA = new int[length], wideB = new int[length];
            Array.Fill(narrowA, left);
            Array.Fill(narrowB, right);
            Array.Fill(wideA, wideLeft);
            Array.Fill(wideB, wideRight);
            long narrow = length * (long)left * right, wide = unchecked(length * ((long)wideLeft * wideRight)), mixed = length * (long)left * wideRight;
            Assert.Equal(narrow, DotProduct.Narrow(narrowA, narrowB));
            Assert.Equal(narrow, DotProduct.NarrowVector128(narrowA, narrowB));
            Assert.Equal(wide, DotProduct.Wide(wideA, wideB));
            Assert.Equal(wide, DotProduct.WideVector128(wideA, wideB));
            Assert.Equal(mixed, DotProduct.Mixed(narrowA, wideB));
            Assert.Equal(mixed, DotProduct.MixedVector128(narrowA, wideB));
        }
    }

    /// <summary>Extreme values often: two of them make the largest pair sum there is.</summary>
    private static short Narrow(Random random) => random.Next(3) switch
    {
        0 => short.MaxValue,
        1 => -short.MaxValue,
        _ => (short)random.Next(-short.MaxValue, short.MaxValue + 1),
    };

    private static int Wide(Random random) => random.Next(4) switch
    {
        0 => int.MaxValue,
        1 => int.MinValue,
        _ => random.Next(int.MinValue, int.MaxValue),
    };
}
