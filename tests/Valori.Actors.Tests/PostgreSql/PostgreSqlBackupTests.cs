using Akka.Configuration;
using Valori.Actors.Audit;
using Valori.Actors.PostgreSql;
using Valori.Actors.Settings;

namespace Valori.Actors.Tests.PostgreSql;

/// <summary>
/// What docs/service.md calls a backup, for each of journal-retention and snapshot store, made and restored with PostgreSQL's own
/// programs; and what is not a backup, which is refused or served as what the database holds, never as anything else.
/// </summary>
[Trait("Category", "Slow")]
public sealed class PostgreSqlBackupTests : IDisposable
{
    private const string AllAndFiles = "", DroppedAndFiles = "valori.journal-retention = snapshots\n";
    private const string InTable = "valori.snapshot-store-plugin-id = \"valori.sql-snapshot-store\"\n";

    private readonly TemporaryDirectory _directory = new();
    private readonly List<PostgreSqlDatabase> _databases = [];

    private string Data => _directory.File("data");

    private string Restored => _directory.File("restored");

    public void Dispose()
    {
        foreach (PostgreSqlDatabase database in _databases) database.Dispose();
        _directory.Dispose();
    }

    /// <summary>A dump taken beside a service that writes, without any file.</summary>
    [SkippableTheory]
    [InlineData(AllAndFiles)]
    [InlineData(InTable)]
    [InlineData(DroppedAndFiles + InTable)]
    public async Task A_dump_alone_is_a_backup_unless_events_were_dropped_and_snapshots_are_files(string settings)
    {
        PostgreSqlDatabase database = NewDatabase(), target = NewDatabase();
        Dictionary<long, HistoryPlace> acknowledged = [];
        long atTheDump;
        await using (ValoriEngine engine = await OpenAsync(database, Data, settings))
        {
            await WriteAsync(engine, rounds: 3);
            HistoryPlace place = (await engine.StatusAsync()).Place;
            acknowledged[atTheDump = place.SequenceNr] = place;
            using CancellationTokenSource enough = new();
            Task writing = Task.Run(async () =>
            {
                for (int i = 0; !enough.IsCancellationRequested; i++)
                {
                    HistoryPlace inserted = (await engine.InsertAsync(new float[] { 50, i % 100 })).Receipt.Place;
                    acknowledged[inserted.SequenceNr] = inserted;
                    if (i % 20 == 0) await engine.SaveAsync();
                }
            });
            using (PostgreSqlDump dump = PostgreSqlDump.Of(database)) dump.RestoreInto(target);
            await enough.CancelAsync();
            await writing;
        }
        AssertGood(target, settings, Restored, expected: null);
        HistoryPlace dumped;
        await using (ValoriEngine restored = await OpenAsync(target, Restored, settings))
        {
            dumped = (await restored.StatusAsync()).Place;
            await restored.InsertAsync(new float[] { 1, 1 });
        }
        Assert.True(dumped.SequenceNr >= atTheDump);
        Assert.Equal(acknowledged[dumped.SequenceNr], dumped);
        AssertGood(target, settings, Restored, dumped);
    }

