using System.Numerics;
using Valori.Kernel.Coarse;
using Valori.Kernel.Memory;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Storage;

/// <summary>
/// A fixed number of records, stored by column. A row is written once, before any View knows of it. What comes later is
/// stamped with the version that wrote it: a deletion beside the row, metadata as a chain of values. Readers of older
/// versions look past the stamps that are too new for them.
/// </summary>
internal sealed class RecordSegment
{
    private readonly ColumnMemory _memory;
    private volatile VectorColumn? _vectors;
    private volatile CoarseColumn? _coarse;
    private volatile MetadataValue?[]? _metadata;
    private volatile ulong[]? _firstNodes;
    private ulong[]? _lastNodes;
    private volatile int _deletedCount;

    public RecordSegment(EngineSchema schema, ColumnMemory memory)
    {
        _memory = memory;
        Schema = schema;
        Capacity = RowsPerSegment(Dimension);
        Tags = new ulong[Capacity];
        SquaredNorms = new long[Capacity];
        DeletedAt = new ulong[Capacity];
        memory.Note(3L * sizeof(ulong) * Capacity);
    }

    public EngineSchema Schema { get; }

    public int Dimension => Schema.Dimension;

    public int Capacity { get; }

    public ulong[] Tags { get; }

    public long[] SquaredNorms { get; }

    /// <summary>The version that deleted the row, 0 while it lives.</summary>
    public ulong[] DeletedAt { get; }

    /// <summary>Whether any row was ever deleted: if not, a scan need not look.</summary>
    public bool HasDeletions => _deletedCount != 0;

    /// <summary>
    /// The vectors; a reader takes the reference once and works on it. Null before the first row that has one: tombstones of a
    /// snapshot have none, and nobody reads the vector of a row that is not live.
    /// </summary>
    public VectorColumn? Vectors => _vectors;

    /// <summary>The coarse form of a full segment; null before, and if the vectors cannot be bounded.</summary>
    public CoarseColumn? Coarse => _coarse;

    /// <summary>
    /// A power of two of rows that fill about 1 MiB in narrow form. A function of the dimension alone, and part of the
    /// snapshot layout (docs/formats.md): frozen.
    /// </summary>
    public static int RowsPerSegment(int dimension) =>
        Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)((1 << 19) / dimension / 2 + 1)), 16, 8192);

    /// <summary>Writes rows after the ones that are there. Writer thread only.</summary>
    public void Append(int row, VectorBlock block, int firstBlockRow, ReadOnlySpan<ulong> tags)
    {
        MakeRoom(row, block.IsNarrow).Write(row, Dimension, block, firstBlockRow, tags.Length);
        tags.CopyTo(Tags.AsSpan(row));
        block.SquaredNorms.Slice(firstBlockRow, tags.Length).CopyTo(SquaredNorms.AsSpan(row));
    }

    /// <summary>Memory for the vectors of so many rows of an empty segment: little-endian, one after the other. Writer thread only.</summary>
    public Memory<byte> NewVectors(bool isNarrow, int rows)
    {
        VectorColumn vectors = VectorColumn.New(_memory, isNarrow, Capacity * Dimension);
        _vectors = vectors;
        return vectors.Bytes[..(rows * Dimension * (isNarrow ? sizeof(short) : sizeof(int)))];
    }

    /// <summary>Moves the vectors and norms of the live rows to their rows, and makes the other rows tombstones. Writer thread only.</summary>
    public void Spread(ReadOnlySpan<bool> live, ReadOnlySpan<ulong> tags, ulong version)
    {
        if (tags.Length == live.Length)
        {
            tags.CopyTo(Tags);
            return;
        }
        // From the last one on: no row then moves to where another one still is.
        int next = tags.Length;
        for (int row = live.Length - 1; row >= 0; row--)
        {
            if (!live[row])
            {
                _vectors?.ClearRows(row, 1, Dimension);
                SquaredNorms[row] = 0;
                Delete(row, version);
                continue;
            }
            next--;
            Tags[row] = tags[next];
            SquaredNorms[row] = SquaredNorms[next];
            _vectors!.MoveRow(next, row, Dimension);
        }
    }

    /// <summary>Makes the coarse form, once the segment is full. Once.</summary>
    /// <param name="previous">The scale of the segment before it.</param>
    /// <returns>The scale that was used, or null if there is no coarse form.</returns>
    public CoarseScale? Coarsen(CoarseScale? previous)
    {
        if (_vectors is not { } vectors) return null;
        _coarse = CoarseColumn.Build(_memory, vectors, SquaredNorms, Schema, previous);
        return _coarse?.Scale;
    }

    public void Delete(int row, ulong version)
    {
        Volatile.Write(ref DeletedAt[row], version);
        _deletedCount++;
    }

    public bool IsLive(int row, ulong version)
    {
        ulong deletedAt = Volatile.Read(ref DeletedAt[row]);
        return deletedAt == 0 || deletedAt > version;
    }

    public void SetMetadata(int row, byte[] value, ulong version)
    {
        if (_metadata is null)
        {
            _metadata = new MetadataValue?[Capacity];
            _memory.Note((long)sizeof(ulong) * Capacity);
        }
        MetadataValue?[] column = _metadata;
        Volatile.Write(ref column[row], new MetadataValue(value, version, column[row]));
    }

    /// <summary>The metadata of the row as of the version, or null if it had none.</summary>
    public byte[]? GetMetadata(int row, ulong version) => NewestMetadata(row)?.At(version)?.Value;

    /// <summary>Whether the row was deleted or got other metadata later than the version.</summary>
    public bool HasChangedSince(int row, ulong version) =>
        Volatile.Read(ref DeletedAt[row]) > version || NewestMetadata(row)?.Version > version;

    /// <summary>Remembers that a node stands for the row; returns the last node that did before (id + 1, 0 for none).</summary>
    public ulong LinkNode(int row, NodeId node)
    {
        ulong[] first = _firstNodes ?? new ulong[Capacity];
        if (_lastNodes is null)
        {
            _lastNodes = new ulong[Capacity];
            _memory.Note(2L * sizeof(ulong) * Capacity);
        }
        ulong[] last = _lastNodes;
        ulong previous = last[row];
        if (previous == 0) Volatile.Write(ref first[row], node.Value + 1);
        last[row] = node.Value + 1;
        _firstNodes = first;
        return previous;
    }

    /// <summary>The first node that stands for the row (id + 1, 0 for none); the graph knows the next ones.</summary>
    public ulong FirstNode(int row)
    {
        ulong[]? first = _firstNodes;
        return first is null ? 0 : Volatile.Read(ref first[row]);
    }

    private VectorColumn MakeRoom(int row, bool isNarrow)
    {
        VectorColumn? vectors = _vectors;
        if (vectors is null)
        {
            vectors = VectorColumn.New(_memory, isNarrow, Capacity * Dimension);
            // The rows before are tombstones, of which zeros are a vector as good as any; the memory holds anything.
            vectors.ClearRows(0, row, Dimension);
        }
        else if (!isNarrow && vectors.Narrow is not null)
        {
            vectors = vectors.Widened(_memory, row * Dimension);
        }
        _vectors = vectors;
        return vectors;
    }

    private MetadataValue? NewestMetadata(int row)
    {
        MetadataValue?[]? column = _metadata;
        return column is null ? null : Volatile.Read(ref column[row]);
    }
}
