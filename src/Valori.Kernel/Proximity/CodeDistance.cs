using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Proximity;

/// <summary>
/// Squared distances and products of codes, in 32 bits. The scalar loops are the specification; the vector paths return the same bits, because
/// no step of theirs rounds or saturates: codes have 7 bits, so a pair of products stays below 2^15, and 2^16 components below 2^31.
/// </summary>
internal static unsafe class CodeDistance
{
    /// <summary>Codes are padded with zeros to a multiple of so many bytes.</summary>
    public const int Granularity = 32;

    /// <summary>The squared distance of two rows of codes, 0..127 each.</summary>
    /// <param name="bytes">A multiple of <see cref="Granularity"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Squared(byte* a, byte* b, int bytes) =>
        AvxVnni.IsSupported ? SquaredVnni(a, b, bytes)
        : Avx2.IsSupported ? SquaredAvx2(a, b, bytes)
        : Vector128.IsHardwareAccelerated ? SquaredVector128(a, b, bytes)
        : SquaredScalar(a, b, bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SquaredVnni(byte* a, byte* b, int bytes)
    {
        Vector256<int> even = Vector256<int>.Zero, odd = Vector256<int>.Zero;
        int i = 0;
        for (; i + 2 * Granularity <= bytes; i += 2 * Granularity)
        {
            even = AddSquaresVnni(even, a + i, b + i);
            odd = AddSquaresVnni(odd, a + i + Granularity, b + i + Granularity);
        }
        if (i < bytes) even = AddSquaresVnni(even, a + i, b + i);
        return Vector256.Sum(even + odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> AddSquaresVnni(Vector256<int> sum, byte* a, byte* b)
    {
        Vector256<byte> difference = Avx2.Abs(Vector256.Load((sbyte*)a) - Vector256.Load((sbyte*)b));
        return AvxVnni.MultiplyWideningAndAdd(sum, difference, difference.AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int SquaredAvx2(byte* a, byte* b, int bytes)
    {
        Vector256<int> sum = Vector256<int>.Zero;
        for (int i = 0; i < bytes; i += Granularity)
        {
            Vector256<byte> difference = Avx2.Abs(Vector256.Load((sbyte*)(a + i)) - Vector256.Load((sbyte*)(b + i)));
            sum += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(difference, difference.AsSByte()), Vector256<short>.One);
        }
        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int SquaredVector128(byte* a, byte* b, int bytes)
    {
        Vector128<uint> sum = Vector128<uint>.Zero;
        for (int i = 0; i < bytes; i += Vector128<byte>.Count)
        {
            Vector128<byte> left = Vector128.Load(a + i), right = Vector128.Load(b + i);
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Max(left, right) - Vector128.Min(left, right));
            // Two squares of 7 bits fit 16 bits.
            Vector128<ushort> squares = low * low + high * high;
            sum += Vector128.WidenLower(squares) + Vector128.WidenUpper(squares);
        }
        return (int)Vector128.Sum(sum);
    }

    internal static int SquaredScalar(byte* a, byte* b, int bytes)
    {
        int sum = 0;
        for (int i = 0; i < bytes; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }
}
