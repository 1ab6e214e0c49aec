using System.Diagnostics;

namespace Valori.Host.Operations;

/// <summary>
/// Compares approximate searches of one state with exact ones. A hit counts as found if its score is no worse than that of the last exact hit: of
/// records that are equally near, any will do.
/// </summary>
internal sealed class RecallMeasure
{
    // Records that are looked up for a query: three live ones are taken.
    private const int Candidates = 24;

    // Of the difference of two records, which is added to a third one: the query has the spread of the data, and is no record.
    private const float Difference = 0.3f;

    private readonly ValoriEngine _engine;
    private readonly AsOf _state;
    private readonly int _k;
    private readonly List<(float[] Vector, IReadOnlyList<SearchHit> Nearest)> _queries = [];
    private TimeSpan _exactTime;

    private RecallMeasure(ValoriEngine engine, AsOf state, int k) => (_engine, _state, _k) = (engine, state, k);

    /// <summary>Queries that exact searches have answered.</summary>
    public int Queries => _queries.Count;

    public double ExactPerSecond => PerSecond(_exactTime);

    /// <summary>Searches exactly in the latest state.</summary>
    /// <param name="queries">Vectors; null for some that are made of stored records, the same ones for the same state.</param>
    /// <param name="count">How many queries at most.</param>
    public static async Task<RecallMeasure> BeginAsync(ValoriEngine engine, IAsyncEnumerable<float[]>? queries, int count, int k, CancellationToken stop)
    {
        EngineStatus status = await engine.StatusAsync(cancellationToken: stop);
        RecallMeasure measure = new(engine, AsOf.SequenceNr(status.SequenceNr), k);
        await foreach (float[] vector in (queries ?? measure.StoredAsync(status.RecordSlots, count)).WithCancellation(stop))
        {
            long began = Stopwatch.GetTimestamp();
            IReadOnlyList<SearchHit> nearest = await engine.SearchAsync(engine.QueryOf(vector, k), measure._state, stop);
            measure._exactTime += Stopwatch.GetElapsedTime(began);
            measure._queries.Add((vector, nearest));
            if (measure.Queries == count) break;
        }
        return measure;
    }

    /// <summary>Searches with a beam.</summary>
    public async Task<RecallResult> RunAsync(int beam, CancellationToken stop)
    {
        long found = 0, wanted = 0;
        TimeSpan time = TimeSpan.Zero;
        SearchAnswered? answered = null;
        foreach ((float[] vector, IReadOnlyList<SearchHit> nearest) in _queries)
        {
            long began = Stopwatch.GetTimestamp();
            SearchHits hits = await _engine.SearchHitsAsync(_engine.QueryOf(vector, _k) with { Mode = SearchMode.Approximate(beam) }, _state, stop);
            time += Stopwatch.GetElapsedTime(began);
            // The first exact one says more than that the others are of the graph.
            if (answered?.ExactBecause is null) answered = hits.Answered;
            wanted += nearest.Count;
            if (nearest.Count > 0) found += hits.Hits.Count(hit => IsAsNear(hit, nearest[^1]));
        }
        return new RecallResult(beam, found, wanted, PerSecond(time), answered);
    }

    private static bool IsAsNear(SearchHit hit, SearchHit last) => last.Unit.LargestFirst ? hit.Score >= last.Score : hit.Score <= last.Score;

    private double PerSecond(TimeSpan time) => time > TimeSpan.Zero ? Queries / time.TotalSeconds : 0;

    private async IAsyncEnumerable<float[]> StoredAsync(ulong slots, int count)
    {
        if (slots == 0) yield break;
        for (int query = 0; query < count; query++)
        {
            RecordRef[] ids = [.. Enumerable.Range(query * Candidates, Candidates).Select(i => (RecordRef)new RecordId(Mixed((ulong)i) % slots))];
            IReadOnlyList<RecordContent?> records = await _engine.GetManyAsync(ids, RecordParts.Vector, _state);
            float[][] live = [.. records.OfType<RecordContent>().Take(3).Select(record => record.Vector.ToArray().Select(_engine.Schema.ToSingle).ToArray())];
            if (live.Length == 0) continue;
            float[] vector = [.. live[0].Select((component, i) => component + Difference * (live[1 % live.Length][i] - live[^1][i]))];
            yield return vector.All(component => component == 0) ? live[0] : vector;
        }
    }

    /// <summary>The output of splitmix64 for a state.</summary>
    private static ulong Mixed(ulong state)
    {
        ulong z = state + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>What searches with one beam found.</summary>
/// <param name="Found">Hits that are as near as exact ones.</param>
/// <param name="Wanted">Exact hits.</param>
/// <param name="Answered">What answered: an exact search and why, if any of them was exact.</param>
internal sealed record RecallResult(int Beam, long Found, long Wanted, double PerSecond, SearchAnswered? Answered)
{
    // Of a normal distribution: 95% are within so many standard deviations.
    private const double Deviations = 1.959964;

    public double Recall => Wanted == 0 ? 1 : (double)Found / Wanted;

    /// <summary>Wilson's interval: the recall of other queries like these is in it with a confidence of 95%, if hits are found independently of each other.</summary>
    public (double Low, double High) Interval
    {
        get
        {
            if (Wanted == 0) return (0, 1);
            double n = Wanted, z2 = Deviations * Deviations, center = (Recall + z2 / (2 * n)) / (1 + z2 / n);
            double half = Deviations * Math.Sqrt(Recall * (1 - Recall) / n + z2 / (4 * n * n)) / (1 + z2 / n);
            return (Math.Max(0, center - half), Math.Min(1, center + half));
        }
    }
}
