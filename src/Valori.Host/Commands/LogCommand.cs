using System.CommandLine;
using Valori.Actors.Audit;
using Valori.Actors.Journal;
using Valori.Actors.PostgreSql;
using Valori.Actors.Rows;
using Valori.Actors.Settings;
using Valori.Host.Json;
using Valori.Host.Operations;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori log</c>: what happened in a collection, an event a line.</summary>
internal static class LogCommand
{
    private const int DefaultCount = 100;

    public static Command Create()
    {
        Option<DirectoryInfo?> data = AuditedStore.Data("No content is changed. Only one process at a time can use it.");
        Option<FileInfo?> config = AuditedStore.Config();
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
            Description = "The maximum number of events to show.",
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
        Option<bool> asJson = CommandLine.Json("Print one JSON object per line.");
        Command command = new("log", "Show what happened in a collection, one event per line.")
        {
            data, config, collection, from, count, last, asJson,
        };
        AuditedStore.Require(command, data, config);
        command.Validators.Add(result =>
        {
            if (result.GetResult(last) is not null && (result.GetResult(from) is { Implicit: false } || result.GetResult(count) is { Implicit: false }))
                result.AddError("--last replaces --from and --count: use one or the others");
        });
        command.OnRun(async (parsed, cancellationToken) =>
        {
            AuditedStore store = AuditedStore.Of(parsed.GetValue(data), parsed.GetValue(config));
            string name = parsed.GetRequiredValue(collection);
            if (store.Database is { } database)
            {
                Print(database, name, parsed.GetValue(from), parsed.GetValue(count), parsed.GetValue(last), parsed.GetValue(asJson), cancellationToken);
                return ExitCode.Done;
            }
            await using CollectionReader engine = await CollectionReader.OpenAsync(store, name, cancellationToken);
            long first = parsed.GetValue(from), events = parsed.GetValue(count);
            if (parsed.GetValue(last) is { } newest)
            {
                first = Math.Max(1, (await engine.StatusAsync(cancellationToken)).SequenceNr - newest + 1);
                events = newest;
            }
            await PrintAsync(engine, first, events, parsed.GetValue(asJson), cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task PrintAsync(CollectionReader engine, long from, long count, bool asJson, CancellationToken cancellationToken)
    {
        long end = from + count;
        while (from < end)
        {
            Timeline page = await engine.TimelineAsync(from, (int)Math.Min(end - from, Timeline.MaximumEntries), cancellationToken);
            foreach (TimelineEntry entry in page.Entries) Print(entry, Math.Min(end - 1, page.LastSequenceNr), asJson);
            from += page.Entries.Count;
            if (page.Entries.Count == 0 || from > page.LastSequenceNr) break;
        }
    }

    /// <summary>From the rows themselves: nothing is locked, and no engine is started.</summary>
    private static void Print(PostgreSqlTarget database, string collection, long from, long count, int? newest, bool asJson, CancellationToken cancellationToken)
    {
        using PostgreSqlJournal journal = PostgreSqlJournal.Open(database);
        string persistenceId = ValoriSettings.PersistenceIdOf(collection);
        long last = journal.LastSequenceNr(persistenceId);
        if (last == 0 || IsBeingDropped(journal, persistenceId)) throw new DataDirectoryException($"{database.Name} has no collection '{collection}'");
        if (newest is { } events) (from, count) = (Math.Max(1, last - events + 1), events);
        long to = Math.Min(last, from + count - 1);
        try
        {
            // The row before the first one binds it.
            foreach (TimelineEntry entry in JournalTimeline.Read(journal.Path, journal.Rows(persistenceId, Math.Max(1, from - 1), to), from))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Print(entry, to, asJson);
            }
        }
        catch (EventsDroppedException e)
        {
            throw new RequestException(e.Message);
        }
    }

    private static bool IsBeingDropped(PostgreSqlJournal journal, string persistenceId) =>
        journal.Intents().Any(row => DropIntent.TryRead(row, out string? dropped) && dropped == persistenceId);

    private static void Print(TimelineEntry entry, long last, bool asJson) => Console.Out.WriteLine(asJson
        ? AnswerJson.Line(TimelineEventAnswer.Of(entry))
        : LogLine.Of(entry, last));
}
