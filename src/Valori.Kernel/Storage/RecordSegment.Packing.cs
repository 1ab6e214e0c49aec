using System.Runtime.CompilerServices;
using Valori.Kernel.Coarse;
using Valori.Kernel.Memory;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Storage;

/// <summary>How a table that begins anew takes over rows of an older one. Writer thread only.</summary>
internal sealed partial class RecordSegment
{
    /// <summary>Of a row: tag, norm, deletion.</summary>
    public const int BytesBesideVectors = 3 * sizeof(ulong);

    // Any version: no View is older than the first event. No row that lives has it.
    private const ulong DeadForAll = 1;

    /// <summary>The largest number of rows of a packed segment: with the row that is dead for all, as many as others have.</summary>
    public static int MaximumPackedRows(int dimension) => RowsPerSegment(dimension) - 1;

    /// <summary>Of the first so many rows, those that were not deleted by now. Writer thread only.</summary>
    public int CountLive(int rows) => rows - _deletedCount;

    /// <summary>What the columns take that packing can free: vectors, coarse form, tags, norms, deletions.</summary>
    public long ColumnBytes => (_vectors?.Bytes.Length ?? 0) + (_coarse?.Bytes ?? 0) + (long)BytesBesideVectors * Capacity;

    /// <summary>The memory that vectors and coarse form lie in, among others, and how many of its bytes are theirs.</summary>
    public IEnumerable<(byte[] Memory, long Bytes)> SharedMemory()
    {
        if (_vectors is { } vectors) yield return (vectors.Memory, vectors.Bytes.Length);
        if (_coarse is not { } coarse) yield break;
        foreach ((byte[] memory, int bytes) in coarse.Arrays) yield return (memory, bytes);
    }

    /// <summary>The row of an id, which is one of this segment.</summary>
    /// <param name="mask">Of the rows of a segment that is not packed.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int RowOf(uint id, uint mask) => Ids is null ? (int)(id & mask) : PackedRowOf(id);

    /// <summary>
    /// A segment of the same rows over the same columns, which are immutable because it is full. What was deleted later than the version lives
    /// in it. Metadata, attributes and nodes are not taken over.
    /// </summary>
    public RecordSegment Share(ColumnMemory memory, AttributeStore attributes, ulong version)
    {
        RecordSegment shared = new(Schema, memory, attributes, Tags, SquaredNorms, Ids) { _vectors = _vectors, _coarse = _coarse };
        for (int row = 0; row < Capacity; row++)
        {
            if (!IsLive(row, version)) shared.Delete(row, DeletedAt[row]);
        }
        foreach ((byte[] slab, _) in SharedMemory()) memory.Share(slab);
        return shared;
    }

    /// <summary>A copy of a segment that is not packed, with its first rows; it may be filled further. As for <see cref="Share"/>.</summary>
    public RecordSegment Copy(ColumnMemory memory, AttributeStore attributes, int rows, ulong version)
    {
        RecordSegment copy = new(Schema, memory, attributes, (ulong[])Tags.Clone(), (long[])SquaredNorms.Clone(), ids: null);
        if (_vectors is { } vectors)
        {
            copy._vectors = VectorColumn.New(memory, vectors.Narrow is not null, Capacity * Dimension);
            for (int row = 0; row < rows; row++) copy._vectors.CopyRow(vectors, row, row, Dimension);
        }
        for (int row = 0; row < rows; row++)
        {
            if (!IsLive(row, version)) copy.Delete(row, DeletedAt[row]);
        }
        return copy;
    }

    /// <summary>A segment of rows of others, which are all live. Metadata, attributes and nodes are not taken over.</summary>
    /// <param name="rows">With their ids, which ascend.</param>
    public static RecordSegment Pack(EngineSchema schema, ColumnMemory memory, AttributeStore attributes, IReadOnlyList<(RecordSegment From, int Row, uint Id)> rows)
    {
        // Whole blocks of the coarse column, and one row more at least.
        int capacity = (rows.Count + 1 + CoarseColumn.BlockRows - 1) / CoarseColumn.BlockRows * CoarseColumn.BlockRows;
        RecordSegment packed = new(schema, memory, attributes, new ulong[capacity], new long[capacity], [.. rows.Select(row => row.Id)]);
        if (rows.Count > 0) packed._vectors = VectorColumn.New(memory, rows.All(row => row.From._vectors!.FitsNarrow(row.Row, schema.Dimension)), capacity * schema.Dimension);
        for (int row = 0; row < capacity; row++)
        {
            if (row >= rows.Count) packed.Delete(row, DeadForAll);
            if (rows.Count == 0) continue;
            // What pads the last block looks like a row: the coarse form then fits as well as without it.
            (RecordSegment from, int fromRow, _) = rows[Math.Min(row, rows.Count - 1)];
            packed.Tags[row] = from.Tags[fromRow];
            packed.SquaredNorms[row] = from.SquaredNorms[fromRow];
            packed._vectors!.CopyRow(from._vectors!, fromRow, row, schema.Dimension);
        }
        return packed;
    }

    private int PackedRowOf(uint id)
    {
        int row = Array.BinarySearch(Ids!, id);
        return row < 0 ? Ids!.Length : row;
    }
}
