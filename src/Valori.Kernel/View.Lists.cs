using Valori.Kernel.Filters;
using Valori.Kernel.Search;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel;

public sealed partial class View
{
    /// <summary>How many live records the filter lets through.</summary>
    public ulong Count(Filter filter) => filter is Everything ? RecordCount : (ulong)Matching(filter, 0).LongCount();

    /// <summary>The live records that the filter lets through, by id, a page at a time and without their vectors.</summary>
    /// <param name="limit">Records of the page, 1 to <see cref="Limits.MaximumListed"/>.</param>
    /// <param name="cursor">Of the page before; null for the first one.</param>
    public Outcome<RecordPage> List(Filter filter, int limit, string? cursor)
    {
        if (limit is < 1 or > Limits.MaximumListed) return new Refusal(RefusalKind.InvalidArgument, $"limit is {limit}; it must be in 1..{Limits.MaximumListed}");
        ulong first = 0;
        if (cursor is not null)
        {
            if (ListCursor.Read(cursor, filter, out Refusal? refusal) is not { } next) return refusal!;
            first = next;
        }
        List<RecordContent> records = [];
        foreach (uint row in Matching(filter, first))
        {
            if (records.Count == limit) return new RecordPage(records, ListCursor.Make(row, filter));
            records.Add(Content(row));
        }
        return new RecordPage(records, null);
    }

    /// <summary>Ids of the live records that the filter lets through, from the first one on.</summary>
    private IEnumerable<uint> Matching(Filter filter, ulong first)
    {
        ViewRecords records = new(_records, RecordSlots, Version);
        if (CandidateRows.For(records, filter) is { } candidates && RowListPlan.IsBetter(records, candidates.Count))
        {
            ReadOnlyMemory<uint> rows = candidates.Rows();
            int begin = first > uint.MaxValue ? rows.Length : rows.Span.BinarySearch((uint)first);
            for (int i = begin < 0 ? ~begin : begin; i < rows.Length; i++)
            {
                if (Matches(filter, rows.Span[i])) yield return rows.Span[i];
            }
            yield break;
        }
        for (ulong row = first; row < RecordSlots; row++)
        {
            if (Matches(filter, row)) yield return (uint)row;
        }
    }

    private bool Matches(Filter filter, ulong id)
    {
        RecordSegment segment = _records.Find(new RecordId(id), out int row);
        if (!segment.IsLive(row, Version)) return false;
        PackedAttributes attributes = segment.GetAttributes(row, Version);
        return filter.Matches(id, segment.Tags[row], attributes.Key, attributes.Fields);
    }

    private RecordContent Content(ulong id)
    {
        RecordSegment segment = _records.Find(new RecordId(id), out int row);
        byte[]? metadata = segment.GetMetadata(row, Version);
        PackedAttributes attributes = segment.GetAttributes(row, Version);
        return new RecordContent(new RecordId(id), segment.Tags[row], default, metadata is null ? (ReadOnlyMemory<byte>?)null : metadata)
        {
            Key = attributes.ToKey(),
            Fields = attributes.ToFields(),
            ExpiresAtUnixMicroseconds = attributes.ExpiresAtUnixMicroseconds,
        };
    }
}
