using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Proximity;

/// <summary>
/// Squared distances and products of codes, in 32 bits. The scalar loops are the specification; the vector paths return the same bits, because
/// no step of theirs rounds or saturates: codes have 7 bits, so a pair of products stays below 2^15, and those of all components below 2^31, and so does
/// what one product exceeds another by.
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

    /// <summary>
    /// A distance that is the smaller the larger the product of a query and a row of codes is: what the largest product there can be exceeds it by.
    /// </summary>
    /// <param name="query">Signed, with magnitudes of at most 127.</param>
    /// <param name="bytes">A multiple of <see cref="Granularity"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Product(byte* query, byte* codes, int bytes) => CodeScale.LargestCode * CodeScale.LargestCode * bytes - (
        AvxVnni.IsSupported ? ProductVnni(query, codes, bytes)
        : Avx2.IsSupported ? ProductAvx2(query, codes, bytes)
        : Vector128.IsHardwareAccelerated ? ProductVector128(query, codes, bytes)
        : ProductScalar(query, codes, bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ProductVnni(byte* query, byte* codes, int bytes)
    {
        Vector256<int> sum = Vector256<int>.Zero;
        for (int i = 0; i < bytes; i += Granularity) sum = AvxVnni.MultiplyWideningAndAdd(sum, Vector256.Load(codes + i), Vector256.Load((sbyte*)(query + i)));
        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ProductAvx2(byte* query, byte* codes, int bytes)
    {
        Vector256<int> sum = Vector256<int>.Zero;
        for (int i = 0; i < bytes; i += Granularity)
            sum += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(codes + i), Vector256.Load((sbyte*)(query + i))), Vector256<short>.One);
        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ProductVector128(byte* query, byte* codes, int bytes)
    {
        Vector128<int> sum = Vector128<int>.Zero;
        for (int i = 0; i < bytes; i += Vector128<byte>.Count)
        {
            (Vector128<short> queryLow, Vector128<short> queryHigh) = Vector128.Widen(Vector128.Load((sbyte*)(query + i)));
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(codes + i));
            Vector128<short> products = low.AsInt16() * queryLow + high.AsInt16() * queryHigh;
            sum += Vector128.WidenLower(products) + Vector128.WidenUpper(products);
        }
        return Vector128.Sum(sum);
    }

    internal static int ProductScalar(byte* query, byte* codes, int bytes)
    {
        int sum = 0;
        for (int i = 0; i < bytes; i++) sum += (sbyte)query[i] * codes[i];
        return sum;
    }

    internal static int SquaredScalar(byte* a, byte* b, int bytes)
    {
        int sum = 0;
        for (int i = 0; i < bytes; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }
}
