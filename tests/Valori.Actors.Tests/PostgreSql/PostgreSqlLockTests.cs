using Akka.Actor;
using Npgsql;
using Valori.Actors.Audit;
using Valori.Actors.PostgreSql;
using Valori.Actors.Settings;

namespace Valori.Actors.Tests.PostgreSql;

/// <summary>One process at a time serves a journal in PostgreSQL; one that lost it says so and stops.</summary>
[Trait("Category", "Slow")]
public sealed class PostgreSqlLockTests : IDisposable
{
    private const string SnapshotsInDatabase = "valori.snapshot-store-plugin-id = \"valori.sql-snapshot-store\"\n";
    private const string HoldersSql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 86825 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private PostgreSqlDatabase? _database;

    private PostgreSqlDatabase Database => _database ??= new PostgreSqlDatabase();

    public void Dispose() => _database?.Dispose();

    [SkippableFact]
    public async Task A_second_process_is_refused_with_who_has_the_journal_and_the_first_goes_on()
    {
        ActorSystem first = Start("first");
        ValoriEngine engine = await ValoriExtension.Get(first).OpenAsync("shared", schema: 2);
        await engine.InsertAsync(new float[] { 1, 2 });

        ActorSystem second = Start("second");
        JournalException refused = Assert.Throws<JournalException>(() => ValoriExtension.Get(second));
        Assert.Contains($"is in use by \"Valori lock of process {Environment.ProcessId} on {Environment.MachineName}\" at 127.0.0.1 (PostgreSQL's backend ", refused.Message);
        await second.Terminate();

        await engine.InsertAsync(new float[] { 3, 4 });
        // An audit needs no lock.
        using (DirectoryAudit audit = DirectoryAudit.Open(Target(), null, hasSnapshotFiles: false)) Assert.True(audit.Audit("shared").IsGood);
        await first.Terminate();
        Assert.Equal(0L, Database.Scalar(HoldersSql));

        ActorSystem third = Start("third");
        Assert.Equal(2UL, await (await ValoriExtension.Get(third).OpenAsync("shared")).RecordCountAsync());
        await third.Terminate();
    }

    [SkippableFact]
    public async Task Journals_in_two_schemas_of_one_database_are_two_journals()
    {
        Database.Run("CREATE SCHEMA other");
        ActorSystem one = Start("one"), two = Start("two", "valori.journal.default.schema-name = other");
        await (await ValoriExtension.Get(one).OpenAsync("notes", schema: 2)).InsertAsync(new float[] { 1, 2 });
        Assert.Empty(await ValoriExtension.Get(two).ListAsync());
        Assert.Equal(2L, Database.Scalar(HoldersSql));
        await Task.WhenAll(one.Terminate(), two.Terminate());
    }

    [SkippableFact]
    public async Task A_lock_that_is_lost_is_taken_again_and_nothing_has_to_be_restarted()
    {
        ActorSystem system = Start("app");
        ValoriExtension valori = ValoriExtension.Get(system);
        ValoriEngine engine = await valori.OpenAsync("notes", schema: 2);
        await engine.InsertAsync(new float[] { 1, 2 });
        Database.OnServer($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Database.Name}' AND application_name LIKE 'Valori lock%'");
        await UntilAsync(async () => (await FaultAsync(valori, engine))?.Contains("cannot be reached", StringComparison.Ordinal) == true);
        await UntilAsync(async () => await FaultAsync(valori, engine) is null);
        Assert.Equal(1L, Database.Scalar(HoldersSql));
        await engine.InsertAsync(new float[] { 3, 4 });
        await system.Terminate();
    }

    [SkippableFact]
    public async Task A_process_whose_journal_another_one_took_over_stops_its_engines_and_says_so()
    {
        NpgsqlConnectionStringBuilder server = new(Database.ConnectionString);
        await using CuttableProxy proxy = new(server.Host!, server.Port);
        server.Host = "127.0.0.1";
        server.Port = proxy.Port;
        ActorSystem first = Start("first", "valori.request-timeout = 2s", server.ToString());
        ValoriExtension cutOff = ValoriExtension.Get(first);
        ValoriEngine old = await cutOff.OpenAsync("shared", schema: 2);
        await old.InsertAsync(new float[] { 1, 2 });
        await proxy.CutAsync();

        ActorSystem second = Start("second");
        ValoriEngine engine = await ValoriExtension.Get(second).OpenAsync("shared");
        await engine.InsertAsync(new float[] { 3, 4 });
        proxy.Join();
        await UntilAsync(async () => (await cutOff.JournalWatch!.LookAsync([])).Fault?.Contains("It took over the journal", StringComparison.Ordinal) == true);
        // Its engine is stopped, and none is opened any more: nothing old is served.
        await UntilAsync(async () => await IsGoneAsync(() => old.RecordCountAsync()));
        // Within the two seconds for a request a busy machine may not get further than "recovering".
        await UntilAsync(async () => (await Assert.ThrowsAsync<EngineException>(() => cutOff.OpenAsync("shared").WaitAsync(Patience)))
            .Message.Contains("is in use by \"Valori lock of process", StringComparison.Ordinal));
        Assert.Equal(2UL, await engine.RecordCountAsync());
        await Task.WhenAll(first.Terminate(), second.Terminate());
    }

    private ActorSystem Start(string name, string more = "", string? connectionString = null) =>
        ActorSystem.Create(name, Database.Configuration(SnapshotsInDatabase + more, connectionString));

    private PostgreSqlTarget Target()
    {
        Akka.Configuration.Config config = Database.Configuration(SnapshotsInDatabase);
        return PostgreSqlTarget.Of(config.WithFallback(ReferenceConfig.FallbackFor(config)))!;
    }

    private static async Task<string?> FaultAsync(ValoriExtension valori, ValoriEngine engine) => (await valori.JournalWatch!.LookAsync([await engine.StatusAsync()])).Fault;

    private static async Task<bool> IsGoneAsync(Func<Task> request)
    {
        try
        {
            await request().WaitAsync(Patience);
            return false;
        }
        catch (EngineException)
        {
            return true;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (DateTime end = DateTime.UtcNow + Patience; !await isSo();)
        {
            Assert.True(DateTime.UtcNow < end, "it did not come to it in time");
            await Task.Yield();
        }
    }
}
