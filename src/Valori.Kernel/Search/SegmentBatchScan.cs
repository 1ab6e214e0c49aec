using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Valori.Kernel.Coarse;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Search;

/// <summary>
/// The exact scan of one segment for many queries: each piece of the coarse column is read once into the cache and used for
/// all of them, eight rows and four queries at a time in registers. Belongs to one share of a search.
/// </summary>
internal sealed class SegmentBatchScan
{
    // Bytes of codes that are kept in the first-level cache while all queries pass over them; the queries' own codes are
    // the other part of it. 16 KiB of 32.
    private const int TileBytes = 16 << 10;

    // Components of a 32-bit lane, and what it takes of eight rows.
    private const int GroupComponents = 4, GroupBytes = 32;

    private readonly int[] _members;
    private readonly CoarseQuery[] _coarse;
    private readonly CoarseLimits[] _limits;
    private readonly long[] _worst;
    private readonly FoundRow[] _found = new FoundRow[CoarseDot.Queries * CoarseScan.ChunkRows];
    private readonly int[] _counts = new int[CoarseDot.Queries];
    private AlignedArray<Vector256<int>> _codes = new(0);
    private AlignedArray<byte> _tile = new(0);

    public SegmentBatchScan(int queries)
    {
        int padded = (queries + CoarseDot.Queries - 1) / CoarseDot.Queries * CoarseDot.Queries;
        _members = new int[padded];
        _coarse = new CoarseQuery[padded];
        _limits = new CoarseLimits[padded];
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
        CoarseQuery coarse = query.For(column);
        if (!CoarseLimits.TryMake(column, coarse, best.WorstCost, out _limits[member])) return false;
        _members[member] = index;
        _coarse[member] = coarse;
        _worst[member] = best.WorstCost;
        return true;
    }

    private void ScanTiles(in SegmentRows rows, CoarseColumn column, int members, QueryVector[] queries, TopHits[] best)
    {
        CoarseShape shape = column.Shape;
        PackCodes(shape.PaddedComponents / GroupComponents, members);
        for (int start = 0, end; start < rows.Rows; start = end)
        {
            FirstPartHint hint = _coarse[0].Hint;
            bool readsWhole = shape.RestBytes == 0 || hint.ReadsWhole();
            int rowBytes = 2 * (readsWhole ? shape.RowBytes : shape.FirstBytes), blockBytes = CoarseColumn.BlockRows * rowBytes;
            end = Math.Min(rows.Rows, start + Math.Clamp(TileBytes / blockBytes, 1, CoarseScan.ChunkRows / CoarseColumn.BlockRows) * CoarseColumn.BlockRows);
            if (_tile.Length < Math.Max(TileBytes, blockBytes)) _tile = new AlignedArray<byte>(Math.Max(TileBytes, blockBytes));
            Interleave(column.First, shape.FirstBytes, start, end, 0, blockBytes);
            if (readsWhole && shape.RestBytes > 0) Interleave(column.Rest, shape.RestBytes, start, end, CoarseColumn.BlockRows * 2 * shape.FirstBytes, blockBytes);
            int found = 0;
            for (int member = 0; member < members; member += CoarseDot.Queries)
            {
                int used = Math.Min(CoarseDot.Queries, members - member);
                ScanTile(column, start, end, member, used, readsWhole);
                for (int i = 0; i < used; i++)
                {
                    found += _counts[i];
                    Offer(rows, column, i, member + i, readsWhole, queries, best);
                }
            }
            if (!readsWhole) hint.Learn((end - start) * members, found);
        }
    }

    /// <summary>Lays the members' codes one after another. What is after the last one is never looked at.</summary>
    private void PackCodes(int groups, int members)
    {
        if (_codes.Length < _members.Length * groups) _codes = new AlignedArray<Vector256<int>>(_members.Length * groups);
        for (int member = 0; member < members; member++)
        {
            ReadOnlySpan<int> source = MemoryMarshal.Cast<sbyte, int>(_coarse[member].Codes);
            Span<Vector256<int>> target = _codes.AsSpan(member * groups, groups);
            for (int group = 0; group < groups; group++) target[group] = Vector256.Create(source[group]);
        }
    }

