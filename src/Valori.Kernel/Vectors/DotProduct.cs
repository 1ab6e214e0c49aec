using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Vectors;

/// <summary>
/// Exact dot products of raw values, modulo 2^64. The scalar loops at the end are the specification; the vector paths
/// return the same bits: integer addition modulo 2^64 has no order and no rounding.
/// </summary>
internal static class DotProduct
{
    /// <summary>Both in 16 bits, magnitudes at most 32,767 (which keeps every pair sum of two products inside 32 bits).</summary>
    public static long Narrow(ReadOnlySpan<short> a, ReadOnlySpan<short> b)
    {
        if (Avx2.IsSupported && a.Length >= Vector256<short>.Count) return NarrowAvx2(a, b);
        if (Vector128.IsHardwareAccelerated && a.Length >= Vector128<short>.Count) return NarrowVector128(a, b);
        return NarrowScalar(a, b);
    }

    /// <summary>Both in 32 bits.</summary>
    public static long Wide(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        if (Avx2.IsSupported && a.Length >= Vector256<int>.Count) return WideAvx2(a, b);
        if (Vector128.IsHardwareAccelerated && a.Length >= Vector128<int>.Count) return WideVector128(a, b);
        return WideScalar(a, b);
    }

    /// <summary>One in 16, one in 32 bits.</summary>
    public static long Mixed(ReadOnlySpan<short> a, ReadOnlySpan<int> b)
    {
        if (Avx2.IsSupported && a.Length >= Vector256<int>.Count) return MixedAvx2(a, b);
        if (Vector128.IsHardwareAccelerated && a.Length >= Vector128<short>.Count) return MixedVector128(a, b);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static long NarrowVector128(ReadOnlySpan<short> a, ReadOnlySpan<short> b)
    {
        ref short left = ref MemoryMarshal.GetReference(a);
        ref short right = ref MemoryMarshal.GetReference(b);
        Vector128<long> sum = Vector128<long>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector128<short>.Count; i += Vector128<short>.Count)
        {
            Vector128<int> pairs = PairSums(Vector128.LoadUnsafe(ref left, (nuint)i), Vector128.LoadUnsafe(ref right, (nuint)i));
            sum += Vector128.WidenLower(pairs) + Vector128.WidenUpper(pairs);
        }
        return Vector128.Sum(sum) + NarrowScalar(a[i..], b[i..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static long WideVector128(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        ref int left = ref MemoryMarshal.GetReference(a);
        ref int right = ref MemoryMarshal.GetReference(b);
        Vector128<long> sum = Vector128<long>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector128<int>.Count; i += Vector128<int>.Count)
            sum += ProductSums(Vector128.LoadUnsafe(ref left, (nuint)i), Vector128.LoadUnsafe(ref right, (nuint)i));
        return Vector128.Sum(sum) + WideScalar(a[i..], b[i..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static long MixedVector128(ReadOnlySpan<short> a, ReadOnlySpan<int> b)
    {
        ref short left = ref MemoryMarshal.GetReference(a);
        ref int right = ref MemoryMarshal.GetReference(b);
        Vector128<long> sum = Vector128<long>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector128<short>.Count; i += Vector128<short>.Count)
        {
            Vector128<short> narrow = Vector128.LoadUnsafe(ref left, (nuint)i);
            sum += ProductSums(Vector128.WidenLower(narrow), Vector128.LoadUnsafe(ref right, (nuint)i))
                + ProductSums(Vector128.WidenUpper(narrow), Vector128.LoadUnsafe(ref right, (nuint)(i + Vector128<int>.Count)));
        }
        return Vector128.Sum(sum) + MixedScalar(a[i..], b[i..]);
    }

    /// <summary>The products of 8 pairs of values, in 32 bits and added up by two: which two depends on the processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> PairSums(Vector128<short> a, Vector128<short> b) => Sse2.IsSupported
        ? Sse2.MultiplyAddAdjacent(a, b)
        : Vector128.WidenLower(a) * Vector128.WidenLower(b) + Vector128.WidenUpper(a) * Vector128.WidenUpper(b);

    /// <summary>The 64-bit products of 4 pairs of values, added up by two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<long> ProductSums(Vector128<int> a, Vector128<int> b) =>
        Sse41.IsSupported ? Sse41.Multiply(a, b) + Sse41.Multiply((a.AsInt64() >>> 32).AsInt32(), (b.AsInt64() >>> 32).AsInt32())
        : AdvSimd.IsSupported ? AdvSimd.MultiplyWideningUpperAndAdd(AdvSimd.MultiplyWideningLower(a.GetLower(), b.GetLower()), a, b)
        : Vector128.WidenLower(a) * Vector128.WidenLower(b) + Vector128.WidenUpper(a) * Vector128.WidenUpper(b);

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
