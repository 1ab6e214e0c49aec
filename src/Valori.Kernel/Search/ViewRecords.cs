using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>The records that a View shows, for the ways to search them.</summary>
/// <param name="Slots">Record ids that the View knows of: the table may have more by now.</param>
/// <param name="Version">The View's.</param>
internal sealed record ViewRecords(RecordTable Table, ulong Slots, ulong Version)
{
    /// <summary>Segments that hold at least one row that the View knows of.</summary>
    public int Segments => (int)((Slots + (ulong)Table.RowsPerSegment - 1) / (ulong)Table.RowsPerSegment);

    /// <summary>The rows of a segment.</summary>
    /// <param name="filter">Rows that it does not let through are passed over.</param>
    public SegmentRows Rows(int segment, RowFilter filter)
    {
        ulong first = (ulong)segment * (ulong)Table.RowsPerSegment;
        int rows = (int)Math.Min((ulong)Table.RowsPerSegment, Slots - first);
        return new SegmentRows(Table.Segment(segment), first, rows, Version, filter);
    }
}
