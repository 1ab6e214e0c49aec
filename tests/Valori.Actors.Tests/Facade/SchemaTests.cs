using Valori.Actors.Serialization;
using Valori.Actors.Tests.Backends;
using Valori.Protocol;

namespace Valori.Actors.Tests.Facade;

/// <summary>Collections with a metric and a scale, from the facade to the journal and back.</summary>
public abstract class SchemaTests(Backend backend) : IDisposable
{
    private static readonly float[][] Vectors = [[3e-3f, 4e-3f], [-4e-3f, 3e-3f], [1e-3f, 1e-3f], [6e-3f, 8e-3f]];

    public void Dispose() => backend.Dispose();

    [SkippableTheory]
    [InlineData(Metric.L2, 256.0)]
    [InlineData(Metric.Cosine, 1.0)]
    [InlineData(Metric.Dot, 64.0)]
    public async Task A_collection_keeps_its_schema_its_hits_and_its_hashes_over_restarts_snapshots_and_restores(Metric metric, double scale)
    {
        IReadOnlyList<SearchHit> hits;
        EngineStatus before;
        byte[] snapshot;
        await using (ValoriEngine engine = await OpenAsync(new WantedSchema(2, metric, scale)))
        {
            Assert.Equal((metric, scale), (engine.Schema.Metric, engine.Schema.Scale));
            await engine.InsertBatchAsync([.. Vectors.Select(vector => (ReadOnlyMemory<float>)vector)]);
            hits = await engine.SearchAsync(Vectors[0], 4);
            ulong[] expected = metric switch
            {
                Metric.L2 => [0, 2, 3, 1],
                Metric.Cosine => [0, 3, 2, 1],
                _ => [3, 0, 2, 1],
            };
            Assert.Equal(expected, hits.Select(hit => hit.Id.Value));
            Assert.Equal(metric == Metric.Dot, double.IsNaN(hits[1].Distance));
            Assert.Equal(metric == Metric.L2, double.IsNaN(hits[1].Similarity));
            if (metric == Metric.L2) Assert.Equal(Math.Sqrt(13) * 1e-3, hits[1].Distance, 1e-6);
            if (metric == Metric.Cosine) Assert.Equal([1, 1, 0.99, 0], hits.Select(hit => Math.Round(hit.Similarity, 3)));
            if (metric == Metric.Dot) Assert.Equal(50e-6, hits[0].Similarity, 1e-7);

            SearchQuery near = metric == Metric.L2 ? engine.QueryOf(Vectors[0], 4, maximumDistance: hits[1].Distance) : engine.QueryOf(Vectors[0], 4, minimumSimilarity: hits[1].Similarity);
            SearchHits found = await engine.SearchWithReceiptAsync(near);
            Assert.Equal(hits.Take(2), found.Hits);
            Assert.Equal(SearchDigest.Compute(found.Receipt!.StateHash, near, found.Hits), found.Receipt.Digest);
            Assert.Equal([hits.Take(2), hits.Take(2)], await engine.SearchBatchAsync(near with { Vectors = engine.QueryOf([Vectors[0], Vectors[0]], 4).Vectors }));
            ContentProof proof = await engine.ProveRecordAsync(new RecordId(1));
            ProofVerifier.VerifyInclusion(proof.Proof.ToBytes(), proof.Place.StateHash, out EngineSchema? proven);
            Assert.Equal(engine.Schema, proven);
            snapshot = await File.ReadAllBytesAsync(await engine.SaveAsync());
            before = await engine.StatusAsync();
        }
        await using (ValoriEngine engine = await OpenAsync(WantedSchema.Any))
        {
            Assert.Equal(before, await engine.StatusAsync());
            Assert.Equal(hits, await engine.SearchAsync(Vectors[0], 4));
            await engine.SoftDeleteAsync(new RecordId(0));
            await engine.RestoreAsync(snapshot);
            Assert.Equal(before.StateHash, await engine.GetStateHashAsync());
        }
        await using (ValoriEngine engine = await OpenAsync(new WantedSchema(Metric: metric))) Assert.Equal(hits, await engine.SearchAsync(Vectors[0], 4));
    }

