using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Coarse;

/// <summary>
/// Sums of products of the 4-bit codes of rows and the 8-bit codes of queries. The scalar method is the specification; all others return the
/// same integers. Without vectors of the hardware, those of .NET are a call for each operation, and plain loops (<see cref="PlainCoarseDot"/>) are much faster.
/// </summary>
internal static class CoarseDot
{
    /// <summary>Queries that <see cref="FourQueries"/> takes at once.</summary>
    public const int Queries = 4;

    /// <summary>One row and one query.</summary>
    /// <param name="bytes">Of the row's part: whole chunks.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> OneRow(Vector256<int> sums, ref byte row, ref sbyte query, int bytes)
    {
        if (!Vector128.IsHardwareAccelerated) return PlainCoarseDot.OneRow(sums, ref row, ref query, bytes);
        for (int i = 0; i < bytes; i += CoarseShape.ChunkBytes)
            sums = Add(sums, ref Unsafe.Add(ref row, i), Vector256.LoadUnsafe(ref query, (nuint)(2 * i)), Vector256.LoadUnsafe(ref query, (nuint)(2 * i + CoarseShape.ChunkBytes)));
        return sums;
    }

    /// <summary>Eight rows that follow each other and one query: the sum of each row in a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> EightRows(ref byte rows, ref sbyte query, int bytes)
    {
        if (!Vector128.IsHardwareAccelerated) return PlainCoarseDot.EightRows(ref rows, ref query, bytes);
        Vector256<int> sum0 = Vector256<int>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0, sum4 = sum0, sum5 = sum0, sum6 = sum0, sum7 = sum0;
        ref byte rows4 = ref Unsafe.Add(ref rows, 4 * bytes);
        for (int i = 0; i < bytes; i += CoarseShape.ChunkBytes)
        {
            Vector256<sbyte> low = Vector256.LoadUnsafe(ref query, (nuint)(2 * i)), high = Vector256.LoadUnsafe(ref query, (nuint)(2 * i + CoarseShape.ChunkBytes));
            ref byte chunk = ref Unsafe.Add(ref rows, i);
            ref byte chunk4 = ref Unsafe.Add(ref rows4, i);
            sum0 = Add(sum0, ref chunk, low, high);
            sum1 = Add(sum1, ref Unsafe.Add(ref chunk, bytes), low, high);
            sum2 = Add(sum2, ref Unsafe.Add(ref chunk, 2 * bytes), low, high);
            sum3 = Add(sum3, ref Unsafe.Add(ref chunk, 3 * bytes), low, high);
            sum4 = Add(sum4, ref chunk4, low, high);
            sum5 = Add(sum5, ref Unsafe.Add(ref chunk4, bytes), low, high);
            sum6 = Add(sum6, ref Unsafe.Add(ref chunk4, 2 * bytes), low, high);
            sum7 = Add(sum7, ref Unsafe.Add(ref chunk4, 3 * bytes), low, high);
        }
        return Across(sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7);
    }

