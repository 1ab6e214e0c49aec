using System.Runtime.CompilerServices;

namespace Valori.Kernel.Storage;

/// <summary>
/// A list that only grows, in chunks that never move: one writer appends while any number of readers read what was there
/// when their View was taken. A reader learns how long the list is from its View, never from the list.
/// </summary>
internal sealed class AppendOnlyList<T> where T : struct
{
    private const int ChunkShift = 10;
    private const int ChunkLength = 1 << ChunkShift;
    private const int ChunkMask = ChunkLength - 1;

    // Replaced by a longer array when full. Older arrays stay right for the rows they hold: the chunks are shared.
    private volatile T[][] _chunks = [];

    /// <summary>Rows appended so far. The writer's own: readers use the count of their View.</summary>
    public ulong Count { get; private set; }

    /// <summary>What the chunks take. The writer's own.</summary>
    public long Bytes => ((long)Count + ChunkMask) / ChunkLength * ChunkLength * Unsafe.SizeOf<T>();

    /// <summary>The row itself. Fields that change after the row was appended are read and written with Volatile.</summary>
    public ref T this[ulong index] => ref _chunks[index >> ChunkShift][index & ChunkMask];

    public void Append(in T row) => Extend(1)[0] = row;

    /// <summary>Appends default rows for the writer to fill: as many as asked for, or fewer where they fill a chunk.</summary>
    public Span<T> Extend(int rows)
    {
        int chunk = checked((int)(Count >> ChunkShift)), start = (int)(Count & ChunkMask);
        if (start == 0)
        {
            T[][] chunks = _chunks;
            if (chunk >= chunks.Length) Array.Resize(ref chunks, Math.Max(4, chunks.Length * 2));
            chunks[chunk] = new T[ChunkLength];
            _chunks = chunks;
        }
        int length = Math.Min(rows, ChunkLength - start);
        Count += (ulong)length;
        return _chunks[chunk].AsSpan(start, length);
    }

    /// <summary>The rows from an index on that stand in one chunk. The writer's own, as <see cref="Count"/> is.</summary>
    public ReadOnlySpan<T> Run(ulong index)
    {
        int start = (int)(index & ChunkMask);
        return _chunks[index >> ChunkShift].AsSpan(start, (int)Math.Min((ulong)(ChunkLength - start), Count - index));
    }
}
