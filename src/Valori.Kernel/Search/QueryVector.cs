using Valori.Kernel.Vectors;

namespace Valori.Kernel.Search;

/// <summary>A query in every form that a segment's column may call for.</summary>
internal sealed class QueryVector
{
    public QueryVector(VectorBlock query)
    {
        Wide = new int[query.Dimension];
        query.CopyRow(0, Wide);
        Narrow = query.IsNarrow ? query.Narrow.ToArray() : null;
        SquaredNorm = query.SquaredNorms[0];
    }

    /// <summary>The raw values in 16 bits, or null where they do not fit.</summary>
    public short[]? Narrow { get; }

    public int[] Wide { get; }

    public long SquaredNorm { get; }
}
