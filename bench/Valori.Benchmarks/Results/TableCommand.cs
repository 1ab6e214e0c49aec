using System.CommandLine;
using System.Globalization;
using System.Text;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Results;

/// <summary><c>table FILE</c>: a result file as Markdown, for docs/benchmarks.md.</summary>
internal static class TableCommand
{
    public static Command Create()
    {
        Argument<FileInfo> file = new("file") { Description = "The result file (JSON lines)." };
        Command command = new("table", "Prints a result file as Markdown.") { file };
        command.SetAction(parsed => Console.WriteLine(Render(ResultFile.Read(parsed.GetRequiredValue(file).FullName))));
        return command;
    }

    private static string Render(ResultFile results)
    {
        StringBuilder text = new();
        List<Report> ours = [.. results.Reports.Where(report => report.Who == Report.Us)];
        foreach (Machine? machine in ours.Select(report => report.Machine).Distinct()) AppendLine(text, $"- Machine: {machine}");
        foreach (Commit? commit in ours.Select(report => report.Commit).Distinct()) AppendLine(text, $"- Commit: {commit}");
        if (ours.Count > 0) AppendLine(text, $"- Date: {ours.Min(report => report.Time):yyyy-MM-dd}");
        AppendPeers(text, results);
        AppendFigures(text, results);
        AppendNotes(text, results);
        return text.ToString();
    }

    private static void AppendPeers(StringBuilder text, ResultFile results)
    {
        List<string> lines = [];
        foreach (Work work in results.Works)
        {
            foreach (Figure our in results.FiguresOf(Report.Us, work))
            {
                foreach (string peer in results.DoersOf(work).Where(who => who != Report.Us))
                {
                    Figure? theirs = results.FiguresOf(peer, work).FirstOrDefault(figure => (figure.Name, figure.Unit) == (our.Name, our.Unit));
                    if (theirs is null) continue;
                    double ratio = theirs.Median / our.Median;
                    lines.Add($"| {Describe(work)}: {our.Name} | {Shown(our)} | {peer} | {Shown(theirs)} | {ratio.ToString("F2", CultureInfo.InvariantCulture)} |");
                }
            }
        }
        if (lines.Count == 0) return;
        text.AppendLine().AppendLine("| work | ours | peer | peer's | ratio (peer / ours) |").AppendLine("| --- | ---: | --- | ---: | ---: |");
        foreach (string line in lines) text.AppendLine(line);
    }

    private static void AppendFigures(StringBuilder text, ResultFile results)
    {
        text.AppendLine().AppendLine("| work | who | figure | median | min | max | unit |").AppendLine("| --- | --- | --- | ---: | ---: | ---: | --- |");
        foreach (Work work in results.Works)
        {
            foreach (string who in results.DoersOf(work))
            {
                foreach (Figure figure in results.FiguresOf(who, work))
                {
                    AppendLine(text, $"| {Describe(work)} | {who} | {figure.Name} | {Report.Digits(figure.Median)} | {Report.Digits(figure.Min)} | {Report.Digits(figure.Max)} | {figure.Unit} |");
                }
            }
        }
    }

    private static void AppendNotes(StringBuilder text, ResultFile results)
    {
        text.AppendLine();
        foreach (string note in results.Reports.SelectMany(report => report.Notes.Select(note => $"- {report.Who}, {report.Scenario}: {note}")).Distinct())
            text.AppendLine(note);
    }

    private static string Describe(Work work)
    {
        string threads = work.Threads == 1 ? "1 thread" : FormattableString.Invariant($"{work.Threads} threads");
        return work.Rows == 0 ? $"{work.Scenario}, {threads}" : FormattableString.Invariant($"{work.Scenario}, {work.Rows:N0} x {work.Dimension}, {threads}");
    }

    private static string Shown(Figure figure) => $"{Report.Digits(figure.Median)} {figure.Unit}";

    private static void AppendLine(StringBuilder text, FormattableString line) => text.AppendLine(FormattableString.Invariant(line));
}
