using Valori.Kernel.Content;
using Valori.Kernel.Filters;
using Valori.Kernel.Search;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel;

internal sealed partial class View
{
    /// <summary>How many live records match the filter.</summary>
    /// <param name="cancellationToken">Looked at before each record.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ulong Count(Filter filter, CancellationToken cancellationToken = default) =>
        filter is Everything ? RecordCount : Matching(filter, cancellationToken).Count();

    /// <summary>A page of the live records that match a filter.</summary>
    /// <param name="cancellationToken">Looked at before each record.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Outcome<RecordPage> List(ListQuery query, CancellationToken cancellationToken = default) => List(query, Limits.MaximumAnswerBytes, cancellationToken);

    internal Outcome<RecordPage> List(ListQuery query, long mostBytes, CancellationToken stop = default, ReadMeter? meter = null)
    {
        if (RecordPartNames.Check(query.With) is { } noParts) return noParts;
        if (query.Limit is < 1 or > Limits.MaximumListed) return new Refusal(RefusalKind.InvalidArgument, $"limit is {query.Limit}; it must be in 1..{Limits.MaximumListed}");
        ListPlace? after = null;
        if (query.Cursor is not null && (after = ListCursor.Read(query, out Refusal? refusal)) is null) return refusal!;
        RecordSorter sorter = new(new ViewRecords(_records, RecordSlots, Version), query.Order);
        List<RecordContent> records = [];
        long bytes = 0;
        uint last = 0;
        foreach (uint row in InOrder(query, sorter, after, stop))
        {
            if (records.Count == query.Limit) return new RecordPage(records, ListCursor.Make(query, sorter.PlaceOf(last)));
            long more = BytesOf(new RecordId(row), query.With);
            bytes += more;
            // At least one, so that the next page gets further.
            if (bytes > mostBytes && records.Count > 0) return new RecordPage(records, ListCursor.Make(query, sorter.PlaceOf(last)));
            meter?.Read(more);
            records.Add(Content(new RecordId(row), query.With));
            last = row;
        }
        return new RecordPage(records, null);
    }

    /// <summary>The records of a list after a place: at least one more than its page may have, if there are so many.</summary>
    private IEnumerable<uint> InOrder(ListQuery query, RecordSorter sorter, ListPlace? after, CancellationToken stop)
    {
        if (query.Order.Operand.Kind == OperandKind.Id)
        {
            if (query.Order.IsDescending) return Matching(query.Filter, stop).DownFrom(after?.Id ?? ulong.MaxValue);
            // Nothing comes after the last id there can be.
            return after?.Id == ulong.MaxValue ? [] : Matching(query.Filter, stop).From(after?.Id + 1 ?? 0);
        }
        return query.Order.Operand.Kind == OperandKind.Key && !IsFew(query)
            ? MatchingByKey(query.Filter, query.Order, after, stop)
            : First(query.Limit + 1, Matching(query.Filter, stop).From(0), sorter, after);
    }

    /// <summary>
    /// About how many records a page reads at most before it is full. Records that were deleted, which a page by id or by key passes over,
    /// are not counted.
    /// </summary>
    internal ulong RowsRead(ListQuery query)
    {
        // It is refused.
        if (query.Limit is < 1 or > Limits.MaximumListed) return 0;
        return query.Order.Operand.Kind switch
        {
            OperandKind.Id when query.Filter is Everything => (ulong)query.Limit,
            OperandKind.Key when !IsFew(query) => _records.KeyOrder.RowsToSort(RecordSlots) + (query.Filter is Everything ? (ulong)query.Limit : RowsRead(Filter.All)),
            _ => RowsRead(query.Filter),
        };
    }

    /// <summary>How many records are looked at to find all that match a filter.</summary>
    internal ulong RowsRead(Filter filter)
    {
        ViewRecords records = new(_records, RecordSlots, Version);
        return CandidateRows.For(records, filter) is { Count: var count } && RowListPlan.IsBetter(records, count) ? count : records.Rows;
    }

    /// <summary>The live records that match a filter.</summary>
    internal MatchingRows Matching(Filter filter, CancellationToken stop = default) => new(new ViewRecords(_records, RecordSlots, Version), filter, stop);

