using Valori.Kernel.Content;
using Valori.Kernel.Filters;
using Valori.Kernel.Search;
using Valori.Kernel.Values;

namespace Valori.Kernel;

internal sealed partial class View
{
    /// <summary>The values that a field has in the live records that match a filter, and how many records have each.</summary>
    /// <param name="cancellationToken">Looked at before each record.</param>
    /// <returns>A refusal if there are more than <see cref="Limits.MaximumDistinct"/> values, or too large ones.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Outcome<DistinctValues> Distinct(DistinctQuery query, CancellationToken cancellationToken = default) =>
        Distinct(query, Limits.MaximumDistinct, Limits.MaximumAnswerBytes, cancellationToken);

    internal Outcome<DistinctValues> Distinct(DistinctQuery query, int mostValues, long mostBytes, CancellationToken stop = default)
    {
        if (query.Limit is < 1 or > Limits.MaximumListed) return new Refusal(RefusalKind.InvalidArgument, $"limit is {query.Limit}; it must be in 1..{Limits.MaximumListed}");
        if (FilterOperand.Parse(query.Field, out string? fault) is not { } operand) return new Refusal(RefusalKind.InvalidArgument, $"the field whose values are asked for: {fault}");
        if (PropertyNames.FaultOfValues("the field whose values are asked for", operand) is { } property) return property;
        if (operand.Kind != OperandKind.Field)
            return new Refusal(RefusalKind.InvalidArgument, $"values are counted of a field, and not of {operand.Name}: write {operand.PrefixedText} for a field of that name");
        ValueCounter counter = new(mostValues, mostBytes);
        foreach (uint row in Matching(query.Filter, stop).From(0))
        {
            ReadOnlySpan<byte> fields = _records.Find(new RecordId(row), out int place).GetAttributes(place, Version).Fields;
            if (fields.IsEmpty || !PackedFields.TryFind(fields, operand.Utf8, out PackedValue value) || counter.TryAdd(row, value)) continue;
            return new Refusal(RefusalKind.LimitExceeded,
                $"{operand.Text} has more than {mostValues} values, or more than {mostBytes} bytes of them, the limits of one answer: ask with a filter that fewer records match");
        }
        return new DistinctValues(counter.First(query.Limit), counter.Total);
    }

    /// <summary>The records that ids and keys name, with the parts that are asked for; null for one that does not exist.</summary>
    /// <param name="records">At most <see cref="Limits.MaximumListed"/>.</param>
    public Outcome<RecordList> GetMany(IReadOnlyList<RecordRef> records, RecordParts with = RecordParts.All) => GetMany(records, with, Limits.MaximumAnswerBytes);

    internal Outcome<RecordList> GetMany(IReadOnlyList<RecordRef> records, RecordParts with, long mostBytes, CancellationToken stop = default, ReadMeter? meter = null)
    {
        if (RecordPartNames.Check(with) is { } noParts) return noParts;
        if (records.Count > Limits.MaximumListed)
            return new Refusal(RefusalKind.LimitExceeded, $"{records.Count} records are asked for; the limit of one answer is {Limits.MaximumListed}: ask in parts");
        RecordContent?[] found = new RecordContent?[records.Count];
        long bytes = 0;
        for (int i = 0; i < found.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            if (records[i].IsNothing) return new Refusal(RefusalKind.InvalidArgument, $"record {i}: {Refusal.NoRecordNamed.Message}");
            if (Find(records[i], out _) is not { } id) continue;
            long more = BytesOf(id, with);
            bytes += more;
            if (bytes > mostBytes)
                return new Refusal(RefusalKind.LimitExceeded, $"the records take more than {mostBytes} bytes, the limit of one answer: ask for fewer, or for fewer parts of each");
            meter?.Read(more);
            found[i] = Content(id, with);
        }
        return new RecordList(found);
    }
}
