namespace Valori.Actors.Tests.Engine;

/// <summary>Documents through an engine: sent again, replaced, deleted, after a restart, in the timeline; and what an upsert says that it replaced.</summary>
public sealed class DocumentTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_document_that_is_ingested_again_keeps_its_node_and_replaces_its_chunks_in_one_event()
    {
        await using ValoriEngine engine = await OpenAsync();
        NodeId ada = await engine.CreateNodeAsync(new NodeKind(10));
        AddedDocument first = await engine.UpsertDocumentAsync(new NewDocument { Key = "tea", NextChunk = new EdgeKind(9) }, [Chunk("tea#0"), Chunk("tea#1"), Chunk(null)]);
        Assert.Equal((new NodeId(1), false, 0), (first.Node, first.HasReplaced, first.ReplacedRecords));
        await engine.CreateEdgeAsync(ada, first.Node, new EdgeKind(20));
        long before = (await engine.StatusAsync()).SequenceNr;

        AddedDocument second = await engine.UpsertDocumentAsync(new NewDocument { Key = "tea" }, [Chunk("tea#1"), Chunk("tea#2")]);
        Assert.Equal((first.Node, true, 3, before + 1), (second.Node, second.HasReplaced, second.ReplacedRecords, second.Receipt.SequenceNr));
        Assert.Equal([new RecordId(3), new RecordId(4)], second.ChunkRecords);
        Assert.Equal([new NodeId(5), new NodeId(6)], second.ChunkNodes);
        Assert.EndsWith("FirstId 3, Count 2, nodes 5 to 6, edges 6 to 7, 3 replaced, document 1", second.Receipt.ToString());
        Assert.Equal([ada, first.Node, .. second.ChunkNodes], await engine.ExpandAsync(ada, 2));
        Assert.Equal([first.Node, .. first.ChunkNodes], await engine.ExpandAsync(first.Node, 1, asOf: AsOf.SequenceNr(before)));
        Assert.Equal(2UL, await engine.RecordCountAsync());
        TimelineChange change = Assert.Single((await engine.TimelineAsync(before + 1, 1)).Entries[0].Changes);
        Assert.Equal((TimelineKind.DocumentPut, 3UL, 2), (change.Kind, change.FirstId!.Value, change.Count));

        Assert.Equal(first.Node, (await engine.GetNodeAsync("tea")).Id);
        Receipt deleted = await engine.DeleteDocumentAsync("tea");
        Assert.Equal((1UL, 2, first.Node), (deleted.FirstId, deleted.Replaced, deleted.Document!.Value));
        Assert.Equal((0UL, 1UL), ((await engine.StatusAsync()).RecordCount, (await engine.StatusAsync()).NodeCount));
        Assert.Equal(RefusalKind.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => engine.DeleteDocumentAsync("tea"))).Refusal.Kind);
        Assert.Equal(first.Node, (await engine.GetNodeAsync("tea", AsOf.SequenceNr(before))).Id);
    }

    [Fact]
    public async Task Sent_again_with_its_request_id_it_gets_the_first_answer_also_after_a_restart_from_a_snapshot()
    {
        AddedDocument replaced;
        Upserted upserted;
        NewDocument document = new() { Key = "tea" };
        await using (ValoriEngine engine = await OpenAsync())
        {
            await engine.UpsertDocumentAsync(document, [Chunk("tea#0")]);
            replaced = await engine.WithRequestId("second").UpsertDocumentAsync(document, [Chunk("tea#0"), Chunk("tea#1")]);
            await engine.UpsertAsync(Chunk("k"));
            upserted = await engine.WithRequestId("upsert").UpsertAsync(Chunk("k"));
            await engine.UpsertDocumentAsync(document, []);
            await AgainAsync(engine);
        }
        // From the journal, and from the list of requests of a snapshot.
        for (int i = 0; i < 2; i++)
        {
            await using ValoriEngine engine = await OpenAsync();
            await AgainAsync(engine);
            await engine.SaveAsync();
        }

        async Task AgainAsync(ValoriEngine engine)
        {
            AddedDocument again = await engine.WithRequestId("second").UpsertDocumentAsync(document, [Chunk("tea#0"), Chunk("tea#1")]);
            Assert.Equal((replaced.Receipt, replaced.Node, true, 1), (again.Receipt, again.Node, again.HasReplaced, again.ReplacedRecords));
            Assert.Equal(upserted, await engine.WithRequestId("upsert").UpsertAsync(Chunk("k")));
            Assert.Equal(RefusalKind.RequestIdReused, (await Assert.ThrowsAsync<RefusedException>(() => engine.WithRequestId("second").UpsertDocumentAsync(document, []))).Refusal.Kind);
            Assert.Equal(1UL, await engine.RecordCountAsync());
        }
    }

    [Fact]
    public async Task An_upsert_says_which_record_it_replaced_and_a_batch_how_many()
    {
        await using ValoriEngine engine = await OpenAsync();
        Upserted first = await engine.UpsertAsync(Chunk("a")), second = await engine.UpsertAsync(Chunk("a"));
        Assert.Equal((null, new RecordId(0), new RecordId(1)), (first.Replaced, second.Replaced!.Value, second.Id));
        Assert.Equal($"record 1 in place of record 0 at event {second.Receipt.SequenceNr}", second.ToString());
        CreatedRecords batch = await engine.UpsertBatchAsync([Chunk("b"), Chunk("a"), Chunk("c")]);
        Assert.Equal((1, 1UL), (batch.Replaced, batch.Receipt.FirstReplaced));
        Assert.Equal(3, (await engine.UpsertBatchAsync([Chunk("a"), Chunk("b"), Chunk("c"), Chunk("d")])).Replaced);
        Assert.Equal(0, (await engine.InsertBatchAsync([Chunk("e")])).Replaced);
    }

    [Fact]
    public async Task A_document_that_is_too_long_or_stands_for_a_record_says_what_to_do()
    {
        await using ValoriEngine engine = await OpenAsync();
        NewRecord[] chunks = [.. Enumerable.Repeat(Chunk(null), 8_192)];
        await RefusedAsync("document: 8192 chunks; without a key of the document, the limit is 8191: give it a key, with which the limit is 16384, or add the rest in transactions", new NewDocument(), chunks);
        await RefusedAsync("document: 8192 chunks; without a key of the document, the limit is 5461 with edges between them", new NewDocument { NextChunk = new EdgeKind(9) }, chunks);
        await RefusedAsync("record: a document with a key stands for no record of its own", new NewDocument { Key = "k", Record = Chunk(null) }, []);
        Assert.Equal("document: it has no key, and so cannot replace one: give it a key, or add it", (await Assert.ThrowsAsync<RefusedException>(() => engine.UpsertDocumentAsync(new NewDocument(), []))).Message);
        // The longest ones are no longer than they may be.
        await engine.AddDocumentAsync(new NewDocument(), chunks[..8_191]);
        await engine.AddDocumentAsync(new NewDocument { NextChunk = new EdgeKind(9) }, chunks[..5_461]);
        await engine.AddDocumentAsync(new NewDocument { Record = Chunk(null) }, chunks[..8_190]);
        Assert.Equal(3L + 1, (await engine.StatusAsync()).SequenceNr);

        async Task RefusedAsync(string message, NewDocument document, NewRecord[] of) =>
            Assert.StartsWith(message, (await Assert.ThrowsAsync<RefusedException>(() => engine.AddDocumentAsync(document, of))).Message);
    }

    private static NewRecord Chunk(string? key) => new(new float[] { 1, 2 }) { Key = key is null ? null : (RecordKey)key };

    private Task<ValoriEngine> OpenAsync() => ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 });
}
