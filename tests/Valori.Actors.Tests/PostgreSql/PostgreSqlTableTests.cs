using Valori.Actors.Audit;
using Valori.Actors.PostgreSql;
using Valori.Actors.Settings;

namespace Valori.Actors.Tests.PostgreSql;

/// <summary>Tables are named in full, and the journal's is what it must be.</summary>
[Trait("Category", "Slow")]
public sealed class PostgreSqlTableTests : IDisposable
{
    private const string SnapshotsInDatabase = "valori.snapshot-store-plugin-id = \"valori.sql-snapshot-store\"\n";

    private readonly TemporaryDirectory _directory = new();
    private PostgreSqlDatabase? _database;

    private PostgreSqlDatabase Database => _database ??= new PostgreSqlDatabase();

    public void Dispose()
    {
        _database?.Dispose();
        _directory.Dispose();
    }

    [SkippableFact]
    public async Task Tables_of_the_same_names_that_come_first_in_the_search_path_are_neither_read_nor_written()
    {
        await using (ValoriEngine engine = await OpenAsync())
        {
            await engine.InsertAsync(new float[] { 1, 2 });
            await engine.SaveAsync();
            CreateTwins("twins");
            Database.Run($"ALTER DATABASE \"{Database.Name}\" SET search_path = twins, public");
            // New connections have the new path, and the plugin's pool is empty now.
            Database.Disconnect();
            await UntilAsync(() => engine.InsertAsync(new float[] { 3, 4 }));
        }
        await using ValoriEngine reopened = await OpenAsync();
        Assert.True(await reopened.RecordCountAsync() >= 2);
        await reopened.InsertAsync(new float[] { 5, 6 });
        await reopened.SaveAsync();
        EngineStatusIs((await reopened.StatusAsync()).SequenceNr, "public");
        Assert.Equal(["default"], await Names());
        Assert.Equal(0L, Database.Scalar("SELECT (SELECT count(*) FROM twins.journal) + (SELECT count(*) FROM twins.snapshot)"));

        async Task<IReadOnlyList<string>> Names()
        {
            using DirectoryAudit audit = DirectoryAudit.Open(Target(), null, hasSnapshotFiles: false);
            return await Task.FromResult(audit.Collections);
        }
    }

    [SkippableFact]
    public async Task A_journal_that_only_the_search_path_finds_is_named_with_the_setting_for_it()
    {
        await using (ValoriEngine engine = await OpenAsync()) await engine.InsertAsync(new float[] { 1, 2 });
        Database.Run("CREATE SCHEMA older");
        foreach (string table in new[] { "journal", "snapshot" }) Database.Run($"ALTER TABLE {table} SET SCHEMA older");
        Database.Run($"ALTER DATABASE \"{Database.Name}\" SET search_path = older, public");
        JournalException refused = await Assert.ThrowsAsync<JournalException>(() => OpenAsync());
        Assert.Contains("has no table public.journal, but it has older.journal", refused.Message);
        Assert.Contains("valori.journal.default.schema-name = \"older\"", refused.Message);
        Assert.Null(Database.Scalar("SELECT to_regclass('public.journal')::text") as string);

        await using ValoriEngine reopened = await OpenAsync("valori.journal.default.schema-name = older");
        Assert.Equal(1UL, await reopened.RecordCountAsync());
        await reopened.SaveAsync();
        Assert.Equal(1L, Database.Scalar("SELECT count(*) FROM older.snapshot"));
    }

    [SkippableFact]
    public async Task A_schema_of_its_own_holds_all_tables_and_one_that_is_not_there_is_named()
    {
        JournalException refused = await Assert.ThrowsAsync<JournalException>(() => OpenAsync("valori.journal.default.schema-name = \"Memory\""));
        Assert.Contains("has no schema \"Memory\"", refused.Message);
        Database.Run("CREATE SCHEMA \"Memory\"");
        await using ValoriEngine engine = await OpenAsync("valori.journal.default.schema-name = \"Memory\"");
        await engine.InsertAsync(new float[] { 1, 2 });
        await engine.SaveAsync();
        Assert.Equal(2L, (await engine.TimelineAsync(1, 10)).LastSequenceNr);
        Assert.Equal(3L, Database.Scalar("SELECT (SELECT count(*) FROM \"Memory\".journal) + (SELECT count(*) FROM \"Memory\".snapshot)"));
        Assert.Equal("Memory", Database.Scalar("SELECT string_agg(DISTINCT table_schema, ',') FROM information_schema.tables WHERE table_name IN ('journal', 'snapshot')"));
    }

    [SkippableTheory]
    [InlineData("CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER skipping BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION skip()", "triggers on inserts (skipping)")]
    [InlineData("CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM journal WHERE ordering = NEW.ordering; RETURN NULL; END'; CREATE TRIGGER undoing AFTER INSERT ON journal FOR EACH ROW EXECUTE FUNCTION undo()", "triggers on inserts (undoing)")]
    [InlineData("CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM journal WHERE ordering = NEW.ordering; RETURN NULL; END'; CREATE CONSTRAINT TRIGGER undoing AFTER INSERT ON journal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION undo()", "triggers on inserts (undoing)")]
    [InlineData("CREATE RULE nothing AS ON INSERT TO journal DO INSTEAD NOTHING", "rules (nothing)")]
    [InlineData("ALTER TABLE journal SET UNLOGGED", "is unlogged or temporary")]
    [InlineData("ALTER TABLE journal DROP CONSTRAINT journal_uq", "has lost its unique key (persistence_id, sequence_number)")]
    [InlineData("ALTER TABLE journal RENAME TO real; CREATE VIEW journal AS SELECT * FROM real", "is not a table (pg_class.relkind is v)")]
    public async Task A_table_that_can_lose_what_was_acknowledged_is_refused(string change, string why)
    {
        await using (ValoriEngine engine = await OpenAsync()) await engine.InsertAsync(new float[] { 1, 2 });
        Database.Run(change);
        Assert.Contains(why, (await Assert.ThrowsAsync<JournalException>(() => OpenAsync())).Message);
    }

    private void CreateTwins(string schema)
    {
        Database.Run($"CREATE SCHEMA {schema}");
        foreach (string table in new[] { "journal", "snapshot" }) Database.Run($"CREATE TABLE {schema}.{table} (LIKE public.{table} INCLUDING ALL)");
    }

    private void EngineStatusIs(long sequenceNr, string schema) =>
        Assert.Equal(sequenceNr, Database.Scalar($"SELECT max(sequence_number) FROM {schema}.journal WHERE persistence_id = 'valori-default'"));

    private PostgreSqlTarget Target()
    {
        Akka.Configuration.Config config = Database.Configuration(SnapshotsInDatabase);
        return PostgreSqlTarget.Of(config.WithFallback(ReferenceConfig.FallbackFor(config)))!;
    }

    /// <summary>The first try may find a connection that was ended.</summary>
    private static async Task UntilAsync(Func<Task> request)
    {
        for (DateTime end = DateTime.UtcNow + TimeSpan.FromSeconds(60); ;)
        {
            try
            {
                await request();
                return;
            }
            catch (EngineException) when (DateTime.UtcNow < end)
            {
                await Task.Yield();
            }
        }
    }

    private Task<ValoriEngine> OpenAsync(string more = "") => ValoriEngine.OpenAsync(
        _directory.File("data"), new ValoriOptions { Dimension = 2, Configuration = Database.Configuration(SnapshotsInDatabase + more) });
}
