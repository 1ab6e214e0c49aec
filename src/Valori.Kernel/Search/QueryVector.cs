using Valori.Kernel.Coarse;

namespace Valori.Kernel.Search;

/// <summary>A query in every form that a segment may call for. Thread-safe: shares of one search use the same.</summary>
internal sealed class QueryVector
{
    private volatile CoarseQuery? _coarse;

    public QueryVector(VectorBlock queries, int row)
    {
        Wide = new int[queries.Dimension];
        queries.CopyRow(row, Wide);
        Narrow = queries.IsNarrow ? queries.Narrow.Slice(row * queries.Dimension, queries.Dimension).ToArray() : null;
        SquaredNorm = queries.SquaredNorms[row];
    }

    /// <summary>The raw values in 16 bits, or null if they do not fit.</summary>
    public short[]? Narrow { get; }

    public int[] Wide { get; }

    public long SquaredNorm { get; }

    /// <summary>The query in the terms of a column.</summary>
    public CoarseQuery For(CoarseColumn column) => _coarse is { } known && known.Scale == column.Scale
        ? known
        : _coarse = column.IsForDot ? CoarseQuery.ForDot(column.Scale, Wide, SquaredNorm) : new CoarseQuery(column.Scale, Wide);
}
