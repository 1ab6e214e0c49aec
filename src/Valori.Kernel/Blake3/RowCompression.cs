using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>A compression with the rows of its state in registers. For x86: elsewhere scalar code is as fast.</summary>
internal static class RowCompression
{
    /// <summary>Whether <see cref="Compress"/> may be called.</summary>
    public static bool IsSupported => Sse41.IsSupported;

    /// <summary>What <see cref="ScalarCompression.Compress(ref uint, ref byte, ulong, uint, uint)"/> does.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Compress(ref uint chainingValue, ref byte block, ulong counter, uint blockLength, uint flags)
    {
        Vector128<uint> a = Vector128.LoadUnsafe(ref chainingValue), b = Vector128.LoadUnsafe(ref chainingValue, 4);
        Vector128<uint> c = Vector128.Create(0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A);
        Vector128<uint> d = Vector128.Create((uint)counter, (uint)(counter >> 32), blockLength, flags);
        RowRounds<Rows128, Lanes128, Vector128<uint>>.Run(
            ref a, ref b, ref c, ref d, Words(ref block, 0), Words(ref block, 16), Words(ref block, 32), Words(ref block, 48));
        (a ^ c).StoreUnsafe(ref chainingValue);
        (b ^ d).StoreUnsafe(ref chainingValue, 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Words(ref byte block, nuint offset) => Vector128.LoadUnsafe(ref block, offset).AsUInt32();
}
