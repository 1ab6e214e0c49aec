using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>All of several conditions, or any.</summary>
internal sealed class JunctionCondition(bool isAnd, RowCondition[] members) : RowCondition
{
    // What one member decides, whatever the others say; and what leaves it to them.
    private readonly Verdict _decides = isAnd ? Verdict.No : Verdict.Yes, _leaves = isAnd ? Verdict.Yes : Verdict.No;

    public override void Touch(int block)
    {
        foreach (RowCondition member in members) member.Touch(block);
    }

    public override Verdict Judge(in SegmentRows segment, ReadOnlySpan<int> rows, Span<Verdict> verdicts)
    {
        Verdict known = _leaves;
        bool areFilled = false;
        Span<Verdict> others = stackalloc Verdict[rows.Length];
        foreach (RowCondition member in members)
        {
            Verdict all = member.Judge(segment, rows, areFilled ? others : verdicts);
            if (all == _decides) return all;
            if (all == Verdict.Maybe) known = Verdict.Maybe;
            if (all != Verdict.Mixed) continue;
            if (areFilled) Join(verdicts, others);
            areFilled = true;
        }
        if (!areFilled) return known;
        if (known == Verdict.Maybe && !rows.IsEmpty)
        {
            others.Fill(known);
            Join(verdicts, others);
        }
        return Verdict.Mixed;
    }

    private void Join(Span<Verdict> verdicts, ReadOnlySpan<Verdict> others)
    {
        for (int i = 0; i < others.Length; i++)
        {
            if (isAnd ? others[i] < verdicts[i] : others[i] > verdicts[i]) verdicts[i] = others[i];
        }
    }
}