    /// <summary>Lays the codes of some rows side by side, as all queries will read them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Interleave(AlignedArray<byte> codes, int bytes, int start, int end, int offset, int blockBytes)
    {
        ref byte tile = ref _tile.Reference;
        for (int row = start; row < end; row += CoarseColumn.BlockRows, offset += blockBytes)
            CoarseDot.Interleave(ref Unsafe.Add(ref codes.Reference, row * bytes), bytes, ref Unsafe.Add(ref tile, offset));
    }

    /// <summary>Finds the rows of a tile that the codes of four queries do not exclude, of each query.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScanTile(CoarseColumn column, int start, int end, int member, int used, bool readsWhole)
    {
        CoarseShape shape = column.Shape;
        int stride = shape.PaddedComponents / GroupComponents, groups = readsWhole ? stride : 2 * shape.FirstBytes / GroupComponents, blockBytes = groups * GroupBytes;
        ref int marks = ref (readsWhole ? column.Marks : column.FirstMarks).Reference;
        ref byte block = ref _tile.Reference;
        ref Vector256<int> codes = ref _codes[member * stride];
        CoarseBlockLimit limit0 = LimitOf(0), limit1 = LimitOf(1), limit2 = LimitOf(2), limit3 = LimitOf(3);
        Array.Clear(_counts);
        for (int row = start; row < end; row += CoarseColumn.BlockRows, block = ref Unsafe.Add(ref block, blockBytes))
        {
            CoarseDot.FourSums sums = default;
            CoarseDot.FourQueries(ref block, ref codes, groups, stride, ref sums);
            Vector256<int> ofRows = Vector256.LoadUnsafe(ref marks, (nuint)row);
            uint kept0 = limit0.Kept(ofRows, sums.Query0), kept1 = limit1.Kept(ofRows, sums.Query1), kept2 = limit2.Kept(ofRows, sums.Query2), kept3 = limit3.Kept(ofRows, sums.Query3);
            if ((kept0 | kept1 | kept2 | kept3) == 0) continue;
            Add(0, kept0, row, sums.Query0);
            Add(1, kept1, row, sums.Query1);
            Add(2, kept2, row, sums.Query2);
            Add(3, kept3, row, sums.Query3);
        }

        // Members after the last one compute what is not looked at.
        CoarseBlockLimit LimitOf(int place)
        {
            CoarseLimits limits = _limits[member + Math.Min(place, used - 1)];
            return readsWhole ? limits.Whole : limits.First;
        }

        void Add(int place, uint kept, int row, Vector256<int> sums)
        {
            if (kept == 0 || place >= used) return;
            Span<FoundRow> found = _found.AsSpan(place * CoarseScan.ChunkRows + _counts[place], BitOperations.PopCount(kept));
            CoarseScan.Add(kept, row, sums, found);
            _counts[place] += found.Length;
            if (readsWhole) return;
            foreach (FoundRow next in found) CoarseScan.Prefetch(column, next.Row);
        }
    }

    private void Offer(in SegmentRows rows, CoarseColumn column, int place, int member, bool readWhole, QueryVector[] queries, TopHits[] best)
    {
        Span<FoundRow> found = _found.AsSpan(place * CoarseScan.ChunkRows, _counts[place]);
        if (!readWhole) found = found[..CoarseScan.KeepByRest(column, _coarse[member], _limits[member], found)];
        found = found[..CoarseScan.Refine(column, _coarse[member], _limits[member], found)];
        int query = _members[member];
        SegmentScan.Offer(rows, found, queries[query], best[query]);
        if (best[query].WorstCost == _worst[member]) return;
        _worst[member] = best[query].WorstCost;
        // It excluded something with a worse hit, so it does now.
        CoarseLimits.TryMake(column, _coarse[member], _worst[member], out _limits[member]);
    }
}
