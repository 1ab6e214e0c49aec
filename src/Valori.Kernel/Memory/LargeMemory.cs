using System.Runtime.InteropServices;

namespace Valori.Kernel.Memory;

/// <summary>
/// Bytes outside the managed heap, in large pages if there are any: more than an array can hold, and returned to the system at once when
/// nobody holds this any more. They hold anything until they are written.
/// </summary>
/// <remarks>
/// Who works on the pointer keeps this alive until it is done (<see cref="GC.KeepAlive"/>). It is never freed otherwise: a reader may always
/// be in it.
/// </remarks>
internal sealed unsafe class LargeMemory
{
    public LargeMemory(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        Pointer = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), (nuint)(bytes >= LargePages.Bytes ? LargePages.Bytes : CacheLine.Bytes));
        LargePages.Advise(Pointer, (nuint)bytes);
        if (bytes > 0) GC.AddMemoryPressure(bytes);
    }

    ~LargeMemory()
    {
        NativeMemory.AlignedFree(Pointer);
        if (Bytes > 0) GC.RemoveMemoryPressure(Bytes);
    }

    public long Bytes { get; }

    /// <summary>The first byte, at the beginning of a cache line.</summary>
    public byte* Pointer { get; }

    /// <summary>A part of the bytes.</summary>
    public Span<byte> Span(long start, int length)
    {
        if (start < 0 || length < 0 || start + length > Bytes) throw new ArgumentOutOfRangeException(nameof(start), start, $"{length} bytes from there on are not among {Bytes}");
        return new Span<byte>(Pointer + start, length);
    }
}
