using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel.Search;

/// <summary>The records that a View shows, for the ways to search them.</summary>
/// <param name="Slots">Record ids that the View knows of: the table may have more by now.</param>
/// <param name="Version">The View's.</param>
internal sealed record ViewRecords(RecordTable Table, ulong Slots, ulong Version)
{
    /// <summary>Rows that a scan reads.</summary>
    public ulong Rows => Slots - Table.IdsWithoutRow;

    /// <summary>Blocks of ids that hold at least one that the View knows of.</summary>
    public int Blocks => (int)((Slots + (ulong)Table.RowsPerSegment - 1) / (ulong)Table.RowsPerSegment);

    /// <summary>Whether a live record matches a filter.</summary>
    public bool Matches(Filter filter, RecordId id)
    {
        RecordSegment segment = Table.Find(id, out int row);
        if (!segment.IsLive(row, Version)) return false;
        PackedAttributes attributes = segment.GetAttributes(row, Version);
        return filter.Matches(id.Value, segment.Tags[row], attributes.Key, attributes.Fields);
    }

    /// <summary>The rows of a block's segment.</summary>
    /// <param name="filter">Rows that do not match it are passed over.</param>
    public SegmentRows RowsOf(int block, RowFilter filter)
    {
        RecordSegment segment = Table.Segment(block);
        // What was packed is older than every View of the table.
        if (segment.Ids is { } ids) return new SegmentRows(segment, 0, ids.Length, Version, filter);
        ulong first = (ulong)block * (ulong)Table.RowsPerSegment;
        int rows = (int)Math.Min((ulong)Table.RowsPerSegment, Slots - first);
        return new SegmentRows(segment, first, rows, Version, filter);
    }
}
