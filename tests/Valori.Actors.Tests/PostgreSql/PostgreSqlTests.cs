using Akka.Actor;

namespace Valori.Actors.Tests.PostgreSql;

/// <summary>
/// What is special to PostgreSQL, by hocon/postgresql.conf alone. The tests with a <c>Backend</c> run there too.
/// </summary>
[Trait("Category", "Slow")]
public sealed class PostgreSqlTests : IDisposable
{
    private const string SnapshotsAsFiles = "";
    private const string SnapshotsInDatabase = "valori.snapshot-store-plugin-id = \"valori.sql-snapshot-store\"";

    private readonly TemporaryDirectory _directory = new();
    private PostgreSqlDatabase? _database;

    private PostgreSqlDatabase Database => _database ??= new PostgreSqlDatabase();

    public void Dispose()
    {
        _database?.Dispose();
        _directory.Dispose();
    }

    [SkippableFact]
    public async Task The_same_commands_give_the_same_history_as_on_sqlite_and_it_is_there_after_reopening()
    {
        EngineStatus onPostgreSql, onSqlite;
        await using (ValoriEngine engine = await OpenAsync()) onPostgreSql = await WriteAsync(engine);
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.File("sqlite"), new ValoriOptions { Dimension = 3, Time = new ManualTime() }))
            onSqlite = await WriteAsync(engine);
        Assert.Equal(onSqlite, onPostgreSql);
        Assert.Equal(onPostgreSql.SequenceNr, Database.Scalar("SELECT count(*) FROM journal WHERE identifier = 86825 AND manifest = 'J' AND persistence_id = 'valori-default'"));

        await using ValoriEngine reopened = await OpenAsync();
        Assert.Equal(onPostgreSql, await reopened.StatusAsync());
        Assert.Equal("hello"u8.ToArray(), await reopened.GetMetadataAsync(new RecordId(0)));
        Assert.Equal([new SearchHit(new RecordId(0), 0), new SearchHit(new RecordId(1), 2L << 32)], await reopened.SearchAsync(new float[] { 1, 0, 0 }, 10));
        Assert.Equal([new NodeId(0), new NodeId(1)], await reopened.ExpandAsync(new NodeId(0), 1));
        Assert.False(File.Exists(_directory.File("data/journal.db")));
    }

    [SkippableFact]
    public async Task Thousands_of_single_inserts_go_out_in_few_large_writes()
    {
        Digest written;
        await using (ValoriEngine engine = await OpenAsync())
        {
            await Task.WhenAll(Enumerable.Range(0, 5000).Select(i => engine.InsertAsync(new float[] { i, i, i })));
            written = await engine.GetStateHashAsync();
        }
        await using ValoriEngine reopened = await OpenAsync();
        Assert.Equal(5000UL, await reopened.RecordCountAsync());
        Assert.Equal(written, await reopened.GetStateHashAsync());
    }

    [SkippableFact]
    public async Task Snapshots_in_the_database_are_the_newest_two()
    {
        await using (ValoriEngine engine = await OpenAsync(SnapshotsInDatabase))
        {
            for (int i = 0; i < 4; i++)
            {
                await engine.InsertAsync(new float[] { i, i, i });
                await engine.SaveAsync();
            }
        }
        await using (ValoriEngine engine = await OpenAsync(SnapshotsInDatabase))
        {
            await engine.InsertAsync(new float[] { 9, 9, 9 });
            Assert.StartsWith("valori.sql-snapshot-store: valori-default at sequence number 6", await engine.SaveAsync());
        }
        Assert.Equal(2L, Database.Scalar("SELECT count(*) FROM snapshot WHERE sequence_number >= 5"));
        Assert.Equal(2L, Database.Scalar("SELECT count(*) FROM snapshot"));
        Assert.Equal(86825, Database.Scalar("SELECT max(serializer_id) FROM snapshot"));
    }

    [SkippableFact]
    public async Task Two_engines_share_the_database_and_need_no_directory_with_snapshots_in_it()
    {
        ActorSystem system = ActorSystem.Create("app", Database.Configuration(SnapshotsInDatabase));
        ValoriExtension valori = ValoriExtension.Get(system);
        Assert.Null(valori.DataDirectoryPath);
        Assert.Empty(await valori.ListAsync());
        await using ValoriEngine notes = await valori.OpenAsync("notes", schema: 2), faces = await valori.OpenAsync("faces", schema: 3);
        await notes.InsertAsync(new float[] { 1, 2 });
        await faces.InsertBatchAsync([new float[] { 1, 2, 3 }, new float[] { 4, 5, 6 }]);
        await faces.SaveAsync();
        Assert.Equal(["faces", "notes"], await valori.ListAsync());
        Assert.Equal(1UL, await notes.RecordCountAsync());
        Assert.Equal(2UL, await faces.RecordCountAsync());
        await system.Terminate();
    }

    private Task<ValoriEngine> OpenAsync(string snapshots = SnapshotsAsFiles) => ValoriEngine.OpenAsync(
        _directory.File("data"), new ValoriOptions { Dimension = 3, Time = new ManualTime(), Configuration = Database.Configuration(snapshots) });

    private static async Task<EngineStatus> WriteAsync(ValoriEngine engine)
    {
        RecordId first = await engine.InsertAsync(new float[] { 1, 0, 0 }, tag: 7);
        IReadOnlyList<RecordId> more = await engine.InsertBatchAsync([new float[] { 0, 1, 0 }, new float[] { 0, 0, 20000 }], [1, ulong.MaxValue]);
        await engine.SetMetadataAsync(first, "hello"u8.ToArray());
        NodeId a = await engine.CreateNodeAsync(NodeKind.Document), b = await engine.CreateNodeAsync(NodeKind.Chunk, more[0]);
        await engine.CreateEdgeAsync(a, b, EdgeKind.ParentOf);
        await engine.SoftDeleteAsync(more[1]);
        return await engine.StatusAsync();
    }
}
