using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>Sixteen lanes: AVX-512, or two halves of eight elsewhere (for the tests: there it gains nothing).</summary>
internal readonly struct Lanes512 : ILanes<Vector512<uint>>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Broadcast(uint word) => Vector512.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Add(Vector512<uint> a, Vector512<uint> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Xor(Vector512<uint> a, Vector512<uint> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight16(Vector512<uint> a) => Avx512F.IsSupported ? Avx512F.RotateRight(a, 16) : (a >>> 16) | (a << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight12(Vector512<uint> a) => Avx512F.IsSupported ? Avx512F.RotateRight(a, 12) : (a >>> 12) | (a << 20);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight8(Vector512<uint> a) => Avx512F.IsSupported ? Avx512F.RotateRight(a, 8) : (a >>> 8) | (a << 24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight7(Vector512<uint> a) => Avx512F.IsSupported ? Avx512F.RotateRight(a, 7) : (a >>> 7) | (a << 25);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> LoadQuads(ref byte input, nint stride) => Vector512.Create(
        Lanes256.LoadQuads(ref input, stride), Lanes256.LoadQuads(ref Unsafe.AddByteOffset(ref input, 8 * stride), stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreQuads(Vector512<uint> quads, ref byte output, nint stride)
    {
        Lanes256.StoreQuads(quads.GetLower(), ref output, stride);
        Lanes256.StoreQuads(quads.GetUpper(), ref Unsafe.AddByteOffset(ref output, 8 * stride), stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> ZipLow32(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.IsSupported ? Avx512F.UnpackLow(a, b)
        : Vector512.Create(Lanes256.ZipLow32(a.GetLower(), b.GetLower()), Lanes256.ZipLow32(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> ZipHigh32(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.IsSupported ? Avx512F.UnpackHigh(a, b)
        : Vector512.Create(Lanes256.ZipHigh32(a.GetLower(), b.GetLower()), Lanes256.ZipHigh32(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> ZipLow64(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.IsSupported ? Avx512F.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32()
        : Vector512.Create(Lanes256.ZipLow64(a.GetLower(), b.GetLower()), Lanes256.ZipLow64(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> ZipHigh64(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.IsSupported ? Avx512F.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32()
        : Vector512.Create(Lanes256.ZipHigh64(a.GetLower(), b.GetLower()), Lanes256.ZipHigh64(a.GetUpper(), b.GetUpper()));
}
