using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Valori.Actors.PostgreSql;
using Valori.Actors.Text;
using Valori.Host.Json;
using Valori.Host.Operations;
using Valori.Kernel.Vectors;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori info</c>: what a collection holds, where it is in its history, and what its files take.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo?> data = AuditedStore.Data("No content is changed. Only one process at a time can use it.");
        Option<FileInfo?> config = AuditedStore.Config();
        Option<string> collection = CommandLine.Collection();
        Option<bool> asJson = new("--json") { Description = "Print one JSON object." };
        Command command = new("info", "Show schema, counts, state hash, history chain and file sizes of a collection.")
        {
            data, config, collection, asJson,
        };
        AuditedStore.Require(command, data, config);
        command.OnRun(async (parsed, cancellationToken) =>
        {
            AuditedStore store = AuditedStore.Of(parsed.GetValue(data), parsed.GetValue(config));
            await using CollectionReader reader = await CollectionReader.OpenAsync(store, parsed.GetRequiredValue(collection), cancellationToken);
            EngineStatus status = await reader.StatusAsync(cancellationToken);
            FileSizes files = FileSizes.Of(store);
            Console.Out.WriteLine(parsed.GetValue(asJson) ? AnswerJson.Line(new InfoAnswer(StatusAnswer.Of(status), files)) : ToText(status, files));
            return ExitCode.Done;
        });
        return command;
    }

    private static string ToText(EngineStatus status, FileSizes files) => string.Create(CultureInfo.InvariantCulture, $"""
        collection       {status.Name}
        dimension        {status.Dimension}
        metric           {status.Schema.Metric.Name()}
        scale            {VectorScale.Text(status.Schema.ScaleExponent)}
        records          {Count(status.RecordCount, status.RecordSlots)}
        nodes            {Count(status.NodeCount, status.NodeSlots)}
        edges            {Count(status.EdgeCount, status.EdgeSlots)}
        state hash       {status.StateHash}
        history chain    {status.Chain}
        sequence number  {status.SequenceNr}
        last event       {Iso8601.Format(status.UnixMicroseconds)}
        journal          {Bytes(files.JournalBytes)} (all collections)
        snapshots        {Bytes(files.SnapshotBytes)} in {files.Snapshots.Count} {(files.Snapshots.Count == 1 ? "file" : "files")} (all collections)
        """);

    internal static string Count(ulong live, ulong slots) => slots == live
        ? live.ToString("N0", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{live:N0} ({slots - live:N0} deleted)");

    private static string Bytes(long bytes) => bytes switch
    {
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:F2} GiB"),
    };

    /// <summary>What <c>valori info --json</c> prints: the status of the collection, and what its files take.</summary>
    private sealed record InfoAnswer : StatusAnswer
    {
        public InfoAnswer(StatusAnswer status, FileSizes files)
            : base(status) => (JournalBytes, SnapshotBytes, Snapshots) = (files.JournalBytes, files.SnapshotBytes, files.Snapshots);

        [JsonPropertyOrder(1)]
        public long JournalBytes { get; }

        [JsonPropertyOrder(1)]
        public long SnapshotBytes { get; }

        [JsonPropertyOrder(1)]
        public IReadOnlyList<string> Snapshots { get; }
    }

    /// <summary>What journal and snapshots take, in bytes, and which snapshots there are: files, and rows of a database.</summary>
    private sealed record FileSizes(long JournalBytes, long SnapshotBytes, IReadOnlyList<string> Snapshots)
    {
        public static FileSizes Of(AuditedStore store)
        {
            string snapshotDirectory = Path.Combine(store.SnapshotDirectory ?? "", "snapshots");
            FileInfo[] files = store.SnapshotDirectory is not null && Directory.Exists(snapshotDirectory)
                ? new DirectoryInfo(snapshotDirectory).GetFiles("*.snapshot")
                : [];
            long fileBytes = files.Sum(file => file.Length);
            IEnumerable<string> names = files.Select(file => file.FullName).Order(StringComparer.Ordinal);
            if (store.Database is null) return new FileSizes(new DirectoryInfo(store.Directory!).GetFiles("journal.db*").Sum(file => file.Length), fileBytes, [.. names]);
            using PostgreSqlJournal journal = PostgreSqlJournal.Open(store.Database);
            (long journalBytes, long snapshotBytes) = journal.Sizes();
            return new FileSizes(journalBytes, fileBytes + snapshotBytes, [.. names, .. journal.SnapshotsWithout([]).Select(snapshot => snapshot.Path)]);
        }
    }
}
