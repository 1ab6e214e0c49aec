using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel.Commands;

/// <summary>What events do to records.</summary>
internal sealed partial class KernelTables
{
    public void AppendRecords(VectorBlock vectors, ReadOnlyMemory<ulong> tags)
    {
        LiveRecords += (ulong)vectors.Count;
        if (vectors.Count < BatchLeaves.LeastRecords || _recordTree is null)
        {
            Records.Append(vectors, 0, tags.Span);
            HashInsertedFrom(RecordLeaves.LeavesPerGroup);
            return;
        }
        HashInserted();
        ulong firstId = Records.Count;
        BatchLeaves others = new(Dimension, vectors.Count, (hasher, first, leaves) =>
            hasher.Hash(new RecordId(firstId + (ulong)first), tags.Span.Slice(first, leaves.Length), vectors, first, leaves));
        others.Release(vectors.Count);
        Records.Append(vectors, 0, tags.Span);
        RecordTree.Append(others.Finish());
    }

    /// <summary>Appends records with their attributes. A live record with the key of one of them becomes a tombstone, and its nodes stand for the new one.</summary>
    public void PutRecords(VectorBlock vectors, ReadOnlyMemory<ulong> tags, IReadOnlyList<RecordAttributes> attributes)
    {
        HashInserted();
        ulong firstId = Records.Count;
        Records.Append(vectors, 0, tags.Span);
        LiveRecords += (ulong)vectors.Count;
        // Others hash the first ones while the next ones get their attributes.
        bool isLarge = vectors.Count >= BatchLeaves.LeastRecords;
        BatchLeaves? others = !isLarge || _recordTree is null ? null
            : new BatchLeaves(Dimension, vectors.Count, (hasher, first, leaves) => HashRows(hasher, new RecordId(firstId + (ulong)first), leaves));
        if (isLarge) Records.Fields.BeginMany();
        List<(RecordId Old, RecordId New)> replaced = [];
        for (int i = 0; i < attributes.Count;)
        {
            RecordId id = new(firstId + (ulong)i);
            if (SetFirstAttributes(id, attributes[i]) is { } old && CheckRecord(old) is null) replaced.Add((old, id));
            if (++i % BatchLeaves.RecordsPerPart == 0) others?.Release(i);
        }
        if (isLarge) Records.Fields.EndMany();
        foreach ((RecordId old, RecordId with) in replaced) MoveNodes(old, with);

        if (others is not null) RecordTree.Append(others.Finish());
        else HashInsertedFrom(RecordLeaves.LeavesPerGroup);
        foreach ((RecordId old, _) in replaced) DeleteRecord(old);
    }

    public void DeleteRecord(RecordId id)
    {
        HashInserted();
        RecordSegment segment = Records.Find(id, out int row);
        FreeableBytes += Records.BytesOf(id, Version) + BytesOfAChange;
        LeaveAttributes(segment.GetAttributes(row, Version));
        segment.Delete(row, Version);
        LiveRecords--;
        _recordTree?.Set(id.Value, Leaves.RecordTombstone(id));
    }

    /// <param name="metadata">Kept as it is.</param>
    public void SetMetadata(RecordId id, byte[] metadata)
    {
        HashInserted();
        FreeableBytes += (Records.Find(id, out int row).GetMetadata(row, Version)?.Length ?? 0) + 2 * BytesOfAChange;
        Records.SetMetadata(id, metadata, Version);
        HashChanged(id);
    }

    /// <param name="fields">All that the record has from now on.</param>
    public void SetFields(RecordId id, Fields fields) =>
        ReplaceAttributes(id, () => Records.ReplaceFields(id, fields.IsEmpty ? [] : fields.Canonical.Span, Version));

    /// <param name="expiry">In microseconds since 1970; null if the record does not end.</param>
    public void SetExpiry(RecordId id, long? expiry) => ReplaceAttributes(id, () => Records.ReplaceExpiry(id, expiry, Version));


    /// <summary>Counts records that were taken over from older tables.</summary>
    /// <param name="freeableBytes">What dead rows among them hold.</param>
    public void CountTaken(ulong live, ulong attributed, long freeableBytes)
    {
        LiveRecords += live;
        LiveAttributed += attributed;
        FreeableBytes += freeableBytes;
    }

    /// <summary>Takes a segment that a snapshot's reader has filled. Its leaves come later.</summary>
    /// <param name="live">Of each row, whether it is a record and not a tombstone.</param>
    /// <param name="tags">Of the live rows.</param>
    public void AppendSegment(RecordSegment segment, ReadOnlySpan<bool> live, ReadOnlySpan<ulong> tags)
    {
        Records.Append(segment, live, tags, Version);
        LiveRecords += (ulong)tags.Length;
        FreeableBytes += (live.Length - tags.Length) * (segment.ColumnBytes / segment.Capacity);
    }

    /// <summary>Adds the attributes of a new record, before it has a leaf.</summary>
    /// <param name="key">Empty without one.</param>
    /// <param name="fields">Canonical, or empty without any.</param>
    /// <returns>The record that was the newest one with the key, live or deleted.</returns>
    public RecordId? SetFirstAttributes(RecordId id, ReadOnlySpan<byte> key, ReadOnlySpan<byte> fields, long? expiry)
    {
        LiveAttributed++;
        return Records.SetFirstAttributes(id, key, fields, expiry, Version);
    }

    private void LeaveAttributes(PackedAttributes attributes)
    {
        if (attributes.IsNone) return;
        LiveAttributed--;
        Records.LeaveAttributes(attributes);
    }

    private void ReplaceAttributes(RecordId id, Action replace)
    {
        HashInserted();
        RecordSegment segment = Records.Find(id, out int row);
        FreeableBytes += segment.GetAttributes(row, Version).Bytes.Length + 2 * BytesOfAChange;
        LeaveAttributes(segment.GetAttributes(row, Version));
        replace();
        if (!segment.GetAttributes(row, Version).IsNone) LiveAttributed++;
        HashChanged(id);
    }

    private RecordId? SetFirstAttributes(RecordId id, RecordAttributes attributes)
    {
        if (attributes.Metadata is { } metadata) Records.SetMetadata(id, metadata.ToArray(), Version);
        if (!attributes.IsInLeaf) return null;
        ReadOnlySpan<byte> key = attributes.Key is { } named ? named.Utf8 : [];
        return SetFirstAttributes(id, key, attributes.Fields.IsEmpty ? [] : attributes.Fields.Canonical.Span, attributes.ExpiresAtUnixMicroseconds);
    }
}
