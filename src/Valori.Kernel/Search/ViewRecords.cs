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

    /// <summary>The rows of a block's segment that have ids from one on and below another: from the first, and before the second that is returned.</summary>
    /// <param name="end">At most <see cref="Slots"/>.</param>
    public (int First, int End) RowsBetween(int block, ulong first, ulong end)
    {
        if (Table.Segment(block).Ids is { } ids) return (CountBelow(ids, first), CountBelow(ids, end));
        ulong start = (ulong)block * (ulong)Table.RowsPerSegment;
        return ((int)(Math.Max(first, start) - start), (int)(Math.Min(end, start + (ulong)Table.RowsPerSegment) - start));
    }

    private static int CountBelow(uint[] ids, ulong id)
    {
        if (id > uint.MaxValue) return ids.Length;
        int place = Array.BinarySearch(ids, (uint)id);
        return place < 0 ? ~place : place;
    }

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
        if (segment.Ids is { } ids) return new SegmentRows(segment, block, 0, ids.Length, Version, filter);
        ulong first = (ulong)block * (ulong)Table.RowsPerSegment;
        int rows = (int)Math.Min((ulong)Table.RowsPerSegment, Slots - first);
        return new SegmentRows(segment, block, first, rows, Version, filter);
    }
}
