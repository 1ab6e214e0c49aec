using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>The exact scan of one segment for one query.</summary>
internal static class SegmentScan
{
    /// <summary>Offers every live row (with the tag, if one is given) among the segment's first <paramref name="rows"/>.</summary>
    public static void Run(RecordSegment segment, ulong firstId, int rows, ulong version, QueryVector query, ulong? filterTag, TopHits best)
    {
        VectorColumn? vectors = segment.Vectors;
        if (vectors is null) return;
        bool hasDeletions = segment.HasDeletions;
        int dimension = segment.Dimension;
        for (int row = 0; row < rows; row++)
        {
            // Tag and tombstone first: they are a few bytes, the vector is hundreds.
            if (filterTag is { } tag && segment.Tags[row] != tag) continue;
            if (hasDeletions && !segment.IsLive(row, version)) continue;
            // |a - b|^2 = |a|^2 + |b|^2 - 2ab in wrapping 64-bit integers: exact, because the true value is below 2^63.
            long score = unchecked(segment.SquaredNorms[row] + query.SquaredNorm - 2 * Dot(vectors, row, dimension, query));
            if (score <= best.WorstScore) best.Offer(firstId + (ulong)row, score);
        }
    }

    private static long Dot(VectorColumn vectors, int row, int dimension, QueryVector query)
    {
        if (vectors.Narrow is null) return DotProduct.Wide(vectors.Wide.AsSpan(row * dimension, dimension), query.Wide);
        ReadOnlySpan<short> narrow = vectors.Narrow.AsSpan(row * dimension, dimension);
        return query.Narrow is null ? DotProduct.Mixed(narrow, query.Wide) : DotProduct.Narrow(narrow, query.Narrow);
    }
}
