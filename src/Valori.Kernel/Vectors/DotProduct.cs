using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Vectors;

/// <summary>
/// Exact dot products of raw values, modulo 2^64. The scalar loops at the end are the specification; the vector paths
/// give the same bits: integer addition modulo 2^64 has no order and no rounding.
/// </summary>
internal static class DotProduct
{
    /// <summary>Both in 16 bits, magnitudes at most 32,767 (which keeps every pair sum of two products inside 32 bits).</summary>
    public static long Narrow(ReadOnlySpan<short> a, ReadOnlySpan<short> b)
    {
        if (Avx2.IsSupported && a.Length >= Vector256<short>.Count) return NarrowAvx2(a, b);
        return NarrowScalar(a, b);
    }

    /// <summary>Both in 32 bits.</summary>
    public static long Wide(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        if (Avx2.IsSupported && a.Length >= Vector256<int>.Count) return WideAvx2(a, b);
        return WideScalar(a, b);
    }

    /// <summary>One in 16, one in 32 bits.</summary>
    public static long Mixed(ReadOnlySpan<short> a, ReadOnlySpan<int> b)
    {
        if (Avx2.IsSupported && a.Length >= Vector256<int>.Count) return MixedAvx2(a, b);
        return MixedScalar(a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static long NarrowAvx2(ReadOnlySpan<short> a, ReadOnlySpan<short> b)
    {
        ref short left = ref MemoryMarshal.GetReference(a);
        ref short right = ref MemoryMarshal.GetReference(b);
        Vector256<long> sum = Vector256<long>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector256<short>.Count; i += Vector256<short>.Count)
        {
            Vector256<int> pairs = Avx2.MultiplyAddAdjacent(
                Vector256.LoadUnsafe(ref left, (nuint)i), Vector256.LoadUnsafe(ref right, (nuint)i));
            // Two pair sums may overflow 32 bits together, so each is widened on its own.
            sum += Vector256.WidenLower(pairs) + Vector256.WidenUpper(pairs);
        }
        return Vector256.Sum(sum) + NarrowScalar(a[i..], b[i..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static long WideAvx2(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        ref int left = ref MemoryMarshal.GetReference(a);
        ref int right = ref MemoryMarshal.GetReference(b);
        Vector256<long> sum = Vector256<long>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector256<int>.Count; i += Vector256<int>.Count)
            sum += ProductSums(Vector256.LoadUnsafe(ref left, (nuint)i), Vector256.LoadUnsafe(ref right, (nuint)i));
        return Vector256.Sum(sum) + WideScalar(a[i..], b[i..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static long MixedAvx2(ReadOnlySpan<short> a, ReadOnlySpan<int> b)
    {
        ref short left = ref MemoryMarshal.GetReference(a);
        ref int right = ref MemoryMarshal.GetReference(b);
        Vector256<long> sum = Vector256<long>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector256<int>.Count; i += Vector256<int>.Count)
        {
            Vector256<int> widened = Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref left, (nuint)i));
            sum += ProductSums(widened, Vector256.LoadUnsafe(ref right, (nuint)i));
        }
        return Vector256.Sum(sum) + MixedScalar(a[i..], b[i..]);
    }

    /// <summary>The 64-bit products of the even lanes plus those of the odd lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> ProductSums(Vector256<int> a, Vector256<int> b) =>
        Avx2.Multiply(a, b) + Avx2.Multiply((a.AsInt64() >>> 32).AsInt32(), (b.AsInt64() >>> 32).AsInt32());

    internal static long NarrowScalar(ReadOnlySpan<short> a, ReadOnlySpan<short> b)
    {
        long sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (long)a[i] * b[i];
        return sum;
    }

    internal static long WideScalar(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        long sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (long)a[i] * b[i];
        return sum;
    }

    internal static long MixedScalar(ReadOnlySpan<short> a, ReadOnlySpan<int> b)
    {
        long sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (long)a[i] * b[i];
        return sum;
    }
}
