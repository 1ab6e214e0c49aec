using Valori.Kernel.Filters;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>
/// A filter as far as it can be decided without the fields of records: by columns, tags, ids, and by the index that the rows came from.
/// Immutable: threads share it.
/// </summary>
internal abstract class RowCondition
{
    /// <summary>The maximum number of rows that are judged at a time.</summary>
    public const int MostRows = 256;

    // With more conditions, rows are asked one by one, as each condition would be a pass over all of them.
    private const int MostConditions = 64;

    // Up to so many values, each is a condition of its own.
    private const int MostValues = 8;

    /// <summary>The rows 0, 1, 2, ... of a segment.</summary>
    public static ReadOnlySpan<int> FirstRows => Identity;

    private static readonly int[] Identity = [.. Enumerable.Range(0, 1 << 13)];

    /// <summary>What is known of rows of one segment.</summary>
    /// <param name="rows">At most <see cref="MostRows"/>, ascending; none to ask for all of the segment, without a look at each.</param>
    /// <param name="verdicts">Filled, unless all have the verdict that is returned. As long as the rows.</param>
    /// <returns><see cref="Verdict.Mixed"/> if the rows have different ones, or if it is not known that they do not.</returns>
    public abstract Verdict Judge(in SegmentRows segment, ReadOnlySpan<int> rows, Span<Verdict> verdicts);

    /// <summary>Reads what <see cref="Judge"/> will of a block, so that the caches have it.</summary>
    public virtual void Touch(int block)
    {
    }

    /// <summary>The condition of a filter, or null if there is nothing that decides more than a look at the fields of each row.</summary>
    /// <param name="listed">A part of the filter that the index says all rows match. Null if there is none.</param>
    public static RowCondition? For(ViewRecords records, Filter filter, CandidateRows? listed = null)
    {
        if (filter.Conditions > MostConditions) return null;
        RowCondition condition = Make(records, filter, listed);
        return condition is UnknownCondition ? null : condition;
    }

    private static RowCondition Make(ViewRecords records, Filter filter, CandidateRows? listed)
    {
        if (listed is not null && ReferenceEquals(listed.Of, filter)) return new ListedCondition(listed.IsCertain);
        return filter switch
        {
            Junction junction => new JunctionCondition(junction.Joining == FilterOperator.And, [.. junction.Members.Select(member => Make(records, member, listed))]),
            Negation negation => new NegatedCondition(Make(records, negation.Negated, listed)),
            Existence { Operand.Kind: OperandKind.Field } existence => Column(records, existence.Operand, KeyRanges.Existing()),
            OperandComparison { Operand.Kind: OperandKind.Field } comparison => Make(records, comparison.Operand, comparison.Comparing, comparison.Literal),
            Membership { Operand.Kind: OperandKind.Field } membership => Make(records, membership),
            OperandComparison { Operand.IsWhole: true } or Membership { Operand.IsWhole: true } => new OwnCondition(filter),
            _ => UnknownCondition.Instance,
        };
    }

    private static RowCondition Make(ViewRecords records, FilterOperand operand, FilterOperator comparing, FilterLiteral literal) => comparing switch
    {
        FilterOperator.Contains => Column(records, operand, KeyRanges.Containing()),
        FilterOperator.NotEqual => new NegatedCondition(Column(records, operand, KeyRanges.Of(FilterOperator.Equal, literal))),
        _ => Column(records, operand, KeyRanges.Of(comparing, literal)),
    };

    private static RowCondition Make(ViewRecords records, Membership membership)
    {
        if (membership.Comparing == FilterOperator.ContainsAny) return Column(records, membership.Operand, KeyRanges.Containing());
        return membership.Literals.Length > MostValues
            ? Column(records, membership.Operand, KeyRanges.OfAny(membership.Literals))
            : new JunctionCondition(isAnd: false, [.. membership.Literals.Select(literal => Column(records, membership.Operand, KeyRanges.Of(FilterOperator.Equal, literal)))]);
    }

    private static ColumnCondition Column(ViewRecords records, FilterOperand operand, KeyRange[] ranges) => new(records.Table.Columns.Of(operand.Utf8), ranges);
}

/// <summary>Nothing is known of any row.</summary>
internal sealed class UnknownCondition : RowCondition
{
    public static UnknownCondition Instance { get; } = new();

    public override Verdict Judge(in SegmentRows segment, ReadOnlySpan<int> rows, Span<Verdict> verdicts) => Verdict.Maybe;
}

/// <summary>A part of the filter that the index says all rows match: of rows whose fields were replaced it does not know when.</summary>
/// <param name="isCertain">Whether that holds for those too.</param>
internal sealed class ListedCondition(bool isCertain) : RowCondition
{
    public override Verdict Judge(in SegmentRows segment, ReadOnlySpan<int> rows, Span<Verdict> verdicts)
    {
        if (isCertain || segment.Segment.FieldsReplacedAt == 0) return Verdict.Yes;
        for (int i = 0; i < rows.Length; i++) verdicts[i] = segment.Segment.MayHaveReplacedFields(rows[i]) ? Verdict.Maybe : Verdict.Yes;
        return Verdict.Mixed;
    }
}

/// <summary>A condition on tag or id, which lie beside the vectors.</summary>
internal sealed class OwnCondition(Filter filter) : RowCondition
{
    public override Verdict Judge(in SegmentRows segment, ReadOnlySpan<int> rows, Span<Verdict> verdicts)
    {
        for (int i = 0; i < rows.Length; i++)
            verdicts[i] = filter.Matches(new RecordFacts(segment.IdOf(rows[i]), segment.Segment.Tags[rows[i]], [], [])) ? Verdict.Yes : Verdict.No;
        return Verdict.Mixed;
    }
}

/// <summary>What the negated one does not let through.</summary>
internal sealed class NegatedCondition(RowCondition negated) : RowCondition
{
    public override void Touch(int block) => negated.Touch(block);

    public override Verdict Judge(in SegmentRows segment, ReadOnlySpan<int> rows, Span<Verdict> verdicts)
    {
        Verdict all = negated.Judge(segment, rows, verdicts);
        if (all != Verdict.Mixed) return Verdict.Yes - (byte)all;
        foreach (ref Verdict verdict in verdicts[..rows.Length]) verdict = Verdict.Yes - (byte)verdict;
        return Verdict.Mixed;
    }
}