    /// <summary>Files first, then the dump: one snapshot may come in between.</summary>
    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Where_events_were_dropped_and_snapshots_are_files_the_files_are_copied_before_the_dump(int savesBetween)
    {
        PostgreSqlDatabase database = NewDatabase(), target = NewDatabase();
        HistoryPlace acknowledged;
        await using (ValoriEngine engine = await OpenAsync(database, Data, DroppedAndFiles))
        {
            await WriteAsync(engine, rounds: 3);
            CopySnapshots(Data, Restored);
            await WriteAsync(engine, savesBetween);
            await engine.InsertAsync(new float[] { 9, 9 });
            acknowledged = (await engine.StatusAsync()).Place;
            using PostgreSqlDump dump = PostgreSqlDump.Of(database);
            dump.RestoreInto(target);
        }
        AssertGood(target, DroppedAndFiles, Restored, acknowledged);
        await using ValoriEngine restored = await OpenAsync(target, Restored, DroppedAndFiles);
        Assert.Equal(acknowledged, (await restored.StatusAsync()).Place);
        await restored.InsertAsync(new float[] { 1, 1 });
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_events_were_dropped_and_no_snapshot_file_covers_them_the_start_and_the_audit_say_so(bool withTooOldFiles)
    {
        PostgreSqlDatabase database = NewDatabase(), target = NewDatabase();
        await using (ValoriEngine engine = await OpenAsync(database, Data, DroppedAndFiles))
        {
            await WriteAsync(engine, rounds: 3);
            if (withTooOldFiles) CopySnapshots(Data, Restored);
            await WriteAsync(engine, rounds: 3);
            using PostgreSqlDump dump = PostgreSqlDump.Of(database);
            dump.RestoreInto(target);
        }
        using (DirectoryAudit audit = Audit(target, DroppedAndFiles, Restored))
            Assert.Contains(audit.Audit("default").BadPlaces, bad => bad.Expected.Contains("because the events before were dropped", StringComparison.Ordinal));
        EngineException refused = await Assert.ThrowsAsync<EngineException>(() => OpenAsync(target, Restored, DroppedAndFiles));
        Assert.Equal(EngineFailureKind.Stopped, refused.Kind);
    }

    /// <summary>The directory went on after the dump: its snapshots, or its end mark alone, are of events that the database has not.</summary>
    [SkippableTheory]
    [InlineData(AllAndFiles)]
    [InlineData(DroppedAndFiles)]
    [InlineData(InTable)]
    [InlineData(DroppedAndFiles + InTable)]
    public async Task A_dump_beside_a_newer_directory_is_never_served_as_the_newer_state(string settings)
    {
        PostgreSqlDatabase database = NewDatabase(), target = NewDatabase();
        HistoryPlace dumped, newer;
        await using (ValoriEngine engine = await OpenAsync(database, Data, settings))
        {
            await WriteAsync(engine, rounds: 3);
            dumped = (await engine.StatusAsync()).Place;
            using (PostgreSqlDump dump = PostgreSqlDump.Of(database)) dump.RestoreInto(target);
            await WriteAsync(engine, rounds: 1);
            newer = (await engine.StatusAsync()).Place;
        }
        using (DirectoryAudit audit = Audit(target, settings, Data))
        {
            string expected = settings.Contains(InTable, StringComparison.Ordinal) ? "which the end mark says were durable" : "where the journal ends";
            Assert.Contains(audit.Audit("default").BadPlaces, bad => bad.Expected.Contains(expected, StringComparison.Ordinal));
        }
        Assert.NotEqual(newer, dumped);
        await AssertServedOrRefusedAsync(target, settings, Data, dumped);
    }

    /// <summary>Two histories with the same beginning: snapshots of the one beside the database of the other.</summary>
    [SkippableFact]
    public async Task Snapshot_files_of_another_branch_of_history_are_never_served()
    {
        PostgreSqlDatabase database = NewDatabase(), branch = NewDatabase();
        HistoryPlace place;
        await using (ValoriEngine engine = await OpenAsync(database, Data, AllAndFiles))
        {
            await engine.InsertAsync(new float[] { 1, 2 });
            using (PostgreSqlDump dump = PostgreSqlDump.Of(database)) dump.RestoreInto(branch);
            await engine.WithRequestId("only-here").InsertAsync(new float[] { 3, 4 });
            await engine.SaveAsync();
        }
        await using (ValoriEngine engine = await OpenAsync(branch, Restored, AllAndFiles))
        {
            for (int i = 0; i < 10; i++) await engine.InsertAsync(new float[] { -i, -i });
            place = (await engine.StatusAsync()).Place;
        }
        await AssertServedOrRefusedAsync(branch, AllAndFiles, Data, place);
        using DirectoryAudit audit = Audit(branch, AllAndFiles, Data);
        Assert.NotEmpty(audit.Audit("default").BadPlaces);
    }

    private PostgreSqlDatabase NewDatabase()
    {
        PostgreSqlDatabase database = new();
        _databases.Add(database);
        return database;
    }

    private static async Task WriteAsync(ValoriEngine engine, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < 5; i++) await engine.InsertAsync(new float[] { round, i });
            await engine.SaveAsync();
        }
    }

    private static Task<ValoriEngine> OpenAsync(PostgreSqlDatabase database, string directory, string settings) =>
        ValoriEngine.OpenAsync(directory, new ValoriOptions { Dimension = 2, Configuration = database.Configuration(settings) });

    private static void CopySnapshots(string from, string to)
    {
        string target = Path.Combine(to, "snapshots");
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(Path.Combine(from, "snapshots"))) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
    }

    /// <summary>A start on what the database holds serves exactly that, or is refused; and what it serves can be continued and proven.</summary>
    private static async Task AssertServedOrRefusedAsync(PostgreSqlDatabase database, string settings, string directory, HistoryPlace inDatabase)
    {
        ValoriEngine engine;
        try
        {
            engine = await OpenAsync(database, directory, settings);
        }
        catch (EngineException e)
        {
            Assert.Equal(EngineFailureKind.Stopped, e.Kind);
            return;
        }
        await using (engine)
        {
            Assert.Equal(inDatabase, (await engine.StatusAsync()).Place);
            Assert.Equal(inDatabase.SequenceNr + 1, (await engine.InsertAsync(new float[] { 7, 7 })).Receipt.SequenceNr);
        }
        Digest none = Digest.Zero;
        await using ValoriEngine again = await OpenAsync(database, directory, settings);
        Assert.NotEqual(none, await again.GetStateHashAsync());
        Assert.Equal(inDatabase.SequenceNr + 1, (await again.StatusAsync()).SequenceNr);
    }

    private static void AssertGood(PostgreSqlDatabase database, string settings, string directory, HistoryPlace? expected)
    {
        using DirectoryAudit audit = Audit(database, settings, directory);
        AuditedCollection audited = audit.Audit("default", expected);
        Assert.True(audited.IsGood && audit.Strangers.Count == 0, string.Join('\n', audited.BadPlaces));
    }

    private static DirectoryAudit Audit(PostgreSqlDatabase database, string settings, string directory)
    {
        Config config = database.Configuration(settings);
        PostgreSqlTarget target = PostgreSqlTarget.Of(config.WithFallback(ReferenceConfig.FallbackFor(config)))!;
        return DirectoryAudit.Open(target, directory, hasSnapshotFiles: !settings.Contains(InTable, StringComparison.Ordinal));
    }
}
