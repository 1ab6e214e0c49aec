using System.Numerics;
using Valori.Kernel.Coarse;
using Valori.Kernel.Memory;
using Valori.Kernel.Values;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Storage;

/// <summary>
/// A fixed number of records, stored by column. A row is written once, before any View knows of it. What comes later is
/// stamped with the version that wrote it: a deletion beside the row, metadata and attributes as chains of values. Readers of older
/// versions look past the stamps that are too new for them.
/// </summary>
/// <remarks>
/// The ids of the rows follow each other, but in a packed segment (<see cref="Pack"/>), whose rows are what was live of many ids. After
/// them it has a row that is dead for every View: that is the row of all its other ids.
/// </remarks>
internal sealed partial class RecordSegment
{
    // Set in a row's attributes if they were replaced: what follows it is a head of the store's history, not a place.
    private const ulong IsReplaced = 1UL << 63;

    private const int BitsOfAWord = 64;

    private readonly ColumnMemory _memory;
    private readonly AttributeStore _attributeStore;
    private volatile VectorColumn? _vectors;
    private volatile CoarseColumn? _coarse;
    private volatile MetadataValue?[]? _metadata;
    private volatile ulong[]? _attributes;
    private volatile ulong[]? _replacedFields;
    private ulong _fieldsReplacedAt;
    private volatile ulong[]? _firstNodes;
    private ulong[]? _lastNodes;
    private volatile int _deletedCount;

    public RecordSegment(EngineSchema schema, ColumnMemory memory, AttributeStore attributes)
        : this(schema, memory, attributes, new ulong[RowsPerSegment(schema.Dimension)], new long[RowsPerSegment(schema.Dimension)], ids: null)
    {
    }

    private RecordSegment(EngineSchema schema, ColumnMemory memory, AttributeStore attributes, ulong[] tags, long[] squaredNorms, uint[]? ids)
    {
        _memory = memory;
        _attributeStore = attributes;
        Schema = schema;
        Tags = tags;
        SquaredNorms = squaredNorms;
        Ids = ids;
        DeletedAt = new ulong[Capacity];
        memory.Note(3L * sizeof(ulong) * Capacity + (ids is null ? 0 : (long)sizeof(uint) * ids.Length));
    }

    public EngineSchema Schema { get; }

    public int Dimension => Schema.Dimension;

    public int Capacity => Tags.Length;

    /// <summary>Rows of a full segment.</summary>
    public int FullRows => Ids?.Length ?? Capacity;

    /// <summary>Of a packed segment, the id of each row, ascending; null if the ids follow each other.</summary>
    public uint[]? Ids { get; }

    public ulong[] Tags { get; }

    public long[] SquaredNorms { get; }

    /// <summary>The version that deleted the row, 0 while it lives.</summary>
    public ulong[] DeletedAt { get; }

    /// <summary>Whether any row was ever deleted: if not, a scan need not look.</summary>
    public bool HasDeletions => _deletedCount != 0;

    /// <summary>
    /// The vectors; a reader takes the reference once and works on it. Null before the first row that has one: tombstones of a
    /// snapshot have none, and the vector of a row that is not live is not read.
    /// </summary>
    public VectorColumn? Vectors => _vectors;

    /// <summary>The coarse form of a full segment; null before, and if the vectors cannot be bounded.</summary>
    public CoarseColumn? Coarse => _coarse;

    /// <summary>
    /// A power of two of rows that fill about 1 MiB in narrow form. A function of the dimension alone, and part of the
    /// snapshot layout (section 12 of docs/formats.md in Valori's repository): frozen.
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

    /// <summary>Sets the attributes that a row comes with. Writer thread only.</summary>
    /// <param name="place">Not 0.</param>
    public void SetFirstAttributes(int row, ulong place) => Volatile.Write(ref AttributeColumn()[row], place);

    /// <summary>The version that replaced the fields of a row last; 0 if none ever did.</summary>
    public ulong FieldsReplacedAt => Volatile.Read(ref _fieldsReplacedAt);

    /// <summary>Notes that the fields of a row are about to be replaced. Writer thread only.</summary>
    public void NoteReplacedFields(int row, ulong version)
    {
        if (_replacedFields is not { } rows)
        {
            rows = new ulong[(Capacity + BitsOfAWord - 1) / BitsOfAWord];
            _memory.Note((long)sizeof(ulong) * rows.Length);
            _replacedFields = rows;
        }
        ref ulong word = ref rows[row / BitsOfAWord];
        Volatile.Write(ref word, word | 1UL << row % BitsOfAWord);
        Volatile.Write(ref _fieldsReplacedAt, version);
    }

