using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Valori.Kernel.Coarse;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Search;

/// <summary>The rows of a segment that bounds cannot exclude: first of all rows by a few bits of them, then of those that are left by more.</summary>
internal static class CoarseScan
{
    /// <summary>
    /// Rows that are looked at together: what is read next of those that are left lies here and there, and is under way when the last one of
    /// them was looked at.
    /// </summary>
    public const int ChunkRows = 512;

    // What is asked for ahead of a scan: the processor asks for too little by itself.
    private const int BytesAhead = 4096;

    /// <summary>Finds the rows of a chunk that the codes of the query do not exclude; returns their number.</summary>
    /// <param name="row">The first row of a block.</param>
    /// <param name="end">The row after the last block.</param>
    public static int Find(CoarseColumn column, CoarseQuery query, in CoarseLimits limits, int row, int end, Span<FoundRow> found)
    {
        bool readsWhole = column.Shape.RestBytes == 0 || query.Hint.ReadsWhole();
        if (readsWhole) return FindByWhole(column, query, limits, row, end, found);
        int count = FindByFirst(column, query, limits, row, end, found);
        query.Hint.Learn(end - row, count);
        return KeepByRest(column, query, limits, found[..count]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int FindByFirst(CoarseColumn column, CoarseQuery query, in CoarseLimits limits, int row, int end, Span<FoundRow> found)
    {
        int bytes = column.Shape.FirstBytes, blockBytes = bytes * CoarseColumn.BlockRows, count = 0;
        CoarseBlockLimit limit = limits.First;
        ref byte block = ref Unsafe.Add(ref column.First.Reference, row * bytes);
        ref int marks = ref column.FirstMarks.Reference;
        ref sbyte codes = ref MemoryMarshal.GetReference(query.Codes);
        for (; row < end; row += CoarseColumn.BlockRows, block = ref Unsafe.Add(ref block, blockBytes))
        {
            Cache.Prefetch(ref block, BytesAhead, blockBytes);
            Vector256<int> sums = CoarseDot.EightRows(ref block, ref codes, bytes);
            uint kept = limit.Kept(Vector256.LoadUnsafe(ref marks, (nuint)row), sums);
            if (kept == 0) continue;
            int end8 = count + BitOperations.PopCount(kept);
            Add(kept, row, sums, found[count..end8]);
            for (; count < end8; count++) Prefetch(column, found[count].Row);
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int FindByWhole(CoarseColumn column, CoarseQuery query, in CoarseLimits limits, int row, int end, Span<FoundRow> found)
    {
        int firstBytes = column.Shape.FirstBytes, restBytes = column.Shape.RestBytes, count = 0;
        CoarseBlockLimit limit = limits.Whole;
        ref byte first = ref Unsafe.Add(ref column.First.Reference, row * firstBytes), rest = ref Unsafe.Add(ref column.Rest.Reference, row * restBytes);
        ref int marks = ref column.Marks.Reference;
        ref sbyte codes = ref MemoryMarshal.GetReference(query.Codes);
        for (; row < end; row += CoarseColumn.BlockRows)
        {
            Cache.Prefetch(ref first, BytesAhead, firstBytes * CoarseColumn.BlockRows);
            Cache.Prefetch(ref rest, BytesAhead, restBytes * CoarseColumn.BlockRows);
            Vector256<int> sums = CoarseDot.EightRows(ref first, ref codes, firstBytes);
            if (restBytes > 0) sums += CoarseDot.EightRows(ref rest, ref Unsafe.Add(ref codes, 2 * firstBytes), restBytes);
            uint kept = limit.Kept(Vector256.LoadUnsafe(ref marks, (nuint)row), sums);
            if (kept != 0)
            {
                int end8 = count + BitOperations.PopCount(kept);
                Add(kept, row, sums, found[count..end8]);
                count = end8;
            }
            first = ref Unsafe.Add(ref first, firstBytes * CoarseColumn.BlockRows);
            rest = ref Unsafe.Add(ref rest, restBytes * CoarseColumn.BlockRows);
        }
        return count;
    }

    /// <summary>Keeps the rows that the codes of the query do not exclude by both parts, after the first one did not; returns their number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int KeepByRest(CoarseColumn column, CoarseQuery query, in CoarseLimits limits, Span<FoundRow> rows)
    {
        int restBytes = column.Shape.RestBytes, kept = 0;
        CoarseBlockLimit limit = limits.Whole;
        ref byte rest = ref column.Rest.Reference;
        ref int marks = ref column.Marks.Reference;
        ref sbyte codes = ref Unsafe.Add(ref MemoryMarshal.GetReference(query.Codes), 2 * column.Shape.FirstBytes);
        foreach (FoundRow row in rows)
        {
            int sum = row.Sum + Vector256.Sum(CoarseDot.OneRow(Vector256<int>.Zero, ref Unsafe.Add(ref rest, row.Row * restBytes), ref codes, restBytes));
            if (!limit.Excludes(Unsafe.Add(ref marks, row.Row), sum)) rows[kept++] = new FoundRow(row.Row, sum);
        }
        return kept;
    }

    /// <summary>Keeps the rows that are not excluded by both planes and the fine codes of the query; returns their number.</summary>
    /// <param name="rows">With the sums of both parts.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Refine(CoarseColumn column, CoarseQuery query, in CoarseLimits limits, Span<FoundRow> rows)
    {
        CoarseShape shape = column.Shape;
        int firstBytes = shape.FirstBytes, restBytes = shape.RestBytes, lowerBytes = shape.LowerBytes, fineBits = query.FineBits, kept = 0;
        ref byte first = ref column.First.Reference, rest = ref column.Rest.Reference, lower = ref column.Lower.Reference;
        ref int marks = ref column.Marks.Reference;
        ref sbyte codes = ref MemoryMarshal.GetReference(query.Codes), fineCodes = ref MemoryMarshal.GetReference(query.FineCodes);
        Span<long> sums = stackalloc long[rows.Length];
        foreach (FoundRow row in rows)
        {
            Vector256<int> fine = CoarseDot.OneRow(Vector256<int>.Zero, ref Unsafe.Add(ref first, row.Row * firstBytes), ref fineCodes, firstBytes);
            fine = CoarseDot.OneRow(fine, ref Unsafe.Add(ref rest, row.Row * restBytes), ref Unsafe.Add(ref fineCodes, 2 * firstBytes), restBytes);
            long sum = ((long)row.Sum << fineBits) + Vector256.Sum(fine);
            if (limits.Excludes(Unsafe.Add(ref marks, row.Row), sum)) continue;
            if (lowerBytes > 0) Cache.Prefetch(ref Unsafe.Add(ref lower, row.Row * lowerBytes), lowerBytes);
            sums[kept] = sum;
            rows[kept++] = row;
        }
        if (lowerBytes == 0) return kept;
        int count = kept;
        kept = 0;
        for (int i = 0; i < count; i++)
        {
            FoundRow row = rows[i];
            ref byte lowerRow = ref Unsafe.Add(ref lower, row.Row * lowerBytes);
            Vector256<int> coarse = CoarseDot.OneRow(Vector256<int>.Zero, ref lowerRow, ref codes, lowerBytes), fine = CoarseDot.OneRow(Vector256<int>.Zero, ref lowerRow, ref fineCodes, lowerBytes);
            if (!limits.Excludes(Unsafe.Add(ref marks, row.Row), sums[i], ((long)Vector256.Sum(coarse) << fineBits) + Vector256.Sum(fine))) rows[kept++] = row;
        }
        return kept;
    }

    /// <summary>Asks memory for what <see cref="KeepByRest"/> reads of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(CoarseColumn column, int row)
    {
        int restBytes = column.Shape.RestBytes;
        Cache.Prefetch(ref Unsafe.Add(ref column.Rest.Reference, row * restBytes), restBytes);
        Cache.Prefetch(ref Unsafe.Add(ref column.Marks.Reference, row), sizeof(int));
    }

    /// <summary>Takes the rows of a block that are kept, one bit a row.</summary>
    /// <param name="found">Has room for them.</param>
    public static void Add(uint kept, int row, Vector256<int> sums, Span<FoundRow> found)
    {
        Span<int> ofRows = stackalloc int[CoarseColumn.BlockRows];
        sums.CopyTo(ofRows);
        foreach (ref FoundRow next in found)
        {
            int place = BitOperations.TrailingZeroCount(kept);
            next = new FoundRow(row + place, ofRows[place]);
            kept &= kept - 1;
        }
    }
}

/// <summary>A row that is not excluded so far.</summary>
/// <param name="Sum">Of the products of its codes, as far as they were read, and those of the query.</param>
internal readonly record struct FoundRow(int Row, int Sum);
