using Valori.Kernel.Commands;
using Valori.Kernel.Memory;
using Valori.Protocol;

namespace Valori.Kernel;

/// <summary>
/// The single-writer state machine: commands are decided (<see cref="Decide"/>), events are applied (<see cref="Apply"/>),
/// and each version can be read forever through an immutable <see cref="View"/>. Pure: no I/O, no clock, no
/// randomness, no threads of its own (large batches and snapshots borrow the thread pool to hash). One thread at a time may decide
/// and apply; Views are read by any number of threads meanwhile.
/// </summary>
/// <remarks>Invariants: the same events lead to the same state hash on every machine; a refused command changes nothing; a
/// View never changes.</remarks>
internal sealed partial class ValoriKernel
{
    // These three begin anew when memory is freed.
    private KernelTables _tables;
    private AppendOnlyList<ViewPoint> _points = new();
    private ViewStorage _storage;
    private readonly object _identity = new();
    private Digest? _stateHash;

    /// <summary>An empty kernel of vectors of this dimension.</summary>
    public ValoriKernel(int dimension)
        : this(new EngineSchema(dimension))
    {
    }

    /// <summary>An empty kernel.</summary>
    public ValoriKernel(EngineSchema schema)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Valori keeps vectors as little-endian bytes and runs on little-endian machines only");
        Schema = schema;
        _tables = new KernelTables(schema);
        _storage = NewStorage();
    }

    private ViewStorage NewStorage() =>
        new(_tables.Records, _tables.Graph, _tables.RecordTree, _tables.NodeTree, _tables.EdgeTree, _tables.PastDigests, _points, _identity);

    /// <summary>What was fixed when the engine was created.</summary>
    public EngineSchema Schema { get; }

    /// <summary>Components of every vector.</summary>
    public int Dimension => Schema.Dimension;

    /// <summary>
    /// The 32-byte hash of all content, as of the last event applied. Computed when it is first asked for
    /// after an event, with about log2(n) hashes: events that are recorded together pay for it once. Writer thread only.
    /// </summary>
    public Digest StateHash
    {
        get
        {
            if (_stateHash is { } known) return known;
            _tables.HashInserted();
            Invariant.Holds(_tables.RecordTree.Count == _tables.RecordSlots);
            _stateHash = Merkle.StateHash.Compute(Schema, _tables.RecordTree.Head, _tables.NodeTree.Head, _tables.EdgeTree.Head);
            return _stateHash.Value;
        }
    }

    /// <summary>
    /// About what this takes of memory, in bytes: content, indexes, digests, and of each what was deleted or replaced. O(1).
    /// Writer thread only.
    /// </summary>
    public long ApproximateMemoryBytes => _tables.ApproximateBytes + _points.Bytes + FreshBytes;

    /// <summary>When the next record expires (<see cref="ExpireRecords"/>), in microseconds since 1970; null if none ever does. Writer thread only.</summary>
    public long? NextExpiryUnixMicroseconds => _tables.Records.Expiries.Earliest(_tables.Version);

    /// <summary>What <see cref="Storage.ExpiryIndex"/> holds, for tests of its work.</summary>
    internal int ExpiryEntries => _tables.Records.Expiries.Count;

    /// <summary>Takes a View of the present state. O(1): a few counters over shared, append-only storage.</summary>
    public View TakeView()
    {
        Mark();
        return new View(_storage, _points[_points.Count - 1], _points.Count);
    }

    /// <summary>
    /// Makes the present version one that later Views can go back to (<see cref="View.AsOf"/>): some hundred bytes, for ever.
    /// Returns the version.
    /// </summary>
    public ulong Mark()
    {
        if (_points.Count > 0 && _points[_points.Count - 1].Version == _tables.Version) return _tables.Version;
        _points.Append(new ViewPoint
        {
            Version = _tables.Version,
            StateHash = StateHash,
            RecordSlots = _tables.RecordSlots,
            NodeSlots = _tables.NodeSlots,
            EdgeSlots = _tables.EdgeSlots,
            RecordCount = _tables.LiveRecords,
            AttributedCount = _tables.LiveAttributed,
            NodeCount = _tables.LiveNodes,
            EdgeCount = _tables.LiveEdges,
            PastDigests = _tables.PastDigests.Mark(),
            HasAttributesInGraph = _tables.LiveAttributedInGraph > 0,
        });
        return _tables.Version;
    }
}
