using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Results;

/// <summary>One work in one size: what ours and a peer's figures must share to be compared.</summary>
internal readonly record struct Work(string Scenario, int Rows, int Dimension, int Threads, int K);

/// <summary>
/// A result file: one report a line, from as many runs as there were. Runs of the same work are merged: the median of
/// their medians, the least minimum, the greatest maximum.
/// </summary>
internal sealed class ResultFile
{
    private ResultFile(IReadOnlyList<Report> reports) => Reports = reports;

    /// <summary>Every line, in the file's order.</summary>
    public IReadOnlyList<Report> Reports { get; }

    public static ResultFile Read(string path) =>
        new([.. File.ReadLines(path).Where(line => line.Length > 0).Select(Report.FromJson)]);

    public static Work WorkOf(Report report) => new(report.Scenario, report.Rows, report.Dimension, report.Threads, report.K);

    /// <summary>All works, in the order in which they first occur.</summary>
    public IEnumerable<Work> Works => Reports.Select(WorkOf).Distinct();

    /// <summary>Who did the work, ours first.</summary>
    public IEnumerable<string> DoersOf(Work work) =>
        Reports.Where(report => WorkOf(report) == work).Select(report => report.Who).Distinct().OrderBy(who => who != Report.Us);

    /// <summary>The merged figures of one doer's runs of a work.</summary>
    public IEnumerable<Figure> FiguresOf(string who, Work work) => Reports
        .Where(report => report.Who == who && WorkOf(report) == work)
        .SelectMany(report => report.Figures)
        .GroupBy(figure => (figure.Name, figure.Unit))
        .Select(runs => Figure.Of(runs.Key.Name, runs.Key.Unit, runs.Select(run => run.Median)) with
        {
            Min = runs.Min(run => run.Min),
            Max = runs.Max(run => run.Max),
            Samples = runs.Sum(run => run.Samples),
        });
}
