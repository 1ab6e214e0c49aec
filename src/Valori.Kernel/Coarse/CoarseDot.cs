using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Coarse;

/// <summary>
/// Sums of products of row codes (1..127, unsigned) and query codes (signed), for the 8 rows of a block side by side. The
/// scalar method is the specification; all others return the same integers.
/// </summary>
internal static class CoarseDot
{
    /// <summary>Queries that <see cref="FourQueries"/> takes at once.</summary>
    public const int Queries = 4;

    // Pairs of products that are added up in 16 bits: 4 * 2 * 127 * 32 is below 2^15 (CoarseQuery.MaximumBatchCode).
    private const int GroupsInShort = 4;

    /// <summary>One block, one query with codes up to <see cref="CoarseQuery.MaximumCode"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> OneQuery(ref byte block, ref int query, int groups)
    {
        Vector256<int> sum = Vector256<int>.Zero;
        for (int group = 0; group < groups; group++)
        {
            Vector256<byte> rows = Vector256.LoadUnsafe(ref block, (nuint)(group * CoarseColumn.GroupBytes));
            sum = MultiplyAdd(sum, rows, Vector256.Create(Unsafe.Add(ref query, group)));
        }
        return sum;
    }

    /// <summary>
    /// One block and four queries with codes up to <see cref="CoarseQuery.MaximumBatchCode"/>: rows that are loaded once
    /// serve four times, and most sums stay in 16 bits.
    /// </summary>
    /// <param name="queries">
    /// Per query its groups, each in all lanes of a vector: one query after another. Broadcasting them here, at every block,
    /// costs a tenth of the time.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FourQueries(ref byte block, ref Vector256<int> queries, int groups, out FourSums sums)
    {
        ref Vector256<int> query1 = ref Unsafe.Add(ref queries, groups), query2 = ref Unsafe.Add(ref query1, groups), query3 = ref Unsafe.Add(ref query2, groups);
        Vector256<int> sum0 = Vector256<int>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        nint group = 0;
        if (Avx2.IsSupported)
        {
            Vector256<short> one = Vector256<short>.One;
            for (; group <= groups - GroupsInShort; group += GroupsInShort)
            {
                ref byte first = ref Unsafe.Add(ref block, group * CoarseColumn.GroupBytes);
                Vector256<byte> rows0 = Vector256.LoadUnsafe(ref first), rows1 = Vector256.LoadUnsafe(ref first, CoarseColumn.GroupBytes);
                Vector256<byte> rows2 = Vector256.LoadUnsafe(ref first, 2 * CoarseColumn.GroupBytes), rows3 = Vector256.LoadUnsafe(ref first, 3 * CoarseColumn.GroupBytes);
                sum0 += Avx2.MultiplyAddAdjacent(PairSums(rows0, rows1, rows2, rows3, ref Unsafe.Add(ref queries, group)), one);
                sum1 += Avx2.MultiplyAddAdjacent(PairSums(rows0, rows1, rows2, rows3, ref Unsafe.Add(ref query1, group)), one);
                sum2 += Avx2.MultiplyAddAdjacent(PairSums(rows0, rows1, rows2, rows3, ref Unsafe.Add(ref query2, group)), one);
                sum3 += Avx2.MultiplyAddAdjacent(PairSums(rows0, rows1, rows2, rows3, ref Unsafe.Add(ref query3, group)), one);
            }
        }
        for (; group < groups; group++)
        {
            Vector256<byte> rows = Vector256.LoadUnsafe(ref block, (nuint)(group * CoarseColumn.GroupBytes));
            sum0 = MultiplyAdd(sum0, rows, Unsafe.Add(ref queries, group));
            sum1 = MultiplyAdd(sum1, rows, Unsafe.Add(ref query1, group));
            sum2 = MultiplyAdd(sum2, rows, Unsafe.Add(ref query2, group));
            sum3 = MultiplyAdd(sum3, rows, Unsafe.Add(ref query3, group));
        }
        (sums.Query0, sums.Query1, sums.Query2, sums.Query3) = (sum0, sum1, sum2, sum3);
    }

    /// <summary>One row of a block, one query.</summary>
    internal static int Scalar(ReadOnlySpan<byte> block, int row, ReadOnlySpan<int> query)
    {
        ReadOnlySpan<sbyte> codes = MemoryMarshal.Cast<int, sbyte>(query);
        int sum = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            (int group, int component) = Math.DivRem(i, CoarseShape.GroupComponents);
            sum += block[group * CoarseColumn.GroupBytes + row * CoarseShape.GroupComponents + component] * codes[i];
        }
        return sum;
    }

    /// <summary>Pairs of products, those of four groups added up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> PairSums(Vector256<byte> rows0, Vector256<byte> rows1, Vector256<byte> rows2, Vector256<byte> rows3, ref Vector256<int> query) =>
        Avx2.MultiplyAddAdjacent(rows0, query.AsSByte())
        + Avx2.MultiplyAddAdjacent(rows1, Unsafe.Add(ref query, 1).AsSByte())
        + Avx2.MultiplyAddAdjacent(rows2, Unsafe.Add(ref query, 2).AsSByte())
        + Avx2.MultiplyAddAdjacent(rows3, Unsafe.Add(ref query, 3).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> MultiplyAdd(Vector256<int> sum, Vector256<byte> rows, Vector256<int> query)
    {
        if (Avx2.IsSupported)
        {
            // Two products of at most 127 * 127 fit 16 bits, so the saturating addition is exact.
            Vector256<short> pairs = Avx2.MultiplyAddAdjacent(rows, query.AsSByte());
            return sum + Avx2.MultiplyAddAdjacent(pairs, Vector256<short>.One);
        }
        Vector256<int> lanes = rows.AsInt32(), mask = Vector256.Create(0xFF);
        sum += (lanes & mask) * (query << 24 >> 24);
        sum += (lanes >>> 8 & mask) * (query << 16 >> 24);
        sum += (lanes >>> 16 & mask) * (query << 8 >> 24);
        return sum + (lanes >>> 24) * (query >> 24);
    }

    /// <summary>Sums of a block's 8 rows with each of four queries.</summary>
    internal struct FourSums
    {
        public Vector256<int> Query0, Query1, Query2, Query3;
    }
}
