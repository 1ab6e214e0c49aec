using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>The rows of two states side by side: AVX2.</summary>
internal readonly struct Rows256 : IRows<Vector256<uint>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Pick(Vector256<uint> a, Vector256<uint> b, [ConstantExpected] byte control) =>
        Avx.Shuffle(a.AsSingle(), b.AsSingle(), control).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Order(Vector256<uint> a, [ConstantExpected] byte control) => Avx2.Shuffle(a, control);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Blend(Vector256<uint> a, Vector256<uint> b, [ConstantExpected] byte control) =>
        Avx2.Blend(a.AsUInt16(), b.AsUInt16(), control).AsUInt32();
}
