using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>The rows of one segment that a View shows, with the exact score of each.</summary>
/// <param name="FirstId">The record id of row 0.</param>
/// <param name="Rows">Rows that the View knows of: the segment may have more by now.</param>
internal readonly record struct SegmentRows(RecordSegment Segment, VectorColumn Vectors, ulong FirstId, int Rows, ulong Version, ulong? FilterTag)
{
    /// <summary>Scores a row exactly and offers it, if it is live and has the tag.</summary>
    public void Offer(int row, QueryVector query, TopHits best)
    {
        // Tag and tombstone first: they are a few bytes, the vector is hundreds.
        if (FilterTag is { } tag && Segment.Tags[row] != tag) return;
        if (Segment.HasDeletions && !Segment.IsLive(row, Version)) return;
        if (TryScore(row, query, best.WorstScore, out long score) && score <= best.WorstScore) best.Offer(FirstId + (ulong)row, score);
    }

    /// <summary>Asks memory for what <see cref="Offer"/> will read of a row.</summary>
    public void Prefetch(int row)
    {
        int dimension = Segment.Dimension;
        if (Vectors.Narrow is null || QueryVector.HeadComponents(dimension) == 0) Cache.Prefetch(ref Segment.SquaredNorms[row], sizeof(long));
        if (Vectors.Narrow is not null) Cache.Prefetch(ref Vectors.Narrow[row * dimension], dimension * sizeof(short));
        else Cache.Prefetch(ref Vectors.Wide![row * dimension], dimension * sizeof(int));
    }

    /// <summary>
    /// The exact score, or false where the first half of the components alone is farther away than the worst hit: the rest of
    /// the score is a sum of squares.
    /// </summary>
    private bool TryScore(int row, QueryVector query, long worstScore, out long score)
    {
        int dimension = Segment.Dimension, head = QueryVector.HeadComponents(dimension);
        if (head > 0 && Vectors.Narrow is not null && query.Narrow is not null)
        {
            // The norms of rows are computed on the way: they are in the cache, and the stored ones are not.
            ReadOnlySpan<short> values = Vectors.Narrow.AsSpan(row * dimension, dimension);
            score = query.HeadSquaredNorm + DotProduct.NarrowNormLessTwiceDot(values[..head], query.Narrow.AsSpan(0, head));
            if (score > worstScore) return false;
            score += query.SquaredNorm - query.HeadSquaredNorm + DotProduct.NarrowNormLessTwiceDot(values[head..], query.Narrow.AsSpan(head));
            return true;
        }
        // |a - b|^2 = |a|^2 + |b|^2 - 2ab in wrapping 64-bit integers: exact, because the true value is below 2^63.
        score = unchecked(Segment.SquaredNorms[row] + query.SquaredNorm - 2 * Dot(row, query));
        return true;
    }

    private long Dot(int row, QueryVector query)
    {
        int dimension = Segment.Dimension;
        if (Vectors.Narrow is null) return DotProduct.Wide(Vectors.Wide.AsSpan(row * dimension, dimension), query.Wide);
        ReadOnlySpan<short> narrow = Vectors.Narrow.AsSpan(row * dimension, dimension);
        return query.Narrow is null ? DotProduct.Mixed(narrow, query.Wide) : DotProduct.Narrow(narrow, query.Narrow);
    }
}
