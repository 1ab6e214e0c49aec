using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>Eight lanes: AVX2, or two halves of four elsewhere.</summary>
internal readonly struct Lanes256 : ILanes<Vector256<uint>>
{
    public static int Count => 8;

    private static Vector256<byte> By16
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create(
            (byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    }

    private static Vector256<byte> By8
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create(
            (byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Broadcast(uint word) => Vector256.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Add(Vector256<uint> a, Vector256<uint> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Xor(Vector256<uint> a, Vector256<uint> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RotateRight16(Vector256<uint> a) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(a, 16)
        : Avx2.IsSupported ? Avx2.Shuffle(a.AsByte(), By16).AsUInt32()
        : (a >>> 16) | (a << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RotateRight12(Vector256<uint> a) => Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(a, 12) : (a >>> 12) | (a << 20);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RotateRight8(Vector256<uint> a) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(a, 8)
        : Avx2.IsSupported ? Avx2.Shuffle(a.AsByte(), By8).AsUInt32()
        : (a >>> 8) | (a << 24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RotateRight7(Vector256<uint> a) => Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(a, 7) : (a >>> 7) | (a << 25);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> LoadQuads(ref byte input, nint stride) => Vector256.Create(
        Lanes128.LoadQuads(ref input, stride), Lanes128.LoadQuads(ref Unsafe.AddByteOffset(ref input, 4 * stride), stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreQuads(Vector256<uint> quads, ref byte output, nint stride)
    {
        Lanes128.StoreQuads(quads.GetLower(), ref output, stride);
        Lanes128.StoreQuads(quads.GetUpper(), ref Unsafe.AddByteOffset(ref output, 4 * stride), stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> ZipLow32(Vector256<uint> a, Vector256<uint> b) =>
        Avx2.IsSupported ? Avx2.UnpackLow(a, b)
        : Vector256.Create(Lanes128.ZipLow32(a.GetLower(), b.GetLower()), Lanes128.ZipLow32(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> ZipHigh32(Vector256<uint> a, Vector256<uint> b) =>
        Avx2.IsSupported ? Avx2.UnpackHigh(a, b)
        : Vector256.Create(Lanes128.ZipHigh32(a.GetLower(), b.GetLower()), Lanes128.ZipHigh32(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> ZipLow64(Vector256<uint> a, Vector256<uint> b) =>
        Avx2.IsSupported ? Avx2.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32()
        : Vector256.Create(Lanes128.ZipLow64(a.GetLower(), b.GetLower()), Lanes128.ZipLow64(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> ZipHigh64(Vector256<uint> a, Vector256<uint> b) =>
        Avx2.IsSupported ? Avx2.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32()
        : Vector256.Create(Lanes128.ZipHigh64(a.GetLower(), b.GetLower()), Lanes128.ZipHigh64(a.GetUpper(), b.GetUpper()));
}
