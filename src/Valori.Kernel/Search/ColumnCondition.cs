using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>A condition on a field.</summary>
/// <param name="ranges">By kind.</param>
internal sealed class ColumnCondition(ColumnsOfField columns, KeyRange[] ranges) : RowCondition
{
    // A scan that asks for all of a segment could leave it out with a column: so often it does without.
    private const int AsksPerRow = 16;

    public override void Touch(int block) => columns.Touch(block);

    public override Verdict Judge(in SegmentRows segment, ReadOnlySpan<int> rows, Span<Verdict> verdicts)
    {
        int looks = rows.IsEmpty ? segment.Rows / AsksPerRow : rows.Length;
        if (columns.Find(segment.Segment, segment.Block, segment.Rows, looks, segment.Version, out bool areAllRight) is not { } column) return Verdict.Maybe;
        Verdict all = column.Kinds is null ? ranges[(int)column.Kind].Of(column.Least, column.Greatest) : Verdict.Mixed;
        if (all == Verdict.Maybe || areAllRight && all != Verdict.Mixed) return all;
        if (rows.IsEmpty) return Verdict.Mixed;
        if (all != Verdict.Mixed) verdicts[..rows.Length].Fill(all);
        else if (column.Kinds is { } kinds) JudgeEach(column.Keys!, kinds, rows, verdicts);
        else JudgeEach(column.Keys!, ranges[(int)column.Kind], rows, verdicts);
        if (areAllRight) return Verdict.Mixed;
        for (int i = 0; i < rows.Length; i++)
        {
            if (segment.Segment.MayHaveReplacedFields(rows[i])) verdicts[i] = Verdict.Maybe;
        }
        return Verdict.Mixed;
    }

    private static void JudgeEach(ulong[] keys, KeyRange range, ReadOnlySpan<int> rows, Span<Verdict> verdicts)
    {
        // They ascend: then they are all of those from the first to the last.
        if (rows[^1] - rows[0] == rows.Length - 1)
        {
            range.Of(keys.AsSpan(rows[0], rows.Length), verdicts);
            return;
        }
        for (int i = 0; i < rows.Length; i++) verdicts[i] = range.Of(keys[rows[i]]);
    }

    private void JudgeEach(ulong[] keys, ValueKind[] kinds, ReadOnlySpan<int> rows, Span<Verdict> verdicts)
    {
        for (int i = 0; i < rows.Length; i++) verdicts[i] = ranges[(int)kinds[rows[i]]].Of(keys[rows[i]]);
    }
}
