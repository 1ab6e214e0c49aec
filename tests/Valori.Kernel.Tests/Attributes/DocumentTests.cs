using Valori.Protocol;

namespace Valori.Kernel.Tests.Attributes;

/// <summary>Documents: put, replaced, deleted, refused, found again, now, in the past, in proofs and snapshots.</summary>
public sealed class DocumentTests
{
    private static readonly RecordKey Tea = "tea";
    private static readonly Fields Title = new FieldsBuilder { ["title"] = "On tea" }.Build(), Other = new FieldsBuilder { ["title"] = "Tea" }.Build();

    [Fact]
    public void A_document_is_a_node_with_its_key_its_chunks_and_the_edges_between_them()
    {
        ValoriKernel kernel = new(2);
        DocumentPut put = Assert.IsType<DocumentPut>(Put(kernel, Document(["tea#0", "tea#1", null]) with { NextChunk = new EdgeKind(9) }));
        Assert.Equal((new NodeId(0), new RecordId(0), new NodeId(0), new EdgeId(0)), (put.Node, put.FirstRecord, put.FirstNode, put.FirstEdge));
        View view = kernel.TakeView();
        NodeContent node = view.GetNode((NodeRef)Tea).Value!;
        Assert.Equal((new NodeId(0), NodeKind.Document, Tea, Title), (node.Id, node.Kind, node.Key, node.Fields));
        Assert.Equal([null, new RecordId(0), new RecordId(1), new RecordId(2)], Enumerable.Range(0, 4).Select(i => view.GetNode(new NodeId((ulong)i)).Value!.Record));
        Assert.Equal(["0-1 1", "0-2 1", "0-3 1", "1-2 9", "2-3 9"], Enumerable.Range(0, 5).Select(i => view.GetEdge(new EdgeId((ulong)i)).Value!).Select(edge => $"{edge.From}-{edge.To} {edge.Kind.Value}"));
        Assert.Equal(new RecordId(1), view.GetRecord((RecordKey)"tea#1").Value!.Id);
        // Keys of documents and of records are apart.
        Assert.Equal("no record has the key 'tea'", view.GetRecord(Tea).Refusal!.Message);
        Assert.Equal("no document has the key 'tea#0'", view.GetNode((NodeRef)(RecordKey)"tea#0").Refusal!.Message);
        Assert.Equal([new NodeId(0)], view.ListNodes(new NodeListQuery(Filter.Key("tea"), 10)).Value!.Nodes.Select(found => found.Id));
    }

    [Fact]
    public void An_upsert_keeps_the_node_and_replaces_chunks_fields_and_edges()
    {
        ValoriKernel kernel = new(2);
        Put(kernel, Document(["tea#0", "tea#1", "tea#2"]));
        kernel.Apply(new CreateNode(new NodeKind(10), new RecordId(1)));                       // of the user, for the record of a chunk
        kernel.Apply(new CreateEdge(new NodeId(4), new NodeId(0), new EdgeKind(20)));          // and to the document
        View before = kernel.TakeView();
        PutDocument next = Document(["tea#1", null]) with { Fields = Other, Replace = true };
        Assert.Equal((0UL, 3), kernel.ReplacedBy(kernel.Decide(next).Value!));
        DocumentPut put = Assert.IsType<DocumentPut>(Put(kernel, next));
        Assert.Equal((new NodeId(0), new RecordId(3), new NodeId(5), new EdgeId(4), false), (put.Node, put.FirstRecord, put.FirstNode, put.FirstEdge, put.IsNew));

        View view = kernel.TakeView();
        Assert.Equal(Other, view.GetNode((NodeRef)Tea).Value!.Fields);
        Assert.Equal((2UL, 4UL, 3UL), (view.RecordCount, view.NodeCount, view.EdgeCount));
        // What stood for the record of tea#1 stands for the new one, and the edge to the document is still there.
        Assert.Equal(new RecordId(3), view.GetNode(new NodeId(4)).Value!.Record);
        Assert.Equal(new NodeId(0), view.GetEdge(new EdgeId(3)).Value!.To);
        Assert.Equal("node 2 was deleted", view.GetNode(new NodeId(2)).Refusal!.Message);
        Assert.Equal([new NodeId(0), new NodeId(5), new NodeId(6)], view.Expand(new NodeId(0), 1).Value!);

        // The past is what it was.
        Assert.Equal((Title, 3UL), (kernel.TakeView().AsOf(before.Version).GetNode((NodeRef)Tea).Value!.Fields, before.RecordCount));
        Assert.Equal(before.StateHash, kernel.TakeView().AsOf(before.Version).StateHash);
    }

