using Valori.Kernel;
using Valori.Kernel.Proximity;
using Valori.Kernel.Search;

namespace Valori.Benchmarks;

/// <summary>Every search call of the benchmarks, in one place.</summary>
internal static class SearchCalls
{
    /// <summary>One query on the calling thread.</summary>
    public static SearchHit[] One(View view, VectorBlock query, int k, ulong? tag = null) =>
        view.Search(new SearchQuery(query, k) { Filter = Filter.TagOrAll(tag) }).OrThrow();

    /// <summary>One query on the calling thread, through a proximity graph.</summary>
    public static SearchHit[] Near(View view, ProximityIndex index, VectorBlock query, int k, int beam) =>
        view.SearchNear(index, new SearchQuery(query, k), beam).OrThrow().Hits[0];

    /// <summary>The queries of the block together, each search shared by as many threads as are given.</summary>
    public static SearchHit[][] Together(View view, VectorBlock queries, int k, int threads)
    {
        SearchRun run = view.BeginSearch(new SearchQuery(queries, k)).OrThrow();
        if (threads == 1) run.RunShare();
        else Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => run.RunShare());
        return run.Hits();
    }
}
