using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Valori.Kernel.Coarse;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Search;

/// <summary>
/// The exact scan of one segment for many queries: each piece of the coarse column is read once into the cache and used for
/// all of them, one block and four queries at a time in registers. Belongs to one share of a search.
/// </summary>
internal sealed class SegmentBatchScan
{
    // Bytes of codes that are kept in the first-level cache while all queries pass over them; the queries' own codes are
    // the other part of it. 16 KiB of 32.
    private const int TileBytes = 16 << 10;

    private readonly int[] _members;
    private readonly CoarseQuery[] _coarse;
    private int[] _addends = [];
    private readonly long[] _worst;
    private AlignedArray<Vector256<int>> _codes = new(0);

    public SegmentBatchScan(int queries)
    {
        int padded = (queries + CoarseDot.Queries - 1) / CoarseDot.Queries * CoarseDot.Queries;
        _members = new int[padded];
        _coarse = new CoarseQuery[padded];
        _worst = new long[padded];
    }

    /// <summary>Offers every row of the segment that can be among the nearest of a query to that query's hits.</summary>
    public void Run(in SegmentRows rows, QueryVector[] queries, TopHits[] best)
    {
        int members = 0;
        if (rows.Segment.Coarse is { } column)
        {
            for (int query = 0; query < queries.Length; query++)
            {
                if (best[query].HasBound && CoarseQuery.CanBound(queries[query].SquaredNorm) && Prepare(members, column, queries[query], query, best[query])) members++;
                else SegmentScan.Run(rows, queries[query], best[query]);
            }
            if (members > 0) ScanTiles(rows, column, members, queries, best);
            return;
        }
        for (int query = 0; query < queries.Length; query++) SegmentScan.Run(rows, queries[query], best[query]);
    }

    private bool Prepare(int member, CoarseColumn column, QueryVector query, int index, TopHits best)
    {
        CoarseQuery coarse = query.ForBatch(column);
        if (_addends.Length < _members.Length * column.Shape.Strata) _addends = new int[_members.Length * column.Shape.Strata];
        if (!CoarseBound.TryAddends(column, coarse, best.WorstCost, Addends(member, column))) return false;
        _members[member] = index;
        _coarse[member] = coarse;
        _worst[member] = best.WorstCost;
        return true;
    }

    private Span<int> Addends(int member, CoarseColumn column) => _addends.AsSpan(member * column.Shape.Strata, column.Shape.Strata);

    private void ScanTiles(in SegmentRows rows, CoarseColumn column, int members, QueryVector[] queries, TopHits[] best)
    {
        PackCodes(column.Shape.Length(0), members);
        int tileRows = Math.Max(1, TileBytes / (column.Shape.Length(0) * CoarseColumn.GroupBytes)) * CoarseColumn.BlockRows;
        for (int start = 0; start < rows.Rows; start += tileRows)
        {
            int end = Math.Min(rows.Rows, start + tileRows);
            for (int member = 0; member < members; member += CoarseDot.Queries)
                ScanTile(rows, column, start, end, member, Math.Min(CoarseDot.Queries, members - member), queries, best);
        }
    }

    /// <summary>Lays the members' first strata one after another. What is after the last one is never looked at.</summary>
    private void PackCodes(int groups, int members)
    {
        if (_codes.Length < _members.Length * groups) _codes = new AlignedArray<Vector256<int>>(_members.Length * groups);
        for (int member = 0; member < members; member++)
        {
            ReadOnlySpan<int> source = _coarse[member].Groups[..groups];
            Span<Vector256<int>> target = _codes.AsSpan(member * groups, groups);
            for (int group = 0; group < groups; group++) target[group] = Vector256.Create(source[group]);
        }
    }

    /// <summary>The first stratum of a tile's blocks for four queries; what it cannot exclude is looked at query by query.</summary>
    private void ScanTile(in SegmentRows rows, CoarseColumn column, int start, int end, int member, int used, QueryVector[] queries, TopHits[] best)
    {
        CoarseShape shape = column.Shape;
        int length = shape.Length(0), strata = shape.Strata;
        AlignedArray<int> norms = column.Norms[0];
        ref byte block = ref column.Codes[column.Offset(0, start / CoarseColumn.BlockRows)];
        ref Vector256<int> queryCodes = ref _codes[member * length];
        // Members after the last one compute what is not looked at.
        int shift0 = ShiftOf(0), shift1 = ShiftOf(1), shift2 = ShiftOf(2), shift3 = ShiftOf(3);
        uint usedRows = (uint)((1UL << (used * CoarseColumn.BlockRows)) - 1);
        ref int addends = ref _addends[member * strata];
        for (int row = start; row < end; row += CoarseColumn.BlockRows)
        {
            CoarseDot.FourQueries(ref block, ref queryCodes, length, out CoarseDot.FourSums sums);
            block = ref Unsafe.Add(ref block, length * CoarseColumn.GroupBytes);
            uint candidates = SegmentScan.Candidates(norms, row, shift0, sums.Query0, addends)
                | SegmentScan.Candidates(norms, row, shift1, sums.Query1, Unsafe.Add(ref addends, strata)) << CoarseColumn.BlockRows
                | SegmentScan.Candidates(norms, row, shift2, sums.Query2, Unsafe.Add(ref addends, 2 * strata)) << 2 * CoarseColumn.BlockRows
                | SegmentScan.Candidates(norms, row, shift3, sums.Query3, Unsafe.Add(ref addends, 3 * strata)) << 3 * CoarseColumn.BlockRows;
            candidates &= usedRows;
            if (candidates != 0) ScanNextStrata(rows, column, row, candidates, member, sums, queries, best);
        }

        int ShiftOf(int i) => i < used ? _coarse[member + i].RowShift : 0;
    }

    private void ScanNextStrata(
        in SegmentRows rows, CoarseColumn column, int row, uint candidates, int member, in CoarseDot.FourSums sums, QueryVector[] queries, TopHits[] best)
    {
        for (; candidates != 0; candidates >>= CoarseColumn.BlockRows, member++)
        {
            uint ofQuery = candidates & 0xFF;
            if (ofQuery == 0) continue;
            Vector256<int> sum = (member % CoarseDot.Queries) switch { 0 => sums.Query0, 1 => sums.Query1, 2 => sums.Query2, _ => sums.Query3 };
            ofQuery &= SegmentScan.Candidates(column, _coarse[member], row, Addends(member, column), 1, sum);
            if (ofQuery != 0) Offer(rows, column, row, ofQuery, member, queries, best);
        }
    }

    private void Offer(in SegmentRows rows, CoarseColumn column, int row, uint candidates, int member, QueryVector[] queries, TopHits[] best)
    {
        int query = _members[member];
        SegmentScan.OfferCandidates(rows, row, candidates, queries[query], best[query]);
        if (best[query].WorstCost == _worst[member]) return;
        _worst[member] = best[query].WorstCost;
        // It excluded something with a worse hit, so it does now.
        CoarseBound.TryAddends(column, _coarse[member], _worst[member], Addends(member, column));
    }
}
