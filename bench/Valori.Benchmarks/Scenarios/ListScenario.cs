using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;

namespace Valori.Benchmarks.Scenarios;

/// <summary>Lists, counts and values without a vector, each kind in turn. The records are those of <see cref="FieldFilterScenario"/>.</summary>
internal static class ListScenario
{
    private const int Page = 100;

    public static void Run(BenchmarkOptions options, Report report)
    {
        Xoshiro256 random = new(options.Seed);
        View view = FieldFilterScenario.Build(new DataSet(options), options, random).TakeView();
        ListQuery byKey = new(Filter.All, Page) { Order = RecordOrder.ByKey };
        report.Add("first page by key, which sorts all keys", "us", [Microseconds(() => byKey = byKey with { Cursor = view.List(byKey).OrThrow().Cursor })]);
        Filter onePercent = Filter.Eq("user", FieldFilterScenario.OnePercent), newest = Filter.Ge("at", options.Rows / 100 * 99);
        RecordRef[] names = [.. Enumerable.Range(0, Page).Select(_ => (RecordRef)(RecordKey)FieldFilterScenario.KeyOf((int)random.Next(options.Rows)))];
        (string Name, Action Work)[] kinds =
        [
            ("next page of 100 by key", () => byKey = byKey with { Cursor = view.List(byKey).OrThrow().Cursor }),
            ("page of 100 by id, descending", () => view.List(byKey with { Cursor = null, Order = RecordOrder.ById with { IsDescending = true } }).OrThrow()),
            ("get_many of 100 keys", () => view.GetMany(names, RecordParts.AllButVector).OrThrow()),
            ("count of 1%, =", () => view.Count(onePercent)),
            ("list of 1%, =, pages of 1,000", () => ListAll(view, new ListQuery(onePercent, Limits.MaximumListed))),
            ("count of 1%, >= on every row", () => view.Count(newest)),
            ("page of 100 by a field, descending", () => view.List(byKey with { Cursor = null, Order = RecordOrder.By("at") with { IsDescending = true } }).OrThrow()),
            ("distinct values of a field", () => view.Distinct(new DistinctQuery("user", Filter.All, Page)).OrThrow()),
        ];
        double[][] times = [.. kinds.Select(_ => new double[options.Rounds])];
        // Once for what is compiled and cached.
        foreach ((string _, Action work) in kinds) work();
        for (int round = 0; round < options.Rounds; round++)
        {
            for (int kind = 0; kind < kinds.Length; kind++) times[kind][round] = Microseconds(kinds[kind].Work);
        }
        for (int kind = 0; kind < kinds.Length; kind++) report.Add(kinds[kind].Name, "us", times[kind]);
        GC.KeepAlive(view);
    }

    private static void ListAll(View view, ListQuery query)
    {
        do query = query with { Cursor = view.List(query).OrThrow().Cursor };
        while (query.Cursor is not null);
    }

    private static double Microseconds(Action action)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        action();
        return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }
}
