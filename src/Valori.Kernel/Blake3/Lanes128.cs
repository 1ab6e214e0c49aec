using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>Four lanes: SSE2 and later, AdvSimd, or what the runtime makes of Vector128 elsewhere.</summary>
internal readonly struct Lanes128 : ILanes<Vector128<uint>>
{
    public static int Count => 4;

    // Rotations by whole bytes are one shuffle if there is a byte shuffle.
    private static Vector128<byte> By16
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    }

    private static Vector128<byte> By8
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Broadcast(uint word) => Vector128.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Add(Vector128<uint> a, Vector128<uint> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Xor(Vector128<uint> a, Vector128<uint> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight16(Vector128<uint> a) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(a, 16)
        : Ssse3.IsSupported ? Ssse3.Shuffle(a.AsByte(), By16).AsUInt32()
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.VectorTableLookup(a.AsByte(), By16).AsUInt32()
        : (a >>> 16) | (a << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight12(Vector128<uint> a) => Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(a, 12) : (a >>> 12) | (a << 20);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight8(Vector128<uint> a) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(a, 8)
        : Ssse3.IsSupported ? Ssse3.Shuffle(a.AsByte(), By8).AsUInt32()
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.VectorTableLookup(a.AsByte(), By8).AsUInt32()
        : (a >>> 8) | (a << 24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight7(Vector128<uint> a) => Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(a, 7) : (a >>> 7) | (a << 25);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LoadQuads(ref byte input, nint stride) => Vector128.LoadUnsafe(ref input).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreQuads(Vector128<uint> quads, ref byte output, nint stride) => quads.AsByte().StoreUnsafe(ref output);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> ZipLow32(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> ZipHigh32(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> ZipLow64(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32()
        : Vector128.Create(a.GetLower(), b.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> ZipHigh64(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32()
        : Vector128.Create(a.GetUpper(), b.GetUpper());
}
