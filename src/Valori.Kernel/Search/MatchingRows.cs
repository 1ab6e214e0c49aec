using System.Runtime.InteropServices;
using Valori.Kernel.Filters;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>
/// The live rows of a View that match a filter, by id: all of them exactly, however they are found. Indexes and columns decide what they can, and the
/// fields of a row are read only if they do not.
/// </summary>
/// <param name="stop">Looked at before each chunk of rows, and before the fields of a row are.</param>
internal sealed class MatchingRows(ViewRecords records, Filter filter, CancellationToken stop)
{
    private const int ChunkRows = RowCondition.MostRows;

    // Rows ahead whose fields are asked of memory.
    private const int PrefetchDistance = 8;

    private readonly CandidateRows? _candidates = CandidateRows.For(records, filter) is { } known && RowListPlan.IsBetter(records, known.Count) ? known : null;
    private readonly RowCondition? _condition = RowCondition.For(records, filter);
    private ReadOnlyMemory<uint>? _listed;

    /// <summary>At most so many rows are looked at: those that an index knows, or all.</summary>
    public ulong MostRows => _candidates?.Count ?? records.Rows;

    private ReadOnlyMemory<uint> Listed => _listed ??= _candidates!.Rows();

    /// <summary>How many they are.</summary>
    public ulong Count()
    {
        uint[] found = new uint[ChunkRows];
        ulong count = 0;
        foreach (Chunk chunk in Chunks(0, ulong.MaxValue, isDescending: false)) count += (ulong)Find(chunk, found);
        return count;
    }

    /// <summary>From an id on.</summary>
    public IEnumerable<uint> From(ulong first)
    {
        uint[] found = new uint[ChunkRows];
        foreach (Chunk chunk in Chunks(first, ulong.MaxValue, isDescending: false))
        {
            int count = Find(chunk, found);
            for (int i = 0; i < count; i++) yield return found[i];
        }
    }

    /// <summary>Downwards from below an id.</summary>
    public IEnumerable<uint> DownFrom(ulong below)
    {
        uint[] found = new uint[ChunkRows];
        foreach (Chunk chunk in Chunks(0, below, isDescending: true))
        {
            int count = Find(chunk, found);
            for (int i = count - 1; i >= 0; i--) yield return found[i];
        }
    }

    /// <summary>Rows in order that cover all of the ids from one on and below another.</summary>
    private IEnumerable<Chunk> Chunks(ulong first, ulong end, bool isDescending) => _candidates is null ? OfSegments(first, end, isDescending) : OfList(first, end, isDescending);

    private IEnumerable<Chunk> OfList(ulong first, ulong end, bool isDescending)
    {
        int begin = CountBelow(first, Listed.Span), last = CountBelow(end, Listed.Span);
        foreach (Chunk chunk in InOrder(0, begin, last, isDescending)) yield return chunk;
    }

    private IEnumerable<Chunk> OfSegments(ulong first, ulong end, bool isDescending)
    {
        end = Math.Min(end, records.Slots);
        if (first >= end) yield break;
        int firstBlock = records.Table.BlockOf((uint)first), lastBlock = records.Table.BlockOf((uint)(end - 1));
        for (int block = isDescending ? lastBlock : firstBlock; block >= firstBlock && block <= lastBlock; block = Next(block))
        {
            (int begin, int last) = records.RowsBetween(block, first, end);
            foreach (Chunk chunk in InOrder(block, begin, last, isDescending)) yield return chunk;
        }

        int Next(int block)
        {
            if (isDescending)
            {
                while (records.Table.SharesSegmentWithPrevious(block)) block--;
                return block - 1;
            }
            do block++;
            while (block <= lastBlock && records.Table.SharesSegmentWithPrevious(block));
            return block;
        }
    }

    private static IEnumerable<Chunk> InOrder(int block, int begin, int end, bool isDescending)
    {
        while (begin < end)
        {
            int rows = Math.Min(ChunkRows, end - begin);
            yield return new Chunk(block, isDescending ? end - rows : begin, rows);
            if (isDescending) end -= rows;
            else begin += rows;
        }
    }

    /// <summary>The ids of the rows of a chunk that are live and match.</summary>
    private int Find(Chunk chunk, uint[] found)
    {
        stop.ThrowIfCancellationRequested();
        Span<Verdict> verdicts = stackalloc Verdict[chunk.Rows];
        int count = _candidates is null
            ? Judge(chunk.Block, RowCondition.FirstRows.Slice(chunk.First, chunk.Rows), found, verdicts)
            : JudgeListed(Listed.Span.Slice(chunk.First, chunk.Rows), found, verdicts);
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (i + 2 * PrefetchDistance < count && verdicts[i + 2 * PrefetchDistance] == Verdict.Maybe) Of(found[i + 2 * PrefetchDistance], out int row).PrefetchRow(row);
            if (i + PrefetchDistance < count && verdicts[i + PrefetchDistance] == Verdict.Maybe) Of(found[i + PrefetchDistance], out int next).PrefetchAttributes(next);
            if (verdicts[i] == Verdict.Maybe)
            {
                stop.ThrowIfCancellationRequested();
                if (!records.Matches(filter, new RecordId(found[i]))) continue;
            }
            found[kept++] = found[i];
        }
        return kept;

        RecordSegment Of(uint id, out int row) => records.Table.Find(new RecordId(id), out row);
    }

    private int JudgeListed(ReadOnlySpan<uint> ids, Span<uint> found, Span<Verdict> verdicts)
    {
        Span<int> rows = stackalloc int[ids.Length];
        int count = 0;
        while (!ids.IsEmpty)
        {
            int block = records.Table.BlockOf(ids[0]), ofBlock = 0;
            for (; ofBlock < ids.Length && records.Table.BlockOf(ids[ofBlock]) == block; ofBlock++) rows[ofBlock] = records.Table.Place(ids[ofBlock], out _);
            count += Judge(block, rows[..ofBlock], found[count..], verdicts[count..]);
            ids = ids[ofBlock..];
        }
        return count;
    }

    /// <summary>Of some rows of a segment, the ids of those that are live and may match.</summary>
    private int Judge(int block, ReadOnlySpan<int> rows, Span<uint> found, Span<Verdict> verdicts)
    {
        SegmentRows segment = records.RowsOf(block, RowFilter.None);
        ReadOnlySpan<int> live = segment.Live(rows, stackalloc int[rows.Length]);
        if (live.IsEmpty) return 0;
        Verdict all = filter is Everything ? Verdict.Yes : _condition?.Judge(segment, live, verdicts[..live.Length]) ?? Verdict.Maybe;
        if (all == Verdict.No) return 0;
        if (all != Verdict.Mixed) verdicts[..live.Length].Fill(all);
        int count = 0;
        for (int i = 0; (i = Verdicts.NextButNo(verdicts[..live.Length], i)) < live.Length; i++)
        {
            verdicts[count] = verdicts[i];
            found[count++] = (uint)segment.IdOf(live[i]);
        }
        return count;
    }

    /// <summary>How many of the rows are below an id.</summary>
    private static int CountBelow(ulong id, ReadOnlySpan<uint> rows)
    {
        if (id > uint.MaxValue) return rows.Length;
        int place = rows.BinarySearch((uint)id);
        return place < 0 ? ~place : place;
    }

    /// <param name="First">A row of the block's segment; or a place in the list, for any block.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Chunk(int Block, int First, int Rows);
}