    /// <summary>
    /// Whether a row may have had other fields before, or get them later than a View that asks. If not, it has had the same in every View,
    /// and an index that knows one of its values knows it rightly.
    /// </summary>
    public bool MayHaveReplacedFields(int row) => _replacedFields is { } rows && (Volatile.Read(ref rows[row / BitsOfAWord]) >> row % BitsOfAWord & 1) != 0;

    /// <summary>Replaces the attributes of a row. Writer thread only.</summary>
    /// <param name="place">0 for none.</param>
    public void ReplaceAttributes(int row, ulong place, ulong version)
    {
        ref ulong attributes = ref AttributeColumn()[row];
        ValueHistory replaced = _attributeStore.Replaced;
        uint head = (attributes & IsReplaced) != 0 ? (uint)attributes : replaced.Append(0, attributes, 0);
        Volatile.Write(ref attributes, IsReplaced | replaced.Append(head, place, version));
    }

    /// <summary>The attributes of the row as of the version.</summary>
    public PackedAttributes GetAttributes(int row, ulong version)
    {
        ulong[]? column = _attributes;
        if (column is null) return default;
        ulong place = Volatile.Read(ref column[row]);
        if ((place & IsReplaced) != 0) _attributeStore.Replaced.TryGet((uint)place, version, out place);
        return _attributeStore.At(place);
    }

    /// <summary>Reads what leads to the vectors, so that the caches have it.</summary>
    public void Touch() => _ = _vectors?.Narrow?.Memory.Length;

    /// <summary>Asks memory for what says whether a row is live, and where its attributes are.</summary>
    public void PrefetchRow(int row)
    {
        Cache.Prefetch(ref DeletedAt[row], sizeof(ulong));
        Cache.Prefetch(ref Tags[row], sizeof(ulong));
        if (_attributes is { } column) Cache.Prefetch(ref column[row], sizeof(ulong));
    }

    /// <summary>Asks memory for the attributes of a row: some time after <see cref="PrefetchRow"/>, as it reads where they are.</summary>
    public void PrefetchAttributes(int row)
    {
        if (_attributes is { } column && Volatile.Read(ref column[row]) is > 0 and < IsReplaced and var place) _attributeStore.Prefetch(place);
    }

    /// <summary>The key of the row, which it has forever; empty without one. Also of rows that are later than every View.</summary>
    public ReadOnlySpan<byte> GetKey(int row) => GetAttributes(row, ulong.MaxValue).Key;

    /// <summary>Whether the row has neither metadata nor attributes as of the version.</summary>
    public bool IsPlain(int row, ulong version) => NewestMetadata(row)?.At(version) is null && GetAttributes(row, version).IsNone;

    /// <summary>Whether the row was deleted, or got other metadata or attributes, later than the version.</summary>
    public bool HasChangedSince(int row, ulong version)
    {
        if (Volatile.Read(ref DeletedAt[row]) > version || NewestMetadata(row)?.Version > version) return true;
        ulong[]? column = _attributes;
        ulong attributes = column is null ? 0 : Volatile.Read(ref column[row]);
        return (attributes & IsReplaced) != 0 && _attributeStore.Replaced.NewestVersion((uint)attributes) > version;
    }

    /// <summary>Remembers that a node stands for the row; returns the last node that did before (id + 1, 0 for none).</summary>
    public ulong LinkNode(int row, NodeId node)
    {
        MakeNodeColumns();
        ulong previous = _lastNodes![row];
        if (previous == 0) Volatile.Write(ref _firstNodes![row], node.Value + 1);
        _lastNodes[row] = node.Value + 1;
        return previous;
    }

    /// <summary>
    /// Lets the nodes of another row stand for this one, which has none. Their list stays that of the other row too, for earlier Views:
    /// what is added to it later, they do not know.
    /// </summary>
    public void TakeNodes(int row, RecordSegment other, int otherRow)
    {
        if (other.FirstNode(otherRow) == 0) return;
        MakeNodeColumns();
        _lastNodes![row] = other._lastNodes![otherRow];
        Volatile.Write(ref _firstNodes![row], other._firstNodes![otherRow]);
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

    private ulong[] AttributeColumn()
    {
        if (_attributes is { } column) return column;
        _memory.Note((long)sizeof(ulong) * Capacity);
        return _attributes = new ulong[Capacity];
    }

    private void MakeNodeColumns()
    {
        if (_lastNodes is not null) return;
        _memory.Note(2L * sizeof(ulong) * Capacity);
        _lastNodes = new ulong[Capacity];
        _firstNodes = new ulong[Capacity];
    }

    private MetadataValue? NewestMetadata(int row)
    {
        MetadataValue?[]? column = _metadata;
        return column is null ? null : Volatile.Read(ref column[row]);
    }
}
