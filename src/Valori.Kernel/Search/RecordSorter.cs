using System.Runtime.InteropServices;
using Valori.Kernel.Filters;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel.Search;

/// <summary>Compares the rows of a View by the value that an order goes by, and then by id.</summary>
internal sealed class RecordSorter(ViewRecords records, RecordOrder order) : IComparer<RecordSorter.Row>
{
    public Row Of(uint row)
    {
        SortValue value = ValueOf(row);
        return new Row(row, value.Rank, value.Prefix);
    }

    /// <summary>Negative if the first row is listed first.</summary>
    public int Compare(Row x, Row y)
    {
        int values = x.Rank != y.Rank ? x.Rank.CompareTo(y.Rank)
            : x.Prefix != y.Prefix ? x.Prefix.CompareTo(y.Prefix)
            : SortValue.IsExact(x.Rank) ? 0
            : ValueOf(x.Number).CompareTo(ValueOf(y.Number));
        return Directed(values, x.Rank, y.Rank, x.Number.CompareTo(y.Number));
    }

    /// <summary>Whether a row is listed after a place where a page ended.</summary>
    public bool IsAfter(in Row row, ListPlace place)
    {
        SortValue there = ValueOf(place);
        return Directed(ValueOf(row.Number).CompareTo(there), row.Rank, there.Rank, ((ulong)row.Number).CompareTo(place.Id)) > 0;
    }

    /// <summary>The row as a place where a page ends.</summary>
    public ListPlace PlaceOf(uint row)
    {
        RecordSegment segment = records.Table.Find(new RecordId(row), out int place);
        PackedAttributes attributes = segment.GetAttributes(place, records.Version);
        if (order.Operand.Kind == OperandKind.Key) return new ListPlace(row, attributes.ToKey(), Fields.Empty);
        if (order.Operand.Kind != OperandKind.Field || ValueOf(row).Rank == SortValue.NoRank) return new ListPlace(row, null, Fields.Empty);
        PackedFields.TryFind(attributes.Fields, order.Operand.Utf8, out PackedValue value);
        return new ListPlace(row, null, new FieldsBuilder { [order.Operand.Name] = value.ToValue() }.Build());
    }

    private int Directed(int values, byte rank, byte otherRank, int ids)
    {
        // Whatever the direction, what has no value is last.
        if (rank != otherRank && (rank == SortValue.NoRank || otherRank == SortValue.NoRank)) return values;
        int ascending = values != 0 ? values : ids;
        return order.IsDescending ? -ascending : ascending;
    }

    private SortValue ValueOf(uint row)
    {
        RecordSegment segment = records.Table.Find(new RecordId(row), out int place);
        PackedAttributes attributes = segment.GetAttributes(place, records.Version);
        return order.Operand.Kind == OperandKind.Key ? SortValue.OfKey(attributes.Key) : ValueOf(attributes.Fields);
    }

    private SortValue ValueOf(ListPlace place) => order.Operand.Kind == OperandKind.Key
        ? SortValue.OfKey(place.Key is { } key ? key.Utf8 : [])
        : ValueOf(place.Value.Canonical.Span);

    private SortValue ValueOf(ReadOnlySpan<byte> fields) =>
        !fields.IsEmpty && PackedFields.TryFind(fields, order.Operand.Utf8, out PackedValue value) ? SortValue.Of(value) : SortValue.None;

    /// <summary>A row, and as much of its value as mostly decides.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Row(uint Number, byte Rank, ulong Prefix);
}
