using Valori.Kernel.Storage;

namespace Valori.Kernel;

/// <summary>
/// The state at one version, immutable forever: the writer goes on, and it keeps returning the same answers. Taking
/// one is O(1) and copies nothing; any number of threads may read it without a lock.
/// </summary>
internal sealed partial class View
{
    private readonly ViewStorage _storage;
    private readonly RecordTable _records;
    private readonly GraphTable _graph;
    private readonly ViewPoint _point;

    // How many of the kernel's points are not later than this one.
    private readonly ulong _pointCount;

    internal View(ViewStorage storage, in ViewPoint point, ulong pointCount)
    {
        _storage = storage;
        _records = storage.Records;
        _graph = storage.Graph;
        _point = point;
        _pointCount = pointCount;
    }

    /// <summary>What was fixed when the engine was created.</summary>
    public EngineSchema Schema => _records.Schema;

    /// <summary>Components of every vector.</summary>
    public int Dimension => _records.Dimension;

    /// <summary>Events applied by the kernel when the View was taken.</summary>
    public ulong Version => _point.Version;

    /// <summary>The 32-byte hash of all content.</summary>
    public Digest StateHash => _point.StateHash;

    /// <summary>Record ids assigned so far: live records and tombstones.</summary>
    public ulong RecordSlots => _point.RecordSlots;

    /// <summary>Node ids assigned so far: live nodes and tombstones.</summary>
    public ulong NodeSlots => _point.NodeSlots;

    /// <summary>Edge ids assigned so far: live edges and tombstones.</summary>
    public ulong EdgeSlots => _point.EdgeSlots;

    /// <summary>Live records.</summary>
    public ulong RecordCount => _point.RecordCount;

    /// <summary>Live records that have a key, fields or an expiry.</summary>
    internal ulong AttributedCount => _point.AttributedCount;

    /// <summary>Whether any live node or edge has fields or a valid time.</summary>
    internal bool HasAttributesInGraph => _point.HasAttributesInGraph;

    /// <summary>Live nodes.</summary>
    public ulong NodeCount => _point.NodeCount;

    /// <summary>Live edges.</summary>
    public ulong EdgeCount => _point.EdgeCount;

    /// <summary>The View of an earlier version of the same kernel, over the same storage: nothing is copied. O(log versions).</summary>
    /// <param name="version">One that was marked (<see cref="ValoriKernel.Mark"/>), or of which a View was taken.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such version, or it is later than this one.</exception>
    public View AsOf(ulong version)
    {
        ulong low = 0, high = _pointCount;
        while (low < high)
        {
            ulong middle = low + (high - low) / 2;
            if (_storage.Points[middle].Version < version) low = middle + 1;
            else high = middle;
        }
        if (low == _pointCount || _storage.Points[low].Version != version)
            throw new ArgumentOutOfRangeException(nameof(version), version, $"no marked version up to {Version}");
        return new View(_storage, _storage.Points[low], low + 1);
    }

    /// <summary>The newest marked version, up to this one, whose state hash this is; null if there is none. O(versions).</summary>
    public ulong? FindVersion(Digest stateHash)
    {
        for (ulong point = _pointCount; point > 0; point--)
        {
            if (_storage.Points[point - 1].StateHash == stateHash) return _storage.Points[point - 1].Version;
        }
        return null;
    }

    /// <summary>The record, or a refusal if it does not exist or was deleted.</summary>
    public Outcome<RecordContent> GetRecord(RecordId id)
    {
        if (CheckRecord(id) is { } refusal) return refusal;
        return Content(id, RecordParts.All);
    }

    /// <summary>The record that an id or a key names, or a refusal if there is none.</summary>
    public Outcome<RecordContent> GetRecord(RecordRef record) => Find(record, out Refusal? refusal) is { } id ? GetRecord(id) : refusal!;

    /// <summary>The live record that an id or a key names; null, and why, if there is none.</summary>
    public RecordId? Find(RecordRef record, out Refusal? refusal)
    {
        RecordId? id = record.Key is { } key ? FindKey(key) : record.Id;
        refusal = id is { } named ? CheckRecord(named) : record.Key is { } missing ? Refusal.Key(RecordKey.Show(missing.Utf8)) : Refusal.NoRecordNamed;
        return refusal is null ? id : null;
    }

    /// <summary>The record's metadata, or a refusal if the record does not exist or was deleted.</summary>
    public Outcome<RecordMetadata> GetMetadata(RecordId id)
    {
        if (CheckRecord(id) is { } refusal) return refusal;
        byte[]? metadata = _records.Find(id, out int row).GetMetadata(row, Version);
        return new RecordMetadata(metadata is null ? (ReadOnlyMemory<byte>?)null : metadata);
    }

    /// <summary>The live record with the key.</summary>
    private RecordId? FindKey(RecordKey key) =>
        _records.Keys.TryFind(key.Utf8, RecordSlots, Version, out ulong id) && _records.Find(new RecordId(id), out int row).IsLive(row, Version) ? new RecordId(id) : null;

    /// <summary>Why the record cannot be read, or null if it is live.</summary>
    public Refusal? CheckRecord(RecordId id)
    {
        if (id.Value >= RecordSlots) return Refusal.Record(id.Value, deleted: false);
        return _records.Find(id, out int row).IsLive(row, Version) ? null : Refusal.Record(id.Value, deleted: true);
    }
}
