using System.Buffers;

namespace Valori.Actors.Entries;

/// <summary>
/// Compares what is written to it with bytes that are there, piece by piece: an entry of many records is checked without
/// existing twice. Fresh memory for a second one took a seventh of the engine thread's time in a replay.
/// </summary>
internal sealed class ComparingWriter(ReadOnlyMemory<byte> expected) : IBufferWriter<byte>
{
    /// <summary>Most bytes of a piece: they stay in the first cache.</summary>
    public const int BufferBytes = 16 * 1024;

    private byte[] _buffer = new byte[Math.Clamp(expected.Length, 1, BufferBytes)];
    private int _position;
    private bool _differs;

    /// <summary>Whether exactly the expected bytes were written.</summary>
    public bool IsEqual => !_differs && _position == expected.Length;

    public void Advance(int count)
    {
        _differs = _differs || count > expected.Length - _position
            || !_buffer.AsSpan(0, count).SequenceEqual(expected.Span.Slice(_position, count));
        if (!_differs) _position += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_buffer.Length < sizeHint) _buffer = new byte[sizeHint];
        return _buffer;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
