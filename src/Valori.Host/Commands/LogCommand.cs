using System.CommandLine;
using System.Text.Json;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Host.Json;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori log</c>: what happened in a collection, an event a line.</summary>
internal static class LogCommand
{
    private const int DefaultCount = 100;

    public static Command Create()
    {
        Option<DirectoryInfo> data = CommandLine.Data();
        Option<string> collection = CommandLine.Collection();
        Option<int> from = new("--from")
        {
            Description = "The first event to show, by sequence number.",
            DefaultValueFactory = _ => 1,
            CustomParser = result => CommandLine.WholeNumber(result, 1, int.MaxValue),
            HelpName = "N",
        };
        Option<int> count = new("--count")
        {
            Description = "How many events to show at most.",
            DefaultValueFactory = _ => DefaultCount,
            CustomParser = result => CommandLine.WholeNumber(result, 1, int.MaxValue),
            HelpName = "N",
        };
        Option<int?> last = new("--last")
        {
            Description = "Show the newest N events. Replaces --from and --count.",
            CustomParser = result => CommandLine.WholeNumber(result, 1, int.MaxValue),
            HelpName = "N",
        };
        Option<bool> asJson = CommandLine.Json("Print one JSON object a line.");
        Command command = new("log", "Show what happened in a collection, one event per line.")
        {
            data, collection, from, count, last, asJson,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(last) is not null && (result.GetResult(from) is { Implicit: false } || result.GetResult(count) is { Implicit: false }))
                result.AddError("--last stands in place of --from and --count: give one or the others");
        });
        command.OnRun(async (parsed, cancellationToken) =>
        {
            await using ValoriEngine engine = await CommandLine.OpenAsync(
                parsed.GetRequiredValue(data), parsed.GetRequiredValue(collection), dimension: null, create: false, cancellationToken);
            long first = parsed.GetValue(from), events = parsed.GetValue(count);
            if (parsed.GetValue(last) is { } newest)
            {
                first = Math.Max(1, (await engine.StatusAsync(cancellationToken: cancellationToken)).SequenceNr - newest + 1);
                events = newest;
            }
            await PrintAsync(engine, first, events, parsed.GetValue(asJson), cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task PrintAsync(ValoriEngine engine, long from, long count, bool asJson, CancellationToken cancellationToken)
    {
        long end = from + count;
        while (from < end)
        {
            Timeline page = await engine.TimelineAsync(from, (int)Math.Min(end - from, Timeline.MaximumEntries), cancellationToken);
            foreach (TimelineEntry entry in page.Entries)
            {
                Console.Out.WriteLine(asJson
                    ? JsonSerializer.Serialize(Answers.TimelineEntry(entry), Answers.Options)
                    : LogLine.Of(entry, Math.Min(end - 1, page.LastSequenceNr)));
            }
            from += page.Entries.Count;
            if (page.Entries.Count == 0 || from > page.LastSequenceNr) break;
        }
    }
}
