using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Memory;

/// <summary>Hints to the processor's caches: they change no result.</summary>
internal static class Cache
{
    // What is longer is left to the processor's own prefetcher.
    private const int MaximumLines = 32;

    /// <summary>
    /// Asks for the memory from <paramref name="start"/> on, so that it is there when it is read, once: past the outer caches, which
    /// it would only turn over. A fifth less time for 10,000 rows of 384 components here and there (AMD Zen 3).
    /// </summary>
    public static void Prefetch<T>(ref T start, int bytes) where T : unmanaged => Prefetch(ref start, 0, bytes);

    /// <summary>The same for the memory so many bytes after <paramref name="start"/>, which may belong to nothing.</summary>
    public static unsafe void Prefetch<T>(ref T start, int offset, int bytes) where T : unmanaged => Prefetch((nint)Unsafe.AsPointer(ref start) + offset, bytes);

    /// <summary>The same for an address, which may belong to nothing.</summary>
    public static unsafe void Prefetch(nint start, int bytes)
    {
        if (!Sse.IsSupported) return;
        byte* first = (byte*)start, end = first + Math.Min(bytes, MaximumLines * CacheLine.Bytes);
        for (byte* line = (byte*)((nuint)first & ~(nuint)(CacheLine.Bytes - 1)); line < end; line += CacheLine.Bytes) Sse.PrefetchNonTemporal(line);
    }

    /// <summary>Asks for all of some lines, into all caches: what is read again and again.</summary>
    /// <param name="first">At the beginning of a line.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void PrefetchLines(byte* first, int bytes)
    {
        if (!Sse.IsSupported) return;
        for (int line = 0; line < bytes; line += CacheLine.Bytes) Sse.Prefetch0(first + line);
    }
}
