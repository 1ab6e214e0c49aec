using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>The rows of one state: SSE4.1.</summary>
internal readonly struct Rows128 : IRows<Vector128<uint>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Pick(Vector128<uint> a, Vector128<uint> b, [ConstantExpected] byte control) =>
        Sse.Shuffle(a.AsSingle(), b.AsSingle(), control).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Order(Vector128<uint> a, [ConstantExpected] byte control) => Sse2.Shuffle(a, control);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Blend(Vector128<uint> a, Vector128<uint> b, [ConstantExpected] byte control) =>
        Sse41.Blend(a.AsUInt16(), b.AsUInt16(), control).AsUInt32();
}
