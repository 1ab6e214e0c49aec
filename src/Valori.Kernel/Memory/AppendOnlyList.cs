using System.Runtime.CompilerServices;

namespace Valori.Kernel.Memory;

/// <summary>
/// A list that only grows, in chunks: one writer appends while any number of readers read what was there
/// when their View was taken. A reader learns how long the list is from its View, never from the list.
/// </summary>
/// <remarks>
/// The first chunk begins small and is copied until it is full, because most lists of a small engine stay short; the others never
/// move. A reader that still has the shorter one reads it as it was when it was copied, which is later than its View. The writer must
/// not keep a reference to a row over an append.
/// </remarks>
internal sealed class AppendOnlyList<T> where T : struct
{
    private const int ChunkShift = 10;
    private const int ChunkLength = 1 << ChunkShift;
    private const int ChunkMask = ChunkLength - 1;

    // Of the first chunk: 16, 64, 256, 1,024.
    private const int FirstLength = 16;
    private const int Growth = 4;

    // Replaced by a longer array when full. Older arrays stay right for the rows they hold: the chunks are shared.
    private volatile T[][] _chunks = [];

    /// <summary>Rows appended so far. The writer's own: readers use the count of their View.</summary>
    public ulong Count { get; private set; }

    /// <summary>What the chunks take. The writer's own.</summary>
    public long Bytes => Unsafe.SizeOf<T>() * (Count switch
    {
        0 => 0L,
        <= ChunkLength => _chunks[0].Length,
        _ => ((long)Count + ChunkMask) / ChunkLength * ChunkLength,
    });

    /// <summary>The row itself. Fields that change after the row was appended are read and written with Volatile.</summary>
    public ref T this[ulong index] => ref _chunks[index >> ChunkShift][index & ChunkMask];

    public void Append(in T row) => Extend(1)[0] = row;

    /// <summary>Appends default rows for the writer to fill: as many as asked for, or fewer if they fill a chunk.</summary>
    public Span<T> Extend(int rows)
    {
        int chunk = checked((int)(Count >> ChunkShift)), start = (int)(Count & ChunkMask);
        T[][] chunks = _chunks;
        if (chunk == 0)
        {
            if (chunks.Length == 0 || start + rows > chunks[0].Length) _chunks = chunks = WithLongerFirst(chunks, start, rows);
        }
        else if (start == 0)
        {
            if (chunk >= chunks.Length) Array.Resize(ref chunks, Math.Max(4, chunks.Length * 2));
            chunks[chunk] = new T[ChunkLength];
            _chunks = chunks;
        }
        int length = Math.Min(rows, ChunkLength - start);
        Count += (ulong)length;
        return _chunks[chunk].AsSpan(start, length);
    }

    private static T[][] WithLongerFirst(T[][] chunks, int start, int rows)
    {
        int length = FirstLength;
        while (length < ChunkLength && length < (long)start + rows) length *= Growth;
        if (chunks.Length > 0 && chunks[0].Length >= length) return chunks;
        T[] longer = new T[length];
        if (chunks.Length > 0) chunks[0].AsSpan(0, start).CopyTo(longer);
        // A new array, so that a reader gets both or neither.
        return [longer];
    }

    /// <summary>The rows from an index on that stand in one chunk. The writer's own, as <see cref="Count"/> is.</summary>
    public ReadOnlySpan<T> Run(ulong index)
    {
        int start = (int)(index & ChunkMask);
        return _chunks[index >> ChunkShift].AsSpan(start, (int)Math.Min((ulong)(ChunkLength - start), Count - index));
    }
}
