using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Facade;

/// <summary>The facade on a directory of its own: a real journal, real snapshots.</summary>
public abstract class EmbeddedEngineTests(Backend backend) : IDisposable
{
    public void Dispose() => backend.Dispose();

    [SkippableFact]
    public async Task What_was_written_is_there_after_reopening_with_the_same_state_hash()
    {
        Digest before;
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 3))
        {
            RecordId first = await engine.InsertAsync(new float[] { 1, 0, 0 }, tag: 7);
            IReadOnlyList<RecordId> more = await engine.InsertBatchAsync([new float[] { 0, 1, 0 }, new float[] { 0, 0, 1 }]);
            await engine.SetMetadataAsync(first, "hello"u8.ToArray());
            NodeId a = await engine.CreateNodeAsync(NodeKind.Document), b = await engine.CreateNodeAsync(NodeKind.Chunk, more[0]);
            await engine.CreateEdgeAsync(a, b, EdgeKind.ParentOf);
            await engine.SoftDeleteAsync(more[1]);
            before = await engine.GetStateHashAsync();
        }

        await using ValoriEngine reopened = await backend.OpenAsync();
        Assert.Equal(3, reopened.Dimension);
        Assert.Equal(before, await reopened.GetStateHashAsync());
        Assert.Equal(2UL, await reopened.RecordCountAsync());
        Assert.Equal("hello"u8.ToArray(), await reopened.GetMetadataAsync(new RecordId(0)));
        IReadOnlyList<SearchHit> hits = await reopened.SearchAsync(new float[] { 1, 0, 0 }, 10);
        Assert.Equal([new SearchHit(new RecordId(0), 0), new SearchHit(new RecordId(1), 2L << 32)], hits);
        Assert.Equal([new NodeId(0), new NodeId(1)], await reopened.ExpandAsync(new NodeId(0), 1));
    }

    /// <summary>Every row is more than it may have in memory: each is read alone, and none waits for ever.</summary>
    [SkippableFact]
    public async Task A_recovery_with_a_byte_of_memory_gets_there()
    {
        Digest before;
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 3))
        {
            for (int i = 0; i < 50; i++) await engine.InsertAsync(new float[] { i, 0, 0 });
            await engine.InsertBatchAsync([.. Enumerable.Range(0, 1_000).Select(i => (ReadOnlyMemory<float>)new float[] { 0, i, 0 })]);
            before = await engine.GetStateHashAsync();
        }
        await using ValoriEngine reopened = await backend.OpenAsync(more: "valori.journal.replay-bytes = 1");
        Assert.Equal((1_050UL, before), (await reopened.RecordCountAsync(), await reopened.GetStateHashAsync()));
    }

    [SkippableFact]
    public async Task Saved_bytes_restore_into_an_empty_engine_and_survive_a_restart_without_them()
    {
        Digest saved;
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 3, name: "a"))
        {
            await engine.InsertBatchAsync([new float[] { 0, 1, 0 }, new float[] { 100, -0.5f, 1 }], [1, ulong.MaxValue]);
            await engine.SoftDeleteAsync(new RecordId(0));
            saved = await engine.GetStateHashAsync();
            await engine.SaveAsync();
        }
        await using (ValoriEngine other = await backend.OpenAsync(dimension: 3, name: "b"))
        {
            await other.InsertAsync(new float[] { 9, 9, 9 });
            await other.RestoreAsync(backend.ReadSnapshot(Assert.Single(backend.Snapshots("a")), "a"));
            Assert.Equal(saved, await other.GetStateHashAsync());
        }
        await using ValoriEngine reopened = await backend.OpenAsync(name: "b");
        Assert.Equal(saved, await reopened.GetStateHashAsync());
        Assert.Equal(new RecordId(2), await reopened.InsertAsync(new float[] { 0, 0, 0 }));
    }
}

public sealed class EmbeddedEngineOnSqliteTests() : EmbeddedEngineTests(new SqliteBackend());

public sealed class EmbeddedEngineOnPostgreSqlTests() : EmbeddedEngineTests(new PostgreSqlBackend());

public sealed class EmbeddedEngineOnPostgreSqlAloneTests() : EmbeddedEngineTests(new PostgreSqlSnapshotsBackend());
