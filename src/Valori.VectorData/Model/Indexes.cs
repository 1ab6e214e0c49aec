using Microsoft.Extensions.VectorData;

namespace Valori.VectorData.Model;

/// <summary>Kinds of index as modes of search. Every collection can be searched in each of them, so the kind is not stored.</summary>
internal static class Indexes
{
    /// <summary>The mode of a kind; null if Valori has no such index.</summary>
    public static SearchMode? ModeOf(string? kind) => kind switch
    {
        null or IndexKind.Flat => SearchMode.Exact,
        IndexKind.Hnsw => SearchMode.Approximate(),
        IndexKind.Dynamic => SearchMode.Auto(),
        _ => null,
    };
}
