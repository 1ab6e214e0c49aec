using System.Text;

namespace Valori.VectorData.Records;

/// <summary>
/// The orders of a list after the first one, which the collection itself has: records that are equal by the first are sorted by the others. The
/// order of values is that of lists (docs/formats.md, section 2): records without the field come last in both directions.
/// </summary>
internal sealed class RecordSort(IReadOnlyList<PropertyOrder> orders)
{
    /// <summary>Whether there is anything to sort by.</summary>
    public bool IsNeeded => orders.Count > 1;

    /// <summary>Whether two records are equal by the first order.</summary>
    public bool AreTogether(RecordContent left, RecordContent right) => Compare(ValueOf(left, 0), ValueOf(right, 0), isAscending: true) == 0;

    /// <summary>Sorts records that are together; those that are equal by all orders stay as they are.</summary>
    public IEnumerable<RecordContent> Sorted(List<RecordContent> together) => together.Count == 1 ? together : together.Order(Comparer<RecordContent>.Create(Compare));

    private int Compare(RecordContent left, RecordContent right)
    {
        for (int i = 1; i < orders.Count; i++)
        {
            int order = Compare(ValueOf(left, i), ValueOf(right, i), orders[i].IsAscending);
            if (order != 0) return order;
        }
        return 0;
    }

    private FieldValue? ValueOf(RecordContent record, int order) => orders[order].Operand.IsKey
        ? record.Key?.ToString()
        : record.Fields.TryGetValue(orders[order].Name, out FieldValue? value) ? orders[order].Codec.Plain(value) : null;

    private static int Compare(FieldValue? left, FieldValue? right, bool isAscending)
    {
        if (left is null || right is null) return (left is null ? 1 : 0) - (right is null ? 1 : 0);
        int order = Compare(left, right);
        return isAscending ? order : -order;
    }

    // Of one property, whose values have one type.
    private static int Compare(FieldValue left, FieldValue right) => (left.Type, right.Type) switch
    {
        (FieldValueType.Bool, FieldValueType.Bool) => left.AsBool().CompareTo(right.AsBool()),
        (FieldValueType.Int64, FieldValueType.Int64) => left.AsInt64().CompareTo(right.AsInt64()),
        (FieldValueType.Float64, FieldValueType.Float64) => left.AsFloat64().CompareTo(right.AsFloat64()),
        (FieldValueType.String, FieldValueType.String) => Encoding.UTF8.GetBytes(left.AsString()).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right.AsString())),
        _ => left.Type.CompareTo(right.Type),
    };
}
