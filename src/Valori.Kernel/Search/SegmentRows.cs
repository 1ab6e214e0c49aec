using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>The rows of one segment that a View shows, with the exact score of each.</summary>
/// <param name="Vectors">Null where no row is live; then no row's vector is looked at.</param>
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
        long score = Score(row, query);
        if (score <= best.WorstScore) best.Offer(FirstId + (ulong)row, score);
    }

    /// <summary>Asks memory for what <see cref="Offer"/> will read of a row.</summary>
    public void Prefetch(int row)
    {
        int dimension = Segment.Dimension;
        if (Vectors.Narrow is not null)
        {
            // The norm too would be asked for in vain: narrow rows rarely need theirs.
            Cache.Prefetch(ref Vectors.Narrow[row * dimension], dimension * sizeof(short));
            return;
        }
        Cache.Prefetch(ref Segment.SquaredNorms[row], sizeof(long));
        Cache.Prefetch(ref Vectors.Wide![row * dimension], dimension * sizeof(int));
    }

    private long Score(int row, QueryVector query)
    {
        int dimension = Segment.Dimension;
        long dot;
        if (Vectors.Narrow is not null)
        {
            ReadOnlySpan<short> narrow = Vectors.Narrow.AsSpan(row * dimension, dimension);
            if (query.Narrow is not null && NarrowDistance.TryGet(narrow, query.Narrow, out long distance)) return distance;
            dot = query.Narrow is not null ? DotProduct.Narrow(narrow, query.Narrow) : DotProduct.Mixed(narrow, query.Wide);
        }
        else
        {
            dot = DotProduct.Wide(Vectors.Wide!.AsSpan(row * dimension, dimension), query.Wide);
        }
        // |a - b|^2 = |a|^2 + |b|^2 - 2ab in wrapping 64-bit integers: exact, because the true value is below 2^63.
        return unchecked(Segment.SquaredNorms[row] + query.SquaredNorm - 2 * dot);
    }
}
