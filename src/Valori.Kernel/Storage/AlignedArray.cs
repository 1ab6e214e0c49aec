using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Storage;

/// <summary>
/// A large, long-lived array that starts at a cache line and never moves. An ordinary array starts anywhere, so every other
/// load of 32 bytes would touch two lines, and a row one line more than it has.
/// </summary>
internal sealed class AlignedArray<T> where T : unmanaged
{
    private const int LineBytes = 64;

    private readonly T[] _array;
    private readonly int _start;

    /// <param name="length">Elements. They hold anything until they are written.</param>
    public unsafe AlignedArray(int length)
    {
        int size = Unsafe.SizeOf<T>();
        _array = GC.AllocateUninitializedArray<T>(length + LineBytes / size, pinned: true);
        // Pinned, so the address is good for as long as the array lives. Arrays start at a multiple of 8 at least.
        nuint address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array));
        _start = (int)((LineBytes - address % LineBytes) % LineBytes) / size;
        Length = length;
    }

    public int Length { get; }

    public ref T this[int index] => ref AsSpan()[index];

    /// <summary>The first element, for loads by offset.</summary>
    public ref T Reference => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_array), _start);

    public Span<T> AsSpan() => _array.AsSpan(_start, Length);

    public Span<T> AsSpan(int start, int length) => AsSpan().Slice(start, length);
}
