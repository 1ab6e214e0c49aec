using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Memory;

/// <summary>
/// Elements that start at a cache line and never move, in an array of their own or in a part of a larger one. An ordinary
/// array starts anywhere, so every other load of 32 bytes would touch two lines, and a row one line more than it has.
/// </summary>
internal sealed class AlignedArray<T> where T : unmanaged
{
    private readonly byte[] _memory;
    private readonly int _start;

    /// <summary>An array of its own. The elements hold anything until they are written.</summary>
    public AlignedArray(int length)
        : this(GC.AllocateUninitializedArray<byte>(checked(length * Unsafe.SizeOf<T>() + CacheLine.Bytes), pinned: true), 0, length)
    {
    }

    /// <summary>A part of pinned memory: the first cache line at or after <paramref name="start"/>, and what follows.</summary>
    public AlignedArray(byte[] memory, int start, int length)
    {
        _memory = memory;
        _start = CacheLine.FirstIn(memory, start);
        Length = length;
        // All that follows relies on it: spans are made without further checks.
        if ((long)_start + (long)length * Unsafe.SizeOf<T>() > memory.Length)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"does not fit {memory.Length} bytes from {_start} on");
    }

    public int Length { get; }

    /// <summary>The byte of the memory after the last element.</summary>
    public int End => _start + Length * Unsafe.SizeOf<T>();

    public ref T this[int index] => ref AsSpan()[index];

    /// <summary>What the elements lie in: it lives as long as any of the arrays in it.</summary>
    public byte[] Memory => _memory;

    /// <summary>The first element, for loads by offset.</summary>
    public ref T Reference => ref Unsafe.As<byte, T>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_memory), _start));

    /// <summary>The elements as bytes.</summary>
    public Memory<byte> Bytes => _memory.AsMemory(_start, Length * Unsafe.SizeOf<T>());

    public Span<T> AsSpan() => MemoryMarshal.CreateSpan(ref Reference, Length);

    public Span<T> AsSpan(int start, int length) => AsSpan().Slice(start, length);
}
