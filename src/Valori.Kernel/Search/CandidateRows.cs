using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Valori.Kernel.Filters;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>
/// The rows that an index knows for a filter: every record of a View that matches the filter, and maybe others. Nothing is copied
/// before the rows are asked for, so finding out how many there are costs a look-up a value.
/// </summary>
internal sealed class CandidateRows
{
    private readonly ViewRecords _records;
    private readonly List<RowList> _lists = [];

    private CandidateRows(ViewRecords records, Filter of)
    {
        _records = records;
        Of = of;
    }

    /// <summary>The part of the filter that the index was asked about.</summary>
    public Filter Of { get; }

    /// <summary>At most so many rows.</summary>
    public ulong Count { get; private set; }

    /// <summary>
    /// Whether every row matches <see cref="Of"/>, as far as the index knows: not if it stands for a part of it only, as for one condition of
    /// an <c>and</c> within an <c>or</c>.
    /// </summary>
    public bool AllMatch { get; private set; } = true;

    /// <summary>
    /// Whether that is certain of every live row. An index of fields may be wrong about a row whose fields were replaced, about values that share a hash, and
    /// about the elements of an array, which it knows as it knows other values.
    /// </summary>
    public bool IsCertain { get; private set; } = true;

    /// <summary>Whether <see cref="For"/> finds rows while the index of fields is complete: a question of the filter alone.</summary>
    public static bool HasLists(Filter filter) => filter switch
    {
        OperandComparison { Comparing: FilterOperator.Equal or FilterOperator.Contains } or Membership => true,
        Junction { Joining: FilterOperator.And } every => every.Members.Any(HasLists),
        Junction any => any.Members.All(HasLists),
        _ => false,
    };

    /// <summary>Null if no index knows the rows: then every row may be one.</summary>
    public static CandidateRows? For(ViewRecords records, Filter filter)
    {
        switch (filter)
        {
            case OperandComparison { Comparing: FilterOperator.Equal or FilterOperator.Contains } comparison when IsKnown(records, comparison.Operand):
                return One(records, filter, comparison.Operand, [comparison.Literal]);
            case Membership membership when IsKnown(records, membership.Operand): return One(records, filter, membership.Operand, membership.Literals);
            // Whatever matches all members is in the shortest list.
            case Junction { Joining: FilterOperator.And } every:
                CandidateRows? fewest = null;
                foreach (Filter member in every.Members)
                {
                    if (For(records, member) is { } rows && (fewest is null || rows.Count < fewest.Count)) fewest = rows;
                }
                return fewest;
            case Junction any:
                CandidateRows all = new(records, filter);
                foreach (Filter member in any.Members)
                {
                    if (For(records, member) is not { } rows) return null;
                    all._lists.AddRange(rows._lists);
                    all.Count += rows.Count;
                    all.AllMatch &= rows.AllMatch && ReferenceEquals(rows.Of, member);
                    all.IsCertain &= rows.IsCertain;
                }
                return all;
            default: return null;
        }
    }

    /// <summary>Whether <see cref="Rows"/> is there already, and nothing must be read and sorted for it.</summary>
    public bool IsInOrder => _lists is [{ Tag: not null }];

    /// <summary>The rows in ascending order, each once, all of them below the View's number.</summary>
    public ReadOnlyMemory<uint> Rows()
    {
        if (_lists is [{ Tag: { } tag }]) return _records.Table.Tags.Rows(tag, _records.Slots);
        uint[] rows = GC.AllocateUninitializedArray<uint>(checked((int)Count));
        int filled = 0;
        foreach (RowList list in _lists) filled += Copy(list, rows.AsSpan(filled));
        Span<uint> all = rows.AsSpan(0, filled);
        if (IsAscending(all))
        {
            // A writer may have added later ones.
            while (filled > 0 && rows[filled - 1] >= _records.Slots) filled--;
            return rows.AsMemory(0, filled);
        }
        // A row that got a value late is in its list late, and lists may have rows in common.
        all.Sort();
        int kept = 0;
        foreach (uint row in all)
        {
            if (row < _records.Slots && (kept == 0 || rows[kept - 1] != row)) rows[kept++] = row;
        }
        return rows.AsMemory(0, kept);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"index of {Of}, {Count} rows");

    private static bool IsKnown(ViewRecords records, FilterOperand operand) => operand.Kind != OperandKind.Field || records.Table.Fields.IsComplete;

    private static CandidateRows One(ViewRecords records, Filter filter, FilterOperand operand, FilterLiteral[] literals)
    {
        CandidateRows rows = new(records, filter);
        foreach (FilterLiteral literal in literals) rows.Add(operand, literal);
        return rows;
    }

    private void Add(FilterOperand operand, FilterLiteral literal)
    {
        RecordTable table = _records.Table;
        switch (operand.Kind)
        {
            case OperandKind.Tag:
                Add(new RowList(Tag: literal.Whole), (ulong)table.Tags.Rows(literal.Whole, _records.Slots).Length);
                break;
            case OperandKind.Id:
                if (literal.Whole < _records.Slots) Add(new RowList(Row: (uint)literal.Whole), 1);
                break;
            case OperandKind.Key:
                if (table.Keys.TryFind(literal.Utf8, _records.Slots, _records.Version, out ulong id)) Add(new RowList(Row: (uint)id), 1);
                break;
            default:
                IsCertain = false;
                foreach (uint hash in ValueHash.Of(operand, literal))
                {
                    if (table.Fields.Find(hash) is var list && list != 0) Add(new RowList(List: list), PostingLists.CountOf(list));
                }
                break;
        }
    }

    private void Add(RowList list, ulong count)
    {
        _lists.Add(list);
        Count += count;
    }

    private int Copy(RowList list, Span<uint> rows)
    {
        if (list.Tag is { } tag)
        {
            ReadOnlySpan<uint> tagged = _records.Table.Tags.Rows(tag, _records.Slots).Span;
            tagged.CopyTo(rows);
            return tagged.Length;
        }
        if (list.List == 0)
        {
            rows[0] = list.Row;
            return 1;
        }
        int count = (int)PostingLists.CountOf(list.List);
        _records.Table.Fields.CopyTo(list.List, rows[..count]);
        return count;
    }

    /// <summary>Whether every row is above the one before.</summary>
    private static bool IsAscending(ReadOnlySpan<uint> rows)
    {
        int i = 1;
        ref uint first = ref MemoryMarshal.GetReference(rows);
        for (; i <= rows.Length - Vector256<uint>.Count; i += Vector256<uint>.Count)
        {
            if (Vector256.LessThanOrEqualAny(Vector256.LoadUnsafe(ref first, (nuint)i), Vector256.LoadUnsafe(ref first, (nuint)i - 1))) return false;
        }
        for (; i < rows.Length; i++)
        {
            if (rows[i - 1] >= rows[i]) return false;
        }
        return true;
    }

    /// <summary>Rows with a tag, rows of a list of the field index, or one row.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct RowList(ulong? Tag = null, ulong List = 0, uint Row = 0);
}
