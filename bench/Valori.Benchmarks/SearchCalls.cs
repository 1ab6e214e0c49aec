using Valori.Kernel;
using Valori.Kernel.Vectors;

namespace Valori.Benchmarks;

/// <summary>
/// Every search call of the benchmarks, in one place. STAND-INS, to be swapped when the kernel has the calls:
/// <see cref="Batch"/> for <c>View.SearchBatch</c>, <see cref="Scan"/> for one search in parts on several threads.
/// </summary>
internal static class SearchCalls
{
    public static SearchHit[] One(View view, VectorBlock query, int k, ulong? filterTag = null) =>
        view.Search(query, k, filterTag).OrThrow();

    /// <summary>How many queries one call of <see cref="Scan"/> takes.</summary>
    // STAND-IN: 1, once one search runs on several threads.
    public static int QueriesPerScan(int threads) => threads;

    /// <summary>Answers <see cref="QueriesPerScan"/> queries on as many threads as are given.</summary>
    // STAND-IN: each thread searches a query of its own, so this measures throughput, not the latency of one query.
    public static SearchHit[][] Scan(View view, ReadOnlyMemory<VectorBlock> queries, int k, int threads)
    {
        SearchHit[][] answers = new SearchHit[queries.Length][];
        OnThreads(threads, answers.Length, i => answers[i] = One(view, queries.Span[i], k));
        return answers;
    }

    /// <summary>Answers all queries of the block together, on as many threads as are given.</summary>
    // STAND-IN: one query after another on each thread.
    public static SearchHit[][] Batch(View view, VectorBlock queries, int k, int threads)
    {
        SearchHit[][] answers = new SearchHit[queries.Count][];
        int rowBytes = queries.Raw.Length / queries.Count;
        OnThreads(threads, answers.Length, i => answers[i] =
            One(view, VectorBlock.FromRaw(queries.Dimension, queries.IsNarrow, queries.Raw.Slice(i * rowBytes, rowBytes)), k));
        return answers;
    }

    private static void OnThreads(int threads, int count, Action<int> work)
    {
        if (threads == 1)
        {
            for (int i = 0; i < count; i++) work(i);
            return;
        }
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
    }
}
