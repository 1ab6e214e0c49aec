using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Memory;

/// <summary>Where the lines of the processor's caches begin.</summary>
internal static class CacheLine
{
    public const int Bytes = 64;

    /// <summary>The index of the first line at or after an index of a pinned array.</summary>
    public static unsafe int FirstIn(byte[] pinned, int start)
    {
        // Pinned, so the address is good for as long as the array lives.
        nuint address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned)) + (nuint)start;
        return start + (int)((Bytes - address % Bytes) % Bytes);
    }
}
