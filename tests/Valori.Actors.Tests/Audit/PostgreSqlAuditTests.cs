using Akka.Configuration;
using Valori.Actors.Audit;
using Valori.Actors.PostgreSql;
using Valori.Actors.Settings;

namespace Valori.Actors.Tests.Audit;

/// <summary>The audit of a journal in PostgreSQL, with snapshots as files and in the table: what it proves, finds and leaves alone.</summary>
[Trait("Category", "Slow")]
public sealed class PostgreSqlAuditTests : IDisposable
{
    private const string InTable = "valori.snapshot-store-plugin-id = \"valori.sql-snapshot-store\"\n", AsFiles = "";

    private readonly TemporaryDirectory _directory = new();
    private PostgreSqlDatabase? _database;

    private PostgreSqlDatabase Database => _database ??= new PostgreSqlDatabase();

    private string Data => _directory.File("data");

    public void Dispose()
    {
        _database?.Dispose();
        _directory.Dispose();
    }

    [SkippableTheory]
    [InlineData(InTable)]
    [InlineData(AsFiles)]
    public async Task All_collections_are_proven_beside_an_engine_that_writes(string snapshots)
    {
        HistoryPlace notes = await WriteAsync(snapshots, "notes");
        await using ValoriEngine engine = await OpenAsync(snapshots);
        using CancellationTokenSource enough = new();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; !enough.IsCancellationRequested; i++)
            {
                await engine.InsertAsync(new float[] { i % 100, 1 });
                if (i % 20 == 0) await engine.SaveAsync();
            }
        });
        for (int i = 0; i < 5; i++)
        {
            HistoryPlace expected = (await engine.StatusAsync()).Place;
            using DirectoryAudit audit = Audit(snapshots);
            Assert.Equal(["default", "notes"], audit.Collections);
            Assert.Empty(audit.Strangers);
            AuditedCollection other = audit.Audit("notes", notes), audited = audit.Audit("default", expected);
            Assert.True(other.IsGood && audited.IsGood, string.Join('\n', other.BadPlaces.Concat(audited.BadPlaces)));
            Assert.Equal((notes, 1), (other.Place, other.Snapshots));
            Assert.True(audited.Place!.SequenceNr >= expected.SequenceNr);
        }
        await enough.CancelAsync();
        await writing;
    }

    [SkippableTheory]
    [InlineData("message = '\\x00'", 4, "an event that can follow the one before it")]
    [InlineData("message = substring(message FROM 1 FOR length(message) - 1)", 4, "an event that can follow the one before it")]
    [InlineData("manifest = 'System.IO.FileInfo, System.Private.CoreLib'", 4, "J in the column manifest")]
    [InlineData("manifest = NULL", 4, "text in the column manifest")]
    [InlineData("identifier = 1", 4, "86825 in the column identifier")]
    [InlineData("identifier = NULL", 4, "a whole number in the column identifier")]
    [InlineData("deleted = true", 4, "a row that is not marked deleted")]
    [InlineData("sequence_number = 1000", 5, "sequence number 4")]
    [InlineData("persistence_id = 'valori-other'", 5, "sequence number 4")]
    public async Task A_changed_row_is_found(string assignment, long sequenceNr, string expected)
    {
        await WriteAsync(InTable);
        Database.Run("ALTER TABLE journal ALTER COLUMN manifest DROP NOT NULL, ALTER COLUMN identifier DROP NOT NULL");
        Database.Execute($"UPDATE journal SET {assignment} WHERE sequence_number = 4");
        using DirectoryAudit audit = Audit(InTable);
        BadPlace bad = audit.Audit("default").BadPlaces[0];
        Assert.Equal((Target(InTable).Name, sequenceNr), (bad.File, bad.SequenceNr));
        Assert.StartsWith(expected, bad.Expected);
    }

    [SkippableTheory]
    [InlineData("serializer_id = 1", "86825 in the column serializer_id")]
    [InlineData("serializer_id = NULL", "86825 in the column serializer_id")]
    [InlineData("manifest = 'System.IO.FileInfo, System.Private.CoreLib'", "S in the column manifest")]
    [InlineData("snapshot = set_byte(snapshot, length(snapshot) - 1, 255 - get_byte(snapshot, length(snapshot) - 1))", "body digest")]
    public async Task A_changed_snapshot_is_found_and_only_Valori_s_own_form_is_read(string assignment, string expected)
    {
        HistoryPlace written = await WriteAsync(InTable);
        Database.Run("ALTER TABLE snapshot ALTER COLUMN serializer_id DROP NOT NULL");
        Database.Execute($"UPDATE snapshot SET {assignment}");
        using DirectoryAudit audit = Audit(InTable);
        AuditedCollection audited = audit.Audit("default");
        BadPlace bad = Assert.Single(audited.BadPlaces);
        Assert.StartsWith(expected, bad.Expected);
        Assert.StartsWith("snapshot of valori-default at 7 in \"public\".\"snapshot\"", bad.File);
        Assert.Equal(written, audited.Place);
    }

    [SkippableFact]
    public async Task Events_that_are_missing_and_snapshots_of_no_journal_are_found()
    {
        HistoryPlace written = await WriteAsync(InTable);
        Database.Execute("DELETE FROM journal WHERE sequence_number = (SELECT max(sequence_number) FROM journal)");
        using (DirectoryAudit audit = Audit(InTable)) Assert.Contains("it was truncated", Assert.Single(audit.Audit("default", written).BadPlaces).Found);
        Database.Execute("DELETE FROM journal WHERE sequence_number > 3");
        using (DirectoryAudit audit = Audit(InTable)) Assert.Contains("the journal lost its end", Assert.Single(audit.Audit("default").BadPlaces).Found);
        Database.Execute("DELETE FROM journal");
        Database.Execute("INSERT INTO snapshot SELECT 'somebody-else', sequence_number, created, snapshot, manifest, serializer_id FROM snapshot");
        using (DirectoryAudit audit = Audit(InTable))
        {
            Assert.Empty(audit.Collections);
            Assert.StartsWith("snapshot of valori-default at 7", Assert.Single(audit.Strangers).File);
        }
    }

    [SkippableTheory]
    [InlineData(InTable)]
    [InlineData(AsFiles)]
    public async Task Where_events_were_dropped_it_starts_from_the_snapshot_that_covers_them(string snapshots)
    {
        await using (ValoriEngine engine = await OpenAsync("valori.journal-retention = snapshots\n" + snapshots))
        {
            for (int round = 0; round < 3; round++)
            {
                for (int i = 0; i < 5; i++) await engine.InsertAsync(new float[] { round, i });
                await engine.SaveAsync();
            }
        }
        using DirectoryAudit audit = Audit(snapshots);
        AuditedCollection audited = audit.Audit("default");
        Assert.Empty(audited.BadPlaces);
        Assert.Contains("were dropped on purpose", Assert.Single(audited.Notes));
        Assert.Equal(2, audited.Snapshots);
    }

    [SkippableFact]
    public void A_database_without_a_journal_and_one_that_is_not_there_are_named()
    {
        Assert.Contains("holds no Valori data (no table public.journal)", Assert.Throws<JournalException>(() => Audit(InTable)).Message);
        PostgreSqlTarget gone = Target(InTable) with { ConnectionString = Database.ConnectionString + ";Database=no_such_database" };
        Assert.Contains("cannot be read: ", Assert.Throws<JournalException>(() => DirectoryAudit.Open(gone, null, hasSnapshotFiles: false)).Message);
    }

    private async Task<HistoryPlace> WriteAsync(string snapshots, string name = "default")
    {
        await using ValoriEngine engine = await OpenAsync(snapshots, name);
        for (int i = 0; i < 5; i++) await engine.InsertAsync(new float[] { i, -i });
        await engine.SetMetadataAsync(new RecordId(1), new byte[2000]);
        await engine.SaveAsync();
        await engine.SoftDeleteAsync(new RecordId(0));
        return (await engine.StatusAsync()).Place;
    }

    private Task<ValoriEngine> OpenAsync(string more, string name = ValoriOptions.DefaultName) =>
        ValoriEngine.OpenAsync(Data, new ValoriOptions { Name = name, Dimension = 2, Configuration = Database.Configuration(more) });

    private PostgreSqlTarget Target(string snapshots)
    {
        Config config = Database.Configuration(snapshots);
        return PostgreSqlTarget.Of(config.WithFallback(ReferenceConfig.FallbackFor(config)))!;
    }

    private DirectoryAudit Audit(string snapshots) => DirectoryAudit.Open(Target(snapshots), snapshots == AsFiles ? Data : null, hasSnapshotFiles: true);
}
