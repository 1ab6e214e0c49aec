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
        if (IsFarInHead(row, query, best.WorstScore)) return;
        // |a - b|^2 = |a|^2 + |b|^2 - 2ab in wrapping 64-bit integers: exact, because the true value is below 2^63.
        long score = unchecked(Segment.SquaredNorms[row] + query.SquaredNorm - 2 * Dot(row, query));
        if (score <= best.WorstScore) best.Offer(FirstId + (ulong)row, score);
    }

    /// <summary>Asks memory for what <see cref="Offer"/> will read of a row.</summary>
    public void Prefetch(int row)
    {
        int head = QueryVector.HeadComponents(Segment.Dimension);
        if (Vectors.Narrow is not null) Cache.Prefetch(ref Vectors.Narrow[row * Segment.Dimension], head * sizeof(short));
        else Cache.Prefetch(ref Vectors.Wide![row * Segment.Dimension], head * sizeof(int));
    }

    /// <summary>
    /// Whether the first components alone are farther away than the worst hit: the rest of the score is a sum of squares. It
    /// saves half of the memory that a far row would cost.
    /// </summary>
    private bool IsFarInHead(int row, QueryVector query, long worstScore)
    {
        if (worstScore == long.MaxValue || Vectors.Narrow is null || query.Narrow is null) return false;
        int head = QueryVector.HeadComponents(Segment.Dimension);
        long distance = DotProduct.NarrowNormLessTwiceDot(Vectors.Narrow.AsSpan(row * Segment.Dimension, head), query.Narrow.AsSpan(0, head));
        return distance + query.HeadSquaredNorm > worstScore;
    }

    private long Dot(int row, QueryVector query)
    {
        int dimension = Segment.Dimension;
        if (Vectors.Narrow is null) return DotProduct.Wide(Vectors.Wide.AsSpan(row * dimension, dimension), query.Wide);
        ReadOnlySpan<short> narrow = Vectors.Narrow.AsSpan(row * dimension, dimension);
        return query.Narrow is null ? DotProduct.Mixed(narrow, query.Wide) : DotProduct.Narrow(narrow, query.Narrow);
    }
}
