using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Tests.Engine;

/// <summary>Transactions through an engine: one event, one receipt, sent again, after a restart, in the timeline, and refused.</summary>
public sealed class TransactionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_is_created_together_is_one_event_with_the_ids_of_each_part()
    {
        await using ValoriEngine engine = await OpenAsync();
        NodeId topic = await engine.CreateNodeAsync(NodeKind.Document);
        await engine.InsertAsync(new float[] { 9, 9 });
        Transaction transaction = engine.NewTransaction();
        IReadOnlyList<TransactionRef<RecordId>> records = transaction.InsertBatch([Record("a"), Record("b")]);
        TransactionRef<NodeId> node = transaction.CreateNode(NodeKind.Chunk, records[1], new FieldsBuilder { ["n"] = 1 }.Build());
        TransactionRef<EdgeId> edge = transaction.CreateEdge(topic, node, EdgeKind.RefersTo);
        transaction.SetFields(records[0], new FieldsBuilder { ["user"] = "ada" }.Build());
        transaction.SetMetadata(records[1], "m"u8.ToArray());
        TransactionRef<RecordId> again = transaction.Upsert(Record("a"));
        transaction.SetNodeFields(node, new FieldsBuilder { ["m"] = 2 }.Build());
        transaction.SetEdgeValidTime(edge, ValidTime.Of(DateTimeOffset.UnixEpoch, null));
        TransactionReceipt done = await engine.TransactAsync(transaction);

        Assert.Equal((1UL, 2UL, 3UL), (done[records[0]].Value, done[records[1]].Value, done[again].Value));
        Assert.Equal((new NodeId(1), topic, new EdgeId(0)), (done[node], done[(TransactionRef<NodeId>)topic], done[edge]));
        Assert.Equal((1UL, 3, new IdRange(1, 1), new IdRange(0, 1)), (done.Receipt.FirstId, done.Receipt.Count, done.Receipt.Nodes, done.Receipt.Edges));
        Assert.Equal([new IdRange(1, 2), new IdRange(1, 1), new IdRange(0, 1), default, default, new IdRange(3, 1), default, default], done.Created);
        EngineStatus status = await engine.StatusAsync();
        Assert.Equal((4L, done.Receipt.StateHash), (status.SequenceNr, status.StateHash));
        Assert.Equal("event 4 of", done.Receipt.ToString()[..10]);
        Assert.EndsWith("FirstId 1, Count 3, node 1, edge 0", done.Receipt.ToString());
        Assert.Equal(done[records[1]], (await engine.GetNodeAsync(done[node])).Record);
        Assert.Equal(2, (await engine.GetNodeAsync(done[node])).Fields.Count);
        Assert.Equal("record 1 was deleted", (await Assert.ThrowsAsync<RefusedException>(() => engine.GetRecordAsync(done[records[0]]))).Message);
        // Nothing of it was there before.
        Assert.Equal(1UL, await engine.RecordCountAsync(AsOf.SequenceNr(3)));
        Assert.Equal(3UL, await engine.RecordCountAsync(AsOf.SequenceNr(4)));
    }

    [Fact]
    public async Task Sent_again_it_is_carried_out_once_also_after_a_restart_from_a_snapshot()
    {
        Receipt first;
        await using (ValoriEngine engine = await OpenAsync())
        {
            first = (await engine.WithRequestId("t").TransactAsync(Fact(engine, "k"))).Receipt;
            Assert.Equal(first, (await engine.WithRequestId("t").TransactAsync(Fact(engine, "k"))).Receipt);
            RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => engine.WithRequestId("t").TransactAsync(Fact(engine, "other")));
            Assert.Equal(RefusalKind.RequestIdReused, refused.Refusal.Kind);
        }
        await using (ValoriEngine engine = await OpenAsync())
        {
            Assert.Equal(first, (await engine.WithRequestId("t").TransactAsync(Fact(engine, "k"))).Receipt);
            await engine.SaveAsync();
        }
        await using (ValoriEngine engine = await OpenAsync())
        {
            Transaction transaction = Fact(engine, "k");
            TransactionReceipt again = await engine.WithRequestId("t").TransactAsync(transaction);
            Assert.Equal(first, again.Receipt);
            Assert.Equal(new IdRange(1, 2), again.Created[2]);
            Assert.Equal(3UL, (await engine.StatusAsync()).RecordCount);
        }
    }

    [Fact]
    public async Task A_refused_part_leaves_no_trace_and_the_message_names_it()
    {
        await using ValoriEngine engine = await OpenAsync();
        await engine.InsertAsync(Record("k"));
        EngineStatus before = await engine.StatusAsync();
        Transaction transaction = engine.NewTransaction();
        transaction.Insert(Record("new"));
        transaction.CreateNode(NodeKind.Chunk);
        transaction.Insert(Record("k"));
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => engine.TransactAsync(transaction));
        Assert.Equal((RefusalKind.Conflict, "command 2: the key 'k' is already used by the record with id 0: use upsert to replace it, or delete it first"), (refused.Refusal.Kind, refused.Message));
        Assert.Equal(before, await engine.StatusAsync());
        Assert.Equal(new RecordId(1), (await engine.InsertAsync(Record("next"))).Id);
        Assert.Equal("the transaction has no commands", (await Assert.ThrowsAsync<RefusedException>(() => engine.TransactAsync(engine.NewTransaction()))).Message);
        Assert.Equal("Transact.Parts[0].Command is null", (await engine.Gateway.Ask<Refusal>(new Transact([new TransactionPart(null!)]))).Message);
        TransactionRef<RecordId> ofAnother = engine.NewTransaction().Insert(Record("x"));
        Assert.StartsWith("this is item 0 of command 0 of another transaction, not of this one", Assert.Throws<ArgumentException>(() => transaction.SoftDelete(ofAnother)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timeline_tells_a_transaction_and_then_its_parts()
    {
        await using ValoriEngine engine = await OpenAsync();
        await engine.WithRequestId("t").TransactAsync(Fact(engine, "k"));
        TimelineEntry entry = (await engine.TimelineAsync(2, 10)).Entries.Single();
        Assert.Equal(
            [
                new TimelineChange(TimelineKind.Transacted, null, 4, "t"), new TimelineChange(TimelineKind.RecordsPut, 0, 1, null), new TimelineChange(TimelineKind.NodeCreated, 0, 1, null),
                new TimelineChange(TimelineKind.RecordsInserted, 1, 2, null), new TimelineChange(TimelineKind.EdgeCreated, 0, 1, null),
            ],
            entry.Changes);
    }

    [Fact]
    public async Task A_document_is_added_with_its_chunks_as_one_event()
    {
        await using ValoriEngine engine = await OpenAsync();
        await engine.CreateNodeAsync(NodeKind.Record);
        Fields title = new FieldsBuilder { ["title"] = "On tea" }.Build();
        NewDocument document = new() { Fields = title, Record = Record("tea"), NextChunk = EdgeKind.RefersTo };
        AddedDocument added = await engine.AddDocumentAsync(document, [Record("tea#0"), Record("tea#1"), Record("tea#2")]);
        Assert.Equal((new NodeId(1), new RecordId(0)), (added.Node, added.Record!.Value));
        Assert.Equal([new RecordId(1), new RecordId(2), new RecordId(3)], added.ChunkRecords);
        Assert.Equal([new NodeId(2), new NodeId(3), new NodeId(4)], added.ChunkNodes);
        Assert.Equal(3L, (await engine.StatusAsync()).SequenceNr);
        NodeContent node = await engine.GetNodeAsync(added.Node);
        Assert.Equal((NodeKind.Document, added.Record, title), (node.Kind, node.Record, node.Fields));
        Assert.Equal([added.Node, .. added.ChunkNodes], await engine.ExpandAsync(added.Node, 1));
        Assert.Equal([added.ChunkNodes[1], added.ChunkNodes[2]], await engine.ExpandAsync(added.ChunkNodes[1], 1));
        Assert.Equal((await engine.GetRecordAsync("tea#2")).Id, (await engine.GetNodeAsync(added.ChunkNodes[2])).Record);

        Assert.Equal(RefusalKind.Conflict, (await Assert.ThrowsAsync<RefusedException>(() => engine.AddDocumentAsync(document with { Record = null }, [Record("tea#9"), Record("tea#1")]))).Refusal.Kind);
        Assert.Equal(4UL, (await engine.StatusAsync()).RecordCount);
        AddedDocument alone = await engine.AddDocumentAsync(new NewDocument(), []);
        Assert.Empty(alone.ChunkRecords);
        Assert.Null(alone.Record);
    }

    private static Transaction Fact(ValoriEngine engine, string key)
    {
        Transaction transaction = engine.NewTransaction();
        TransactionRef<NodeId> node = transaction.CreateNode(NodeKind.Chunk, transaction.Insert(Record(key)));
        transaction.InsertBatch([new NewRecord(new float[] { 1, 2 }), new NewRecord(new float[] { 3, 4 })]);
        transaction.CreateEdge(node, node, EdgeKind.RefersTo);
        return transaction;
    }

    private static NewRecord Record(string key) => new(new float[] { 1, 2 }) { Key = key };

    private Task<ValoriEngine> OpenAsync() => ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 });
}
