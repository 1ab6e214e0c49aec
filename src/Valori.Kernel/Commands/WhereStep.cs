using Valori.Kernel.Search;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel.Commands;

/// <summary>
/// One step of a command on the records that match a filter, by id: bounded in the records that it finds and in the work that it takes to
/// find them, as everything else waits for it.
/// </summary>
/// <param name="From">The first id to look at.</param>
/// <param name="Count">How many records the command may still change. A step finds at most <see cref="Limits.MaximumChangedRecords"/> of them.</param>
internal readonly record struct WhereStep(Filter Filter, ulong From, int Count)
{
    // About as many bytes are looked at in some ten milliseconds. A row without fields counts for one condition.
    private const long MostWork = 1 << 24;
    private const long WorkOfACondition = 64;

    // Each step reads and sorts the list of an index anew, which takes as long as the rest of a step from about so many rows on. Past it, a
    // scan looks at each id once over all steps.
    private const ulong MostCandidates = 1 << 16;

    /// <summary>What no step can be, or null.</summary>
    public Refusal? Fault() => Count < 1 ? new Refusal(RefusalKind.InvalidArgument, $"count is {Count}; it must be at least 1") : null;

    private int Most => Math.Min(Count, Limits.MaximumChangedRecords);

    /// <summary>Finds live records in the present state.</summary>
    /// <returns>Their ids, ascending, and the id from which the next step goes on; 0 if nothing is left to look at.</returns>
    public (List<ulong> Records, ulong Next) Find(KernelTables tables)
    {
        long workOfARow = WorkOfACondition * (1 + Filter.Conditions), work = 0;
        List<ulong> found = [];
        foreach (ulong id in Candidates(tables))
        {
            // At least one row was looked at by then, so that the next step gets further.
            if (found.Count == Most || work >= MostWork) return (found, id);
            work += workOfARow;
            RecordSegment segment = tables.Records.Find(new RecordId(id), out int row);
            if (!segment.IsLive(row, tables.Version)) continue;
            PackedAttributes attributes = segment.GetAttributes(row, tables.Version);
            work += attributes.Fields.Length * (1L + Filter.ElementComparisons);
            if (Filter.Matches(id, segment.Tags[row], attributes.Key, attributes.Fields)) found.Add(id);
        }
        return (found, 0);
    }

    /// <summary>
    /// Why a step cannot have found these records, or null. Whether they match the filter is not asked: their deletion or change
    /// needs no reason, and a journal must be readable whatever was wrong with a filter once.
    /// </summary>
    public string? Contradiction(KernelTables tables, ReadOnlySpan<ulong> records, ulong next)
    {
        if (Fault() is { } refusal) return refusal.Message;
        if (records.Length > Most) return $"expected at most {Most} records, found {records.Length}";
        if (next != 0 && (next <= From || next >= tables.RecordSlots)) return $"expected that the next step begins after {From} and before {tables.RecordSlots}, found {next}";
        ulong least = From, end = next == 0 ? tables.RecordSlots : next;
        foreach (ulong id in records)
        {
            if (id < least || id >= end) return $"expected a record from {least} on and before {end}, found {id}";
            if (tables.CheckRecord(new RecordId(id)) is { } missing) return missing.Message;
            least = id + 1;
        }
        return null;
    }

    private IEnumerable<ulong> Candidates(KernelTables tables)
    {
        ViewRecords records = new(tables.Records, tables.RecordSlots, tables.Version);
        if (CandidateRows.For(records, Filter) is { } candidates && RowListPlan.IsBetter(records, candidates.Count)
            && (candidates.IsInOrder || candidates.Count <= MostCandidates))
        {
            ReadOnlyMemory<uint> rows = candidates.Rows();
            int begin = From > uint.MaxValue ? rows.Length : rows.Span.BinarySearch((uint)From);
            for (int i = begin < 0 ? ~begin : begin; i < rows.Length; i++) yield return rows.Span[i];
            yield break;
        }
        // After memory was freed, most ids may have no row.
        for (ulong id = tables.Records.NextWithRow(From, records.Slots); id < records.Slots; id = tables.Records.NextWithRow(id + 1, records.Slots)) yield return id;
    }
}