    /// <summary>
    /// Lays the codes of eight rows that follow each other, a byte each, so that <see cref="FourQueries"/> can take them: groups of 4 components,
    /// and in a group the 4 codes of row 0, then of row 1, ...: each 32-bit lane of a register belongs to one row.
    /// </summary>
    /// <param name="groups">Takes 16 groups of each chunk.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(ref byte rows, int bytes, ref byte groups)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            PlainCoarseDot.Interleave(ref rows, bytes, ref groups);
            return;
        }
        for (int i = 0; i < bytes; i += CoarseShape.ChunkBytes)
        {
            ref byte chunk = ref Unsafe.Add(ref rows, i);
            Split(ref chunk, out Vector256<byte> low0, out Vector256<byte> high0);
            Split(ref Unsafe.Add(ref chunk, bytes), out Vector256<byte> low1, out Vector256<byte> high1);
            Split(ref Unsafe.Add(ref chunk, 2 * bytes), out Vector256<byte> low2, out Vector256<byte> high2);
            Split(ref Unsafe.Add(ref chunk, 3 * bytes), out Vector256<byte> low3, out Vector256<byte> high3);
            Split(ref Unsafe.Add(ref chunk, 4 * bytes), out Vector256<byte> low4, out Vector256<byte> high4);
            Split(ref Unsafe.Add(ref chunk, 5 * bytes), out Vector256<byte> low5, out Vector256<byte> high5);
            Split(ref Unsafe.Add(ref chunk, 6 * bytes), out Vector256<byte> low6, out Vector256<byte> high6);
            Split(ref Unsafe.Add(ref chunk, 7 * bytes), out Vector256<byte> low7, out Vector256<byte> high7);
            ref byte to = ref Unsafe.Add(ref groups, 2 * CoarseColumn.BlockRows * i);
            Transpose(low0, low1, low2, low3, low4, low5, low6, low7, ref to);
            Transpose(high0, high1, high2, high3, high4, high5, high6, high7, ref Unsafe.Add(ref to, CoarseColumn.BlockRows * CoarseShape.ChunkBytes));
        }
    }

    /// <summary>Eight rows and four queries: rows that are loaded once serve four times.</summary>
    /// <param name="block">Of <see cref="Interleave"/>.</param>
    /// <param name="queries">
    /// Per query its groups, each in all lanes of a vector: one query after another. Broadcasting them here, at every block,
    /// costs a tenth of the time.
    /// </param>
    /// <param name="groups">Of a query in the block: whole chunks.</param>
    /// <param name="stride">Groups from one query to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FourQueries(ref byte block, ref Vector256<int> queries, int groups, int stride, ref FourSums sums)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            PlainCoarseDot.FourQueries(ref block, ref queries, groups, stride, ref sums);
            return;
        }
        ref Vector256<int> query1 = ref Unsafe.Add(ref queries, stride), query2 = ref Unsafe.Add(ref query1, stride), query3 = ref Unsafe.Add(ref query2, stride);
        (Vector256<int> sum0, Vector256<int> sum1, Vector256<int> sum2, Vector256<int> sum3) = (sums.Query0, sums.Query1, sums.Query2, sums.Query3);
        for (nint group = 0; group < groups; group += 2)
        {
            Vector256<byte> rows0 = Vector256.LoadUnsafe(ref block, (nuint)group * 32), rows1 = Vector256.LoadUnsafe(ref block, (nuint)group * 32 + 32);
            sum0 = Add(sum0, rows0, rows1, Unsafe.Add(ref queries, group).AsSByte(), Unsafe.Add(ref queries, group + 1).AsSByte());
            sum1 = Add(sum1, rows0, rows1, Unsafe.Add(ref query1, group).AsSByte(), Unsafe.Add(ref query1, group + 1).AsSByte());
            sum2 = Add(sum2, rows0, rows1, Unsafe.Add(ref query2, group).AsSByte(), Unsafe.Add(ref query2, group + 1).AsSByte());
            sum3 = Add(sum3, rows0, rows1, Unsafe.Add(ref query3, group).AsSByte(), Unsafe.Add(ref query3, group + 1).AsSByte());
        }
        (sums.Query0, sums.Query1, sums.Query2, sums.Query3) = (sum0, sum1, sum2, sum3);
    }

    /// <summary>One row and one query.</summary>
    internal static int Scalar(ReadOnlySpan<byte> row, ReadOnlySpan<sbyte> query)
    {
        int sum = 0;
        for (int i = 0; i < query.Length; i++)
        {
            (int chunk, int component) = Math.DivRem(i, CoarseShape.ChunkComponents);
            byte codes = row[chunk * CoarseShape.ChunkBytes + component % CoarseShape.ChunkBytes];
            sum += (component < CoarseShape.ChunkBytes ? codes & 0x0F : codes >> 4) * query[i];
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<int> sums, ref byte row, Vector256<sbyte> queryLow, Vector256<sbyte> queryHigh)
    {
        Split(ref row, out Vector256<byte> low, out Vector256<byte> high);
        return Add(sums, low, high, queryLow, queryHigh);
    }

    /// <summary>The codes of a chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split(ref byte row, out Vector256<byte> low, out Vector256<byte> high)
    {
        Vector256<byte> codes = Vector256.LoadUnsafe(ref row), mask = Vector256.Create((byte)0x0F);
        low = codes & mask;
        high = (codes.AsUInt16() >>> 4).AsByte() & mask;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<int> sums, Vector256<byte> low, Vector256<byte> high, Vector256<sbyte> queryLow, Vector256<sbyte> queryHigh)
    {
        if (AvxVnni.IsSupported) return AvxVnni.MultiplyWideningAndAdd(AvxVnni.MultiplyWideningAndAdd(sums, low, queryLow), high, queryHigh);
        if (Avx2.IsSupported)
        {
            // Four products of at most 15 * 127 fit 16 bits, so the saturating addition is exact.
            Vector256<short> pairs = Avx2.MultiplyAddAdjacent(low, queryLow) + Avx2.MultiplyAddAdjacent(high, queryHigh);
            return sums + Avx2.MultiplyAddAdjacent(pairs, Vector256<short>.One);
        }
        return sums + LaneSums(low, queryLow.AsInt32()) + LaneSums(high, queryHigh.AsInt32());
    }

    /// <summary>In each 32-bit lane, the sum of its four products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> LaneSums(Vector256<byte> codes, Vector256<int> query)
    {
        Vector256<int> lanes = codes.AsInt32(), mask = Vector256.Create(0xFF);
        return (lanes & mask) * (query << 24 >> 24) + (lanes >>> 8 & mask) * (query << 16 >> 24) + (lanes >>> 16 & mask) * (query << 8 >> 24) + (lanes >>> 24) * (query >> 24);
    }

    /// <summary>Eight vectors of eight lanes: vector i of the result has lane i of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector256<byte> row0, Vector256<byte> row1, Vector256<byte> row2, Vector256<byte> row3, Vector256<byte> row4, Vector256<byte> row5, Vector256<byte> row6, Vector256<byte> row7, ref byte to)
    {
        if (!Avx2.IsSupported)
        {
            ReadOnlySpan<Vector256<byte>> rows = [row0, row1, row2, row3, row4, row5, row6, row7];
            for (int lane = 0; lane < rows.Length; lane++)
            {
                for (int row = 0; row < rows.Length; row++) Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, 32 * lane + 4 * row), rows[row].AsInt32()[lane]);
            }
            return;
        }
        // Four vectors of two rows each: the halves of a row and of the fourth one after it.
        Store(row0, row4, row1, row5, row2, row6, row3, row7, 0x20, ref to);
        Store(row0, row4, row1, row5, row2, row6, row3, row7, 0x31, ref Unsafe.Add(ref to, 4 * 32));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Store(
            Vector256<byte> row0, Vector256<byte> row4, Vector256<byte> row1, Vector256<byte> row5, Vector256<byte> row2, Vector256<byte> row6, Vector256<byte> row3, Vector256<byte> row7,
            [ConstantExpected] byte half, ref byte to)
        {
            Vector256<uint> rows04 = Avx2.Permute2x128(row0, row4, half).AsUInt32(), rows15 = Avx2.Permute2x128(row1, row5, half).AsUInt32();
            Vector256<uint> rows26 = Avx2.Permute2x128(row2, row6, half).AsUInt32(), rows37 = Avx2.Permute2x128(row3, row7, half).AsUInt32();
            Vector256<ulong> low01 = Avx2.UnpackLow(rows04, rows15).AsUInt64(), high01 = Avx2.UnpackHigh(rows04, rows15).AsUInt64();
            Vector256<ulong> low23 = Avx2.UnpackLow(rows26, rows37).AsUInt64(), high23 = Avx2.UnpackHigh(rows26, rows37).AsUInt64();
            Avx2.UnpackLow(low01, low23).AsByte().StoreUnsafe(ref to);
            Avx2.UnpackHigh(low01, low23).AsByte().StoreUnsafe(ref to, 32);
            Avx2.UnpackLow(high01, high23).AsByte().StoreUnsafe(ref to, 2 * 32);
            Avx2.UnpackHigh(high01, high23).AsByte().StoreUnsafe(ref to, 3 * 32);
        }
    }

    /// <summary>The sum of the lanes of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Across(
        Vector256<int> sum0, Vector256<int> sum1, Vector256<int> sum2, Vector256<int> sum3, Vector256<int> sum4, Vector256<int> sum5, Vector256<int> sum6, Vector256<int> sum7)
    {
        if (!Avx2.IsSupported)
        {
            return Vector256.Create(
                Vector256.Sum(sum0), Vector256.Sum(sum1), Vector256.Sum(sum2), Vector256.Sum(sum3), Vector256.Sum(sum4), Vector256.Sum(sum5), Vector256.Sum(sum6), Vector256.Sum(sum7));
        }
        Vector256<int> first = Avx2.HorizontalAdd(Avx2.HorizontalAdd(sum0, sum1), Avx2.HorizontalAdd(sum2, sum3));
        Vector256<int> second = Avx2.HorizontalAdd(Avx2.HorizontalAdd(sum4, sum5), Avx2.HorizontalAdd(sum6, sum7));
        return Avx2.Permute2x128(first, second, 0x20) + Avx2.Permute2x128(first, second, 0x31);
    }

    /// <summary>Sums of a block's 8 rows with each of four queries.</summary>
    internal struct FourSums
    {
        public Vector256<int> Query0, Query1, Query2, Query3;
    }
}