    /// <summary>Whether looking at all that match is better than looking for the first ones in the order of the keys.</summary>
    private bool IsFew(ListQuery query)
    {
        // On average the limit is reached after the limit divided by the part that matches. A row there lies farther off than one in a list.
        const ulong slower = 16;
        ViewRecords records = new(_records, RecordSlots, Version);
        return CandidateRows.For(records, query.Filter) is { Count: var count } && RowListPlan.IsBetter(records, count) && count * count <= slower * (ulong)query.Limit * RecordSlots;
    }

    /// <summary>The first of some rows in the order of a list, after a place.</summary>
    private static IEnumerable<uint> First(int count, IEnumerable<uint> rows, RecordSorter sorter, ListPlace? after)
    {
        // The last one on top.
        PriorityQueue<RecordSorter.Row, RecordSorter.Row> first = new(Comparer<RecordSorter.Row>.Create((x, y) => sorter.Compare(y, x)));
        foreach (uint number in rows)
        {
            RecordSorter.Row row = sorter.Of(number);
            if (first.Count == count && sorter.Compare(row, first.Peek()) > 0 || after is not null && !sorter.IsAfter(row, after)) continue;
            if (first.Count == count) first.EnqueueDequeue(row, row);
            else first.Enqueue(row, row);
        }
        uint[] sorted = new uint[first.Count];
        for (int i = sorted.Length - 1; i >= 0; i--) sorted[i] = first.Dequeue().Number;
        return sorted;
    }

    /// <summary>Ids of the live records that match the filter, by key; at last those without one.</summary>
    private IEnumerable<uint> MatchingByKey(Filter filter, RecordOrder order, ListPlace? after, CancellationToken stop)
    {
        if (after is not { Key: null })
        {
            foreach (uint row in _records.KeyOrder.Rows(RecordSlots, after?.Key, after?.Id ?? 0, order.IsDescending, stop))
            {
                stop.ThrowIfCancellationRequested();
                if (row < RecordSlots && Matches(filter, row)) yield return row;
            }
            after = null;
        }
        MatchingRows matching = Matching(filter, stop);
        IEnumerable<uint> rest = order.IsDescending ? matching.DownFrom(after?.Id ?? ulong.MaxValue) : matching.From(after?.Id + 1 ?? 0);
        foreach (uint row in rest)
        {
            if (_records.KeyOf(new RecordId(row)).IsEmpty) yield return row;
        }
    }

    private bool Matches(Filter filter, ulong id) => new ViewRecords(_records, RecordSlots, Version).Matches(filter, new RecordId(id));

    /// <summary>Parts of a record that is live at this version.</summary>
    private RecordContent Content(RecordId id, RecordParts parts)
    {
        RecordSegment segment = _records.Find(id, out int row);
        int[]? raw = null;
        if (Has(RecordParts.Vector)) segment.Vectors!.CopyRow(row, Dimension, raw = new int[Dimension]);
        byte[]? metadata = Has(RecordParts.Metadata) ? segment.GetMetadata(row, Version) : null;
        PackedAttributes attributes = segment.GetAttributes(row, Version);
        return new RecordContent(id, Has(RecordParts.Tag) ? segment.Tags[row] : 0, raw, metadata is null ? (ReadOnlyMemory<byte>?)null : metadata)
        {
            Key = Has(RecordParts.Key) ? attributes.ToKey() : null,
            Fields = Has(RecordParts.Fields) ? attributes.ToFields() : Fields.Empty,
            ExpiresAtUnixMicroseconds = Has(RecordParts.ExpiresAt) ? attributes.ExpiresAtUnixMicroseconds : null,
        };

        bool Has(RecordParts part) => (parts & part) != 0;
    }

    /// <summary>What <see cref="Content"/> will take of an answer.</summary>
    private long BytesOf(RecordId id, RecordParts parts)
    {
        RecordSegment segment = _records.Find(id, out int row);
        PackedAttributes attributes = segment.GetAttributes(row, Version);
        return Limits.RecordBytes
            + (Has(RecordParts.Vector) ? (long)Dimension * sizeof(int) : 0)
            + (Has(RecordParts.Metadata) ? segment.GetMetadata(row, Version)?.Length ?? 0 : 0)
            + (Has(RecordParts.Key) ? attributes.Key.Length : 0)
            + (Has(RecordParts.Fields) ? attributes.Fields.Length : 0);

        bool Has(RecordParts part) => (parts & part) != 0;
    }
}
