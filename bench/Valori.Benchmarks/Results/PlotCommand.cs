using System.CommandLine;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Results;

/// <summary><c>plot FILE OUT</c>: latency of a search against rows, ours and the peers', as an SVG picture.</summary>
internal static class PlotCommand
{
    private const string Figure = "a query";

    public static Command Create()
    {
        Argument<FileInfo> file = new("file") { Description = "The result file (JSON lines)." };
        Argument<FileInfo> picture = new("out") { Description = "The .svg file to write." };
        Option<string> scenario = new("--scenario") { Description = "scan or wide.", DefaultValueFactory = _ => "scan" };
        Option<int> threads = new("--threads") { Description = "Of the searches.", DefaultValueFactory = _ => 1 };
        Command command = new("plot", "Draws latency against rows.") { file, picture, scenario, threads };
        command.SetAction(parsed =>
        {
            ResultFile results = ResultFile.Read(parsed.GetRequiredValue(file).FullName);
            List<Work> works = [.. results.Works.Where(work =>
                work.Scenario == parsed.GetRequiredValue(scenario) && work.Threads == parsed.GetValue(threads))];
            if (works.Select(work => (work.Dimension, work.K)).Distinct().Count() != 1)
            {
                Console.Error.WriteLine("the file must hold runs of one dimension and one k to be drawn");
                return 1;
            }
            File.WriteAllText(parsed.GetRequiredValue(picture).FullName, Picture(results, works).ToString());
            return 0;
        });
        return command;
    }

    private static LogLogPlot Picture(ResultFile results, List<Work> works)
    {
        LogLogPlot plot = new(
            FormattableString.Invariant(
                $"Exact search, {works[0].Dimension} components, k {works[0].K}, {works[0].Threads} {(works[0].Threads == 1 ? "thread" : "threads")}"),
            "rows", "time of a query in ms (median)");
        foreach (string who in works.SelectMany(results.DoersOf).Distinct())
        {
            IEnumerable<(double, double)> points =
                from work in works
                from figure in results.FiguresOf(who, work)
                where figure.Name == Figure
                orderby work.Rows
                select ((double)work.Rows, figure.Median);
            plot.AddLine(who == Report.Us ? "Valori" : who, points);
        }
        return plot;
    }
}
