using Valori.Kernel.Memory;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>Rows here and there that are picked first, by all that is known without their vectors, and then scored together.</summary>
internal static class PickedRows
{
    /// <summary>How many are picked at a time: some kilobytes.</summary>
    public const int Most = RowCondition.MostRows;

    // Rows ahead whose vectors are asked of memory: 4 to 32 were tried, more than 8 gain little.
    private const int PrefetchDistance = 8;

    /// <summary>Picks those rows of one segment that are live and may match.</summary>
    /// <param name="rows">At most <see cref="Most"/>, ascending.</param>
    /// <param name="condition">Null if nothing is known.</param>
    /// <param name="picked">Room for all of them.</param>
    /// <returns>How many they are.</returns>
    public static int Pick(in SegmentRows segment, ReadOnlySpan<int> rows, RowCondition? condition, Span<PickedRow> picked)
    {
        ReadOnlySpan<int> live = segment.Live(rows, stackalloc int[rows.Length]);
        if (live.IsEmpty) return 0;
        Span<Verdict> verdicts = stackalloc Verdict[live.Length];
        Verdict all = condition?.Judge(segment, live, verdicts) ?? Verdict.Maybe;
        if (all == Verdict.No) return 0;
        if (all != Verdict.Mixed) verdicts.Fill(all);
        int count = 0;
        for (int i = 0; (i = Verdicts.NextButNo(verdicts, i)) < live.Length; i++)
        {
            segment.PrefetchNorm(live[i]);
            picked[count++] = new PickedRow(segment.AddressOf(live[i]), segment.VectorBytes, segment.Block, live[i], verdicts[i] == Verdict.Yes);
        }
        return count;
    }

    /// <summary>Offers the rows to the part's best hits, unless the filter keeps them out.</summary>
    public static void Score(ViewRecords records, ReadOnlySpan<PickedRow> picked, RowFilter filter, SearchPart part)
    {
        QueryVector[] queries = part.Queries;
        TopHits[] best = part.Best;
        // Mostly there is one query: what it needs stays in registers.
        QueryVector first = queries[0];
        TopHits firstBest = best[0];
        // Ids ascend, so a segment is looked up once.
        SegmentRows here = default;
        int block = -1, asked = 0;
        for (int i = 0; i < picked.Length; i++)
        {
            // The rows lie anywhere, so each would wait for memory.
            for (; asked < picked.Length && asked <= i + PrefetchDistance; asked++) Cache.Prefetch(picked[asked].Address, picked[asked].Bytes);
            (_, _, int of, int row, bool matches) = picked[i];
            if (of != block) here = records.RowsOf(block = of, filter);
            here.OfferLive(row, matches, first, firstBest);
            for (int query = 1; query < queries.Length; query++) here.OfferLive(row, matches, queries[query], best[query]);
        }
    }
}

/// <summary>A row that is live and may match.</summary>
/// <param name="Address">Of its vector, to ask memory for it: nothing is read by it.</param>
/// <param name="Bytes">Of its vector.</param>
/// <param name="Matches">Whether it is known that it matches.</param>
internal readonly record struct PickedRow(nint Address, int Bytes, int Block, int Row, bool Matches);
