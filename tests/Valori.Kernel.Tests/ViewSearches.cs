namespace Valori.Kernel.Tests;

/// <summary>Searches by vector, k and tag, as most tests ask for them.</summary>
internal static class ViewSearches
{
    public static Outcome<SearchHit[]> Search(this View view, VectorBlock vector, int k, ulong? tag) => view.Search(Query(vector, k, tag));

    public static Outcome<SearchHit[][]> SearchBatch(this View view, VectorBlock vectors, int k, ulong? tag) => view.SearchBatch(Query(vectors, k, tag));

    public static Outcome<ExpandedHit[]> SearchExpand(this View view, VectorBlock vector, int k, ulong? tag, int depth) =>
        view.SearchExpand(Query(vector, k, tag), depth);

    public static SearchQuery Query(VectorBlock vectors, int k, ulong? tag) => new(vectors, k) { Filter = Filter.TagOrAll(tag) };
}
