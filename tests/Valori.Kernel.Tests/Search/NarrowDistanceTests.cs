using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Valori.Kernel.Search;

namespace Valori.Kernel.Tests.Search;

/// <summary>The short way to a distance is either the exact one or says that it is not to be had.</summary>
public sealed class NarrowDistanceTests
{
    // The largest difference that the short way takes, from its proof: two pair sums of such squares stay below 2^32.
    private const int LargestDifference = 32_766;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Differences_that_it_takes_give_the_scalar_distance_for_every_length_and_alignment(int seed)
    {
        Random random = new(seed);
        for (int length = 0; length <= 200; length++)
        {
            for (int offset = 0; offset < 16; offset++)
            {
                (short[] a, short[] b) = Pair(random, length + offset, LargestDifference);
                bool has = TryGet(a.AsSpan(offset), b.AsSpan(offset), out long distance);
                string place = $"seed {seed}, length {length}, offset {offset}";
                Assert.True(has == (length >= NarrowDistance.LeastComponents), place);
                long expected = Scalar(a.AsSpan(offset), b.AsSpan(offset));
                if (has) Assert.True(expected == distance, place);
                if (length >= 8) Assert.True(TryGetVector128(a.AsSpan(offset), b.AsSpan(offset), out distance) && expected == distance, place);
            }
        }
    }

    [Theory]
    [InlineData(32_767, -32_767)]
    [InlineData(-32_767, 32_767)]
    [InlineData(0, 32_767)]
    [InlineData(-16_384, 16_384)]
    public void One_larger_difference_anywhere_is_either_refused_or_exact(short left, short right)
    {
        for (int length = 16; length <= 80; length++)
        {
            for (int place = 0; place < length; place++)
            {
                short[] a = new short[length], b = new short[length];
                a[place] = left;
                b[place] = right;
                bool has = TryGet(a, b, out long distance);
                // Components after the last whole register are computed one by one, without a limit.
                int register = Avx2.IsSupported ? 16 : 8;
                Assert.True(has == (length >= NarrowDistance.LeastComponents && place >= length / register * register), $"length {length}, place {place}");
                if (has) Assert.Equal(Scalar(a, b), distance);
                has = TryGetVector128(a, b, out distance);
                Assert.True(has == (place >= length / 8 * 8), $"length {length}, place {place}, 8 at once");
                if (has) Assert.Equal(Scalar(a, b), distance);
            }
        }
    }

    private static bool TryGet(ReadOnlySpan<short> a, ReadOnlySpan<short> b, out long distance) =>
        NarrowDistance.TryGet(ref MemoryMarshal.GetReference(a), ref MemoryMarshal.GetReference(b), a.Length, out distance);

    private static bool TryGetVector128(ReadOnlySpan<short> a, ReadOnlySpan<short> b, out long distance) =>
        NarrowDistance.TryGetVector128(ref MemoryMarshal.GetReference(a), ref MemoryMarshal.GetReference(b), a.Length, out distance);

    /// <summary>The extreme difference often: only all of them at once make the largest sum there is.</summary>
    private static (short[] A, short[] B) Pair(Random random, int length, int largestDifference)
    {
        short[] a = new short[length], b = new short[length];
        for (int i = 0; i < length; i++)
        {
            int difference = random.Next(3) switch
            {
                0 => largestDifference,
                1 => -largestDifference,
                _ => random.Next(-largestDifference, largestDifference + 1),
            };
            a[i] = (short)random.Next(Math.Max(-32_767, -32_767 + difference), Math.Min(32_767, 32_767 + difference) + 1);
            b[i] = (short)(a[i] - difference);
        }
        return (a, b);
    }

    private static long Scalar(ReadOnlySpan<short> a, ReadOnlySpan<short> b)
    {
        long distance = 0;
        for (int i = 0; i < a.Length; i++) distance += (long)(a[i] - b[i]) * (a[i] - b[i]);
        return distance;
    }
}
