using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Search;

/// <summary>
/// The exact squared distance of two 16-bit rows, in the few instructions that suffice where no component differs by much:
/// differences fit 16 bits, and the squares of four registers of them fit 32 bits. Whether that was so is known afterwards;
/// where it was not, the caller takes the long way (<see cref="DotProduct"/>). A third of its time at 128 components.
/// </summary>
internal static class NarrowDistance
{
    // Four pair sums of squares of at most this stay below 2^31.
    private const int LargestDifference = 16_383;

    private const int VectorsPerSum = 4;

    /// <summary>False where the differences are too large for this way, or the processor lacks it.</summary>
    public static bool TryGet(ReadOnlySpan<short> a, ReadOnlySpan<short> b, out long distance)
    {
        distance = 0;
        if (!Avx2.IsSupported || a.Length < Vector256<short>.Count) return false;
        ref short left = ref MemoryMarshal.GetReference(a);
        ref short right = ref MemoryMarshal.GetReference(b[..a.Length]);
        Vector256<ulong> total = Vector256<ulong>.Zero;
        Vector256<ushort> largest = Vector256<ushort>.Zero;
        int i = 0, end = a.Length / Vector256<short>.Count * Vector256<short>.Count;
        while (i < end)
        {
            Vector256<int> sum = Vector256<int>.Zero;
            int stop = Math.Min(end, i + VectorsPerSum * Vector256<short>.Count);
            for (; i < stop; i += Vector256<short>.Count)
            {
                // A difference that does not fit saturates, and is far above the largest that is allowed.
                Vector256<short> difference = Avx2.SubtractSaturate(Vector256.LoadUnsafe(ref left, (nuint)i), Vector256.LoadUnsafe(ref right, (nuint)i));
                largest = Vector256.Max(largest, Vector256.Abs(difference).AsUInt16());
                sum += Avx2.MultiplyAddAdjacent(difference, difference);
            }
            // Sums are not negative, so widening is a mask and a shift.
            total += (sum.AsUInt64() & Vector256.Create((ulong)uint.MaxValue)) + (sum.AsUInt64() >>> 32);
        }
        if (Vector256.GreaterThanAny(largest, Vector256.Create((ushort)LargestDifference))) return false;
        distance = (long)Vector256.Sum(total);
        for (; i < a.Length; i++)
        {
            long difference = a[i] - b[i];
            distance += difference * difference;
        }
        return true;
    }
}
