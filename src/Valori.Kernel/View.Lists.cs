using Valori.Kernel.Filters;
using Valori.Kernel.Search;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel;

public sealed partial class View
{
    /// <summary>How many live records the filter lets through.</summary>
    public ulong Count(Filter filter) => filter is Everything ? RecordCount : (ulong)Matching(filter, 0).LongCount();

    /// <summary>The live records that the filter lets through, by id and a page at a time.</summary>
    /// <param name="limit">Records of the page, 1 to <see cref="Limits.MaximumListed"/>.</param>
    /// <param name="cursor">Of the page before; null for the first one.</param>
    /// <param name="with">What the page has of each record. It ends early if that is more than an answer may have.</param>
    public Outcome<RecordPage> List(Filter filter, int limit, string? cursor, RecordParts with = RecordParts.AllButVector) =>
        List(filter, limit, cursor, with, Limits.MaximumAnswerBytes);

    internal Outcome<RecordPage> List(Filter filter, int limit, string? cursor, RecordParts with, long mostBytes)
    {
        if (RecordPartNames.Check(with) is { } noParts) return noParts;
        if (limit is < 1 or > Limits.MaximumListed) return new Refusal(RefusalKind.InvalidArgument, $"limit is {limit}; it must be in 1..{Limits.MaximumListed}");
        ulong first = 0;
        if (cursor is not null)
        {
            if (ListCursor.Read(cursor, filter, out Refusal? refusal) is not { } next) return refusal!;
            first = next;
        }
        List<RecordContent> records = [];
        long bytes = 0;
        foreach (uint row in Matching(filter, first))
        {
            if (records.Count == limit) return new RecordPage(records, ListCursor.Make(row, filter));
            RecordContent record = Content(new RecordId(row), with);
            bytes += BytesOf(record);
            // At least one, so that the next page gets further.
            if (bytes > mostBytes && records.Count > 0) return new RecordPage(records, ListCursor.Make(row, filter));
            records.Add(record);
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

    private static long BytesOf(RecordContent record) =>
        Limits.RecordBytes + (long)record.Vector.Length * sizeof(int) + (record.Metadata?.Length ?? 0) + (record.Key?.Utf8.Length ?? 0)
        + (record.Fields.IsEmpty ? 0 : record.Fields.Canonical.Length);
}