    [SkippableFact]
    public async Task Another_schema_is_refused_with_both_values_and_nothing_is_created()
    {
        await using (ValoriEngine engine = await OpenAsync(new WantedSchema(2, Metric.Cosine, 4))) await engine.InsertAsync(new float[] { 1, 0 });
        Assert.Equal("collection 'default' has dimension 2, not 3", await RefusalAsync(3));
        Assert.Equal("collection 'default' has metric cosine, not dot", await RefusalAsync(new WantedSchema(2, Metric.Dot)));
        Assert.Equal("collection 'default' has scale 4, not 1", await RefusalAsync(new WantedSchema(Scale: 1)));
        Assert.Equal("scale is 3; it must be a power of two from 2^-16 to 2^16: the nearest are 2 and 4", await RefusalAsync(new WantedSchema(Scale: 3)));
        Assert.Equal("metric is 7; it must be l2, cosine or dot", await RefusalAsync(new WantedSchema(Metric: (Metric)7)));
        Assert.StartsWith("scale is 32768; with the metric cosine it must be at most 16384", await RefusalAsync(new WantedSchema(2, Metric.Cosine, 32_768)));
        await using ValoriEngine still = await OpenAsync(WantedSchema.Any);
        Assert.Equal(1UL, await still.RecordCountAsync());

        async Task<string> RefusalAsync(WantedSchema schema) => (await Assert.ThrowsAsync<RefusedException>(() => OpenAsync(schema))).Message;
    }

    [SkippableFact]
    public async Task A_snapshot_of_another_schema_is_refused_before_anything_changes()
    {
        using SqliteBackend other = new();
        byte[] snapshot;
        await using (ValoriEngine engine = await other.OpenAsync(dimension: 2))
        {
            await engine.InsertAsync(new float[] { 1, 0 });
            snapshot = await File.ReadAllBytesAsync(await engine.SaveAsync());
        }
        await using ValoriEngine cosine = await OpenAsync(new WantedSchema(2, Metric.Cosine));
        EngineStatus before = await cosine.StatusAsync();
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => cosine.RestoreAsync(snapshot));
        Assert.Equal((RefusalKind.Conflict, "the snapshot has metric l2, this collection has cosine"), (refused.Refusal.Kind, refused.Message));
        Assert.Equal(before, await cosine.StatusAsync());
    }

    private Task<ValoriEngine> OpenAsync(WantedSchema schema) => backend.OpenAsync(schema);
}

public sealed class SchemaOnSqliteTests() : SchemaTests(new SqliteBackend());

public sealed class SchemaOnPostgreSqlTests() : SchemaTests(new PostgreSqlBackend());

/// <summary>What only the messages show.</summary>
public sealed class SchemaMessageTests : EngineTestKit
{
    /// <summary>As of a process that knows more of a schema than this one.</summary>
    [Fact]
    public void A_request_to_open_that_cannot_be_read_is_refused_and_opens_nothing()
    {
        Guardian.Tell(new UnreadableMessage("field 7 is not known here"), TestActor);
        Refusal refusal = ExpectMsg<Refusal>();
        Assert.Equal(RefusalKind.InvalidArgument, refusal.Kind);
        Assert.Equal("no collection was opened, because the bytes of the request are not those of one that is known here: field 7 is not known here", refusal.Message);
        Guardian.Tell(new OpenEngine("hostile", new WantedSchema(0, (Metric)9)), TestActor);
        Assert.Equal("dimension is 0; it must be in 1..65536", ExpectMsg<Refusal>().Message);
        // A journal that is being made has no table for a moment, and says that one may try again.
        AwaitAssert(() =>
        {
            Guardian.Tell(new ListEngines(), TestActor);
            Assert.Empty(ExpectMsg<EngineNames>().Names);
        }, TimeSpan.FromSeconds(30));
    }
}
