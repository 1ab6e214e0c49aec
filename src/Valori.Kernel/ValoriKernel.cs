using Valori.Kernel.Blake3;
using Valori.Kernel.Memory;
using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;

namespace Valori.Kernel;

/// <summary>
/// The single-writer state machine: commands are decided (<see cref="Decide"/>), events are applied (<see cref="Apply"/>),
/// and each version can be read for ever through an immutable <see cref="View"/>. Pure: no I/O, no clock, no
/// randomness, no threads of its own (large batches and snapshots borrow the thread pool to hash). One thread at a time may decide
/// and apply; Views are read by any number of threads meanwhile.
/// </summary>
/// <remarks>Invariants: the same events give the same state hash on every machine; a refused command changes nothing; a
/// View never changes.</remarks>
public sealed partial class ValoriKernel
{
    private readonly RecordTable _records;
    private readonly GraphTable _graph = new();
    private readonly PastDigests _pastDigests = new();
    private readonly MerkleTree _recordTree;
    private readonly MerkleTree _nodeTree;
    private readonly MerkleTree _edgeTree;
    private readonly AppendOnlyList<ViewPoint> _points = new();
    private readonly ViewStorage _storage;
    private readonly int[] _rawRow;
    private readonly RecordLeaves _recordLeaves;
    private Digest? _stateHash;
    private ulong _version;
    private ulong _liveRecords;
    private ulong _liveNodes;
    private ulong _liveEdges;

    /// <summary>An empty kernel.</summary>
    /// <param name="dimension">Components of every vector, 1 to 65,536; fixed for good.</param>
    public ValoriKernel(int dimension)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Valori keeps vectors as little-endian bytes and runs on little-endian machines only");
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, Limits.MinimumDimension);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, Limits.MaximumDimension);
        Dimension = dimension;
        _records = new RecordTable(dimension);
        _rawRow = new int[dimension];
        _recordLeaves = new RecordLeaves(dimension);
        _recordTree = new MerkleTree(_pastDigests);
        _nodeTree = new MerkleTree(_pastDigests);
        _edgeTree = new MerkleTree(_pastDigests);
        _storage = new ViewStorage(_records, _graph, _recordTree, _nodeTree, _edgeTree, _points);
    }

    /// <summary>Components of every vector.</summary>
    public int Dimension { get; }

    /// <summary>
    /// The 32-byte root of all content (FORMATS section 6), as of the last event applied. Computed when it is first asked for
    /// after an event, with about log2(n) hashes: events that are recorded together pay for it once. The writer's alone.
    /// </summary>
    public Digest StateHash
    {
        get
        {
            if (_stateHash is { } known) return known;
            HashInserted();
            Invariant.Holds(_recordTree.Count == _records.Count);
            _stateHash = Merkle.StateHash.Compute(Dimension, _recordTree.Head, _nodeTree.Head, _edgeTree.Head);
            return _stateHash.Value;
        }
    }

    /// <summary>
    /// About what this takes of memory, in bytes: content, indexes, digests, and of each what was deleted or replaced. O(1). The
    /// writer's alone.
    /// </summary>
    public long ApproximateMemoryBytes =>
        _records.ApproximateBytes + _graph.Bytes + _points.Bytes + _recordTree.Bytes + _nodeTree.Bytes + _edgeTree.Bytes + _pastDigests.Bytes;

    /// <summary>Takes a View of the present state. O(1): a few counters over shared, append-only storage.</summary>
    public View TakeView()
    {
        Mark();
        return new View(_storage, _points[_points.Count - 1], _points.Count);
    }

    /// <summary>
    /// Makes the present version one that later Views can go back to (<see cref="View.AsOf"/>): some hundred bytes, for ever.
    /// Gives the version.
    /// </summary>
    public ulong Mark()
    {
        if (_points.Count > 0 && _points[_points.Count - 1].Version == _version) return _version;
        _points.Append(new ViewPoint
        {
            Version = _version,
            StateHash = StateHash,
            RecordSlots = _records.Count,
            NodeSlots = _graph.Nodes.Count,
            EdgeSlots = _graph.Edges.Count,
            RecordCount = _liveRecords,
            NodeCount = _liveNodes,
            EdgeCount = _liveEdges,
            PastDigests = _pastDigests.Mark(),
        });
        return _version;
    }
}