    [Fact]
    public void What_is_put_again_and_again_has_the_same_state_as_when_it_is_put_on_a_snapshot()
    {
        ValoriKernel kernel = new(2);
        for (int i = 0; i < 40; i++)
        {
            // The copy does not know where the chunks of a document that was put often begin.
            ValoriKernel copy = i == 0 ? new ValoriKernel(2) : Copy(kernel);
            PutDocument next = Document([.. Enumerable.Range(0, i % 7).Select(chunk => $"tea#{chunk}")]) with { Replace = true, Fields = i % 3 == 0 ? Fields.Empty : Title };
            Put(kernel, next);
            Put(copy, next);
            Assert.Equal(copy.StateHash, kernel.StateHash);
            if (i % 5 == 2) kernel.Apply(new CreateEdge(new NodeId(0), new NodeId(0), EdgeKind.ParentOf));
            if (i % 5 == 3) kernel.Apply(new CreateNode(NodeKind.Chunk, null));
            if (i % 5 == 3) kernel.Apply(new CreateEdge(new NodeId(0), new NodeId(kernel.TakeView().NodeSlots - 1), EdgeKind.ParentOf));
        }
        Assert.Equal(4UL, kernel.TakeView().RecordCount);
    }

    [Fact]
    public void A_document_is_deleted_with_its_chunks_by_its_key_or_by_its_node()
    {
        ValoriKernel kernel = new(2);
        Put(kernel, Document(["tea#0", "tea#1"]));
        kernel.Apply(new InsertRecords(Golden.Block(2, 1, 1), new ulong[1]));
        kernel.Apply(new CreateNode(NodeKind.Document, new RecordId(2)));
        kernel.Apply(new CreateNode(NodeKind.Chunk, null));
        kernel.Apply(new CreateEdge(new NodeId(3), new NodeId(4), EdgeKind.ParentOf));
        Assert.Equal("no document has the key 'milk'", kernel.Decide(new DeleteDocument((RecordKey)"milk")).Refusal!.Message);
        Assert.Equal("node 9 does not exist", kernel.Decide(new DeleteDocument(new NodeId(9))).Refusal!.Message);

        Event deleted = kernel.Decide(new DeleteDocument(Tea)).Value!;
        Assert.Equal((0UL, 2), kernel.ReplacedBy(deleted));
        kernel.Apply(deleted);
        Assert.Equal((1UL, 2UL, 1UL), (kernel.TakeView().RecordCount, kernel.TakeView().NodeCount, kernel.TakeView().EdgeCount));
        Assert.Equal("no document has the key 'tea'", kernel.TakeView().GetNode((NodeRef)Tea).Refusal!.Message);
        // One without a key goes by its node, with the record that it stands for.
        kernel.Apply(new DeleteDocument(new NodeId(3)));
        Assert.Equal((0UL, 0UL, 0UL), (kernel.TakeView().RecordCount, kernel.TakeView().NodeCount, kernel.TakeView().EdgeCount));
        // The key is free again.
        Assert.Equal(new NodeId(5), Assert.IsType<DocumentPut>(Put(kernel, Document([]))).Node);
    }

    [Fact]
    public void What_is_wrong_with_a_document_is_named_with_its_place_and_changes_nothing()
    {
        ValoriKernel kernel = new(2);
        Put(kernel, Document(["tea#0"]));
        kernel.Apply(new PutRecords(Golden.Block(2, 1, 1), new ulong[1], [new RecordAttributes { Key = "mine" }]));
        Digest before = kernel.StateHash;
        Refused("document 'tea' exists already as node 0: use an upsert to replace it, or delete it first", Document([]), RefusalKind.Conflict);
        Refused("document 'tea' is node 0 of the kind 2, and the new one has the kind 7: a kind cannot change, so delete the document first", Document([]) with { Replace = true, Kind = new NodeKind(7) }, RefusalKind.Conflict);
        Refused("chunks[1]: the key 'mine' is already used by the record with id 1, which is not of this document: choose another key, or delete that record first", Document([null, "mine"]) with { Replace = true }, RefusalKind.Conflict);
        Refused("chunks[1]: the key 'a' appears twice: a document has each key at most once", Document(["a", "a"]) with { Replace = true }, RefusalKind.InvalidArgument);
        PutDocument two = Document(["a", "b"]) with { Replace = true };
        Refused("expected attributes for each chunk: 2 chunks, attributes for 1", two with { Attributes = [RecordAttributes.None] }, RefusalKind.InvalidArgument);
        Refused("chunks[0]: metadata is 65537 bytes; the limit is 65536 (64 KiB)", two with { Attributes = [new RecordAttributes { Metadata = new byte[65_537] }, RecordAttributes.None] }, RefusalKind.LimitExceeded);
        Refused("document: 16385 chunks; the limit of one document is 16384: split it", Document(new string?[Limits.MaximumChunks + 1]) with { Key = "long" }, RefusalKind.LimitExceeded);
        Refused("command 0: a transaction cannot hold PutDocument: send it alone", new Transact([new TransactionPart(two)]), RefusalKind.InvalidArgument);
        Assert.Equal(before, kernel.StateHash);

        void Refused(string message, Command command, RefusalKind kind)
        {
            Refusal refusal = kernel.Decide(command).Refusal!;
            Assert.Equal((kind, message), (refusal.Kind, refusal.Message));
        }
    }

