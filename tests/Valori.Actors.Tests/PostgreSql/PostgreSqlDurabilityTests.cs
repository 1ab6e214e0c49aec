using Valori.Actors.PostgreSql;
using Valori.Actors.Settings;

namespace Valori.Actors.Tests.PostgreSql;

/// <summary>What PostgreSQL acknowledges is on its disk, whatever the server, the database or the role says.</summary>
[Trait("Category", "Slow")]
public sealed class PostgreSqlDurabilityTests : IDisposable
{
    private const string SnapshotsInDatabase = "valori.snapshot-store-plugin-id = \"valori.sql-snapshot-store\"";

    private static readonly PostgreSqlFacts Good = new("on", "on", "on", IsReadOnly: false, IsStandby: false, HasSchema: true, Table: null, FoundBySearchPath: null);

    private readonly TemporaryDirectory _directory = new();
    private PostgreSqlDatabase? _database;

    private PostgreSqlDatabase Database => _database ??= new PostgreSqlDatabase();

    public void Dispose()
    {
        _database?.Dispose();
        _directory.Dispose();
    }

    [SkippableTheory]
    [InlineData("off", "on")]
    [InlineData("local", "local")]
    [InlineData("on", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task Every_write_is_as_durable_as_the_server_wants_and_durable_where_it_wants_less(string serverWants, string written)
    {
        await using (ValoriEngine engine = await OpenAsync()) await engine.SaveAsync();
        Database.Run("CREATE TABLE levels (place text, level text)");
        Database.Run("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO levels VALUES (TG_TABLE_NAME, current_setting(''synchronous_commit'')); RETURN NULL; END'");
        Database.Run($"ALTER DATABASE \"{Database.Name}\" SET synchronous_commit = {serverWants}");
        await using (ValoriEngine engine = await OpenAsync())
        {
            // A start would refuse them.
            foreach (string table in new[] { "journal", "snapshot" }) Database.Run($"CREATE TRIGGER note AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION note()");
            await engine.InsertAsync(new float[] { 1, 2 });
            await engine.SaveAsync();
        }
        Assert.Equal($"journal {written}, snapshot {written}", Database.Scalar("SELECT string_agg(DISTINCT place || ' ' || level, ', ') FROM levels"));
    }

    [SkippableFact]
    public async Task Options_of_the_connection_string_that_lose_writes_are_refused_and_others_are_kept()
    {
        JournalException refused = await Assert.ThrowsAsync<JournalException>(() => OpenAsync(Database.ConnectionString + ";Options=-c synchronous_commit=off"));
        Assert.Contains("has synchronous_commit = off on Valori's connections", refused.Message);
        await using ValoriEngine engine = await OpenAsync(Database.ConnectionString + ";Options=-c work_mem=8MB --synchronous-commit=local");
        Assert.Equal(new RecordId(0), await engine.InsertAsync(new float[] { 1, 2 }));
    }

    [SkippableFact]
    public async Task A_pooler_that_drops_the_options_is_noticed_where_it_matters()
    {
        await using OptionsDroppingProxy pooler = new(Database.ConnectionString);
        await using (ValoriEngine engine = await OpenAsync(pooler.ConnectionString)) await engine.InsertAsync(new float[] { 1, 2 });
        Assert.True(pooler.Dropped > 0);
        Database.Run($"ALTER DATABASE \"{Database.Name}\" SET synchronous_commit = off");
        JournalException refused = await Assert.ThrowsAsync<JournalException>(() => OpenAsync(pooler.ConnectionString));
        Assert.Contains("a pooler in between drops the options", refused.Message);
        Assert.Equal(2L, Database.Scalar("SELECT count(*) FROM journal"));
    }

    [Theory]
    [InlineData("Host=h;Options=-c work_mem=8MB", "-c work_mem=8MB -c synchronous_commit=on")]
    [InlineData("Host=h", "-c synchronous_commit=on")]
    [InlineData("Host=h;Options=-c synchronous_commit=remote_apply", "-c synchronous_commit=remote_apply")]
    [InlineData("Host=h;Options=--Synchronous-Commit=local", "--Synchronous-Commit=local")]
    public void Options_are_added_to_what_is_there(string connectionString, string options) =>
        Assert.Equal(options, new Npgsql.NpgsqlConnectionStringBuilder(PostgreSqlDurability.Durable(connectionString, "on")).Options);

    [Fact]
    public void A_connection_string_that_cannot_be_read_is_left_for_its_reader_to_refuse() =>
        Assert.Equal("NoSuchKey=1", PostgreSqlDurability.Durable("NoSuchKey=1", "on"));

    [Fact]
    public void A_server_that_loses_what_it_acknowledged_is_refused_and_one_that_may_is_told()
    {
        PostgreSqlTarget target = TargetOf("Host=h;Port=1;Database=d");
        Assert.Null(Good.Fault(target));
        Assert.Null(Good.Warning(target));
        Assert.StartsWith("PostgreSQL h:1/d has fsync = off", (Good with { Fsync = "off" }).Fault(target));
        Assert.StartsWith("PostgreSQL h:1/d has synchronous_commit = off", (Good with { SynchronousCommit = "off" }).Fault(target));
        Assert.Contains("is a standby", (Good with { IsStandby = true, IsReadOnly = true }).Fault(target));
        Assert.Contains("is read-only", (Good with { IsReadOnly = true }).Fault(target));
        Assert.Contains("has full_page_writes = off", (Good with { FullPageWrites = "off" }).Warning(target));
    }

    private static PostgreSqlTarget TargetOf(string connectionString)
    {
        Akka.Configuration.Config config = Akka.Configuration.ConfigurationFactory.ParseString($"valori.journal.connection-string = \"{connectionString}\"").WithFallback(HoconFile.Parse("postgresql.conf"));
        return PostgreSqlTarget.Of(config.WithFallback(ReferenceConfig.FallbackFor(config)))!;
    }

    private Task<ValoriEngine> OpenAsync(string? connectionString = null) => ValoriEngine.OpenAsync(
        _directory.File("data"), new ValoriOptions { Dimension = 2, Configuration = Database.Configuration(SnapshotsInDatabase, connectionString) });
}