    [Fact]
    public void The_largest_document_is_replaced_by_one_as_large_with_the_same_keys()
    {
        ValoriKernel kernel = new(2);
        string?[] keys = [.. Enumerable.Range(0, Limits.MaximumChunks).Select(i => $"tea#{i}")];
        Put(kernel, Document(keys) with { NextChunk = EdgeKind.RefersTo });
        Put(kernel, Document(keys) with { NextChunk = EdgeKind.RefersTo, Replace = true });
        View view = kernel.TakeView();
        Assert.Equal(((ulong)Limits.MaximumChunks, 1UL + Limits.MaximumChunks, 2UL * Limits.MaximumChunks - 1), (view.RecordCount, view.NodeCount, view.EdgeCount));
    }

    [Fact]
    public void An_edge_between_two_parts_of_a_document_counts_once_towards_the_limit_of_edges()
    {
        ValoriKernel kernel = new(2);
        Put(kernel, Document([.. Enumerable.Range(0, Limits.MaximumChunks).Select(i => $"tea#{i}")]) with { NextChunk = EdgeKind.RefersTo });
        kernel.Apply(new CreateNode(NodeKind.Record, null));
        NodeId other = new(1 + (ulong)Limits.MaximumChunks);
        for (int i = 0; i < 4; i++) kernel.Apply(new CreateEdge(other, new NodeId(0), EdgeKind.RefersTo));
        kernel.Apply(new DeleteDocument(Tea));
        Assert.Equal((1UL, 0UL), (kernel.TakeView().NodeCount, kernel.TakeView().EdgeCount));
    }

    [Fact]
    public void A_document_whose_chunks_have_more_edges_than_the_limit_is_deleted_after_edges_were()
    {
        ValoriKernel kernel = new(2);
        Put(kernel, Document(["tea#0"]));
        kernel.Apply(new CreateNode(NodeKind.Record, null));
        for (int i = 0; i < Limits.MaximumDeletedEdges; i++) kernel.Apply(new CreateEdge(new NodeId(2), new NodeId(1), EdgeKind.RefersTo));
        const string fault = "its chunks have more than 65536 edges, which would be deleted in one event: delete edges first, up to 16384 in one transaction";
        Assert.EndsWith(fault, kernel.Decide(Document([]) with { Replace = true }).Refusal!.Message);
        Assert.EndsWith(fault, kernel.Decide(new DeleteDocument(Tea)).Refusal!.Message);
        for (int i = 1; i <= 2; i++) kernel.Apply(new DeleteEdge(new EdgeId((ulong)i)));
        kernel.Apply(new DeleteDocument(Tea));
        Assert.Equal((1UL, 0UL), (kernel.TakeView().NodeCount, kernel.TakeView().EdgeCount));
    }

    [Fact]
    public void The_key_of_a_document_is_proven_stays_when_its_fields_change_and_is_in_a_snapshot()
    {
        ValoriKernel kernel = new(2);
        Put(kernel, Document(["tea#0"]));
        kernel.Apply(SetNodeFields.Remove(new NodeId(0), ["title"]));
        Assert.Equal((Tea, Fields.Empty), (kernel.TakeView().GetNode(new NodeId(0)).Value!.Key, kernel.TakeView().GetNode(new NodeId(0)).Value!.Fields));
        InclusionProof proof = kernel.TakeView().Prove(new NodeId(0)).Value!;
        Assert.Equal("02" + "0000000000000000" + "02" + "00" + "08" + "0300" + "746561", Convert.ToHexStringLower(proof.Leaf.Span));
        ProvenNode proven = Assert.IsType<ProvenNode>(ProofVerifier.VerifyInclusion(proof.ToBytes(), kernel.StateHash).Value);
        Assert.Equal((Tea, Fields.Empty), (proven.Content!.Key, proven.Content.Fields));
        kernel.Apply(new SetNodeFields(new NodeId(0), FieldsMode.Merge, Title, []));
        proven = Assert.IsType<ProvenNode>(ProofVerifier.VerifyInclusion(kernel.TakeView().Prove(new NodeId(0)).Value!.ToBytes(), kernel.StateHash).Value);
        Assert.Equal((Tea, Title), (proven.Content!.Key, proven.Content.Fields));
        Assert.Equal(new NodeId(0), Copy(kernel).TakeView().GetNode((NodeRef)Tea).Value!.Id);
    }

    private static PutDocument Document(string?[] keys) => new(
        Tea, NodeKind.Document, Title, Golden.Block(2, [.. Enumerable.Range(0, 2 * keys.Length).Select(i => i / 64f)]), new ulong[keys.Length],
        [.. keys.Select(key => new RecordAttributes { Key = key is null ? null : (RecordKey)key })]);

    private static Event Put(ValoriKernel kernel, PutDocument document)
    {
        Event happened = kernel.Decide(document).Value!;
        kernel.Apply(happened);
        return happened;
    }

    private static ValoriKernel Copy(ValoriKernel kernel)
    {
        MemoryStream bytes = new();
        History history = new();
        history.Extend(0, kernel.StateHash, kernel.Mark());
        SnapshotWriter.Write(bytes, kernel.TakeView(), new Valori.Kernel.Snapshots.SnapshotHeader(1, 0, history.Chain, kernel.StateHash, history.FrontierAt(1)));
        bytes.Position = 0;
        return SnapshotReader.Read(bytes, "test").Kernel;
    }
}
