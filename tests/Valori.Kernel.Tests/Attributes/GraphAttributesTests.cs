using Valori.Protocol;

namespace Valori.Kernel.Tests.Attributes;

/// <summary>Fields of nodes and edges, and when an edge is valid: in leaves, the past and proofs.</summary>
public sealed class GraphAttributesTests
{
    private static readonly NodeId Document = new(0), Chunk = new(1);
    private static readonly EdgeId Likes = new(0), Plain = new(1);
    private static readonly Fields Ada = new FieldsBuilder { ["user"] = "ada" }.Build();

    [Fact]
    public void Nodes_and_edges_have_what_they_were_put_with_and_others_have_nothing()
    {
        View view = Graph().TakeView();
        Assert.Equal("""{"title":"tea"}""", view.GetNode(Document).Value!.Fields.ToJson());
        Assert.True(view.GetNode(Chunk).Value!.Fields.IsEmpty);
        EdgeContent likes = view.GetEdge(Likes).Value!;
        Assert.Equal((Ada, new ValidTime(10, 20)), (likes.Fields, likes.Valid));
        EdgeContent plain = view.GetEdge(Plain).Value!;
        Assert.True(plain.Fields.IsEmpty && plain.Valid.IsAlways);
        Assert.Equal([likes, plain], view.GetEdges(Document).Value!.Outgoing);
    }

    [Fact]
    public void Fields_are_merged_replaced_and_removed_as_those_of_records()
    {
        ValoriKernel kernel = Graph();
        kernel.Apply(SetNodeFields.Merge(Chunk, new FieldsBuilder { ["a"] = 1, ["b.c"] = 2 }.Build()));
        kernel.Apply(SetNodeFields.Remove(Chunk, "b"));
        Assert.Equal("""{"a":1}""", kernel.TakeView().GetNode(Chunk).Value!.Fields.ToJson());
        kernel.Apply(SetEdgeFields.Replace(Likes, new FieldsBuilder { ["x"] = true }.Build()));
        EdgeContent edge = kernel.TakeView().GetEdge(Likes).Value!;
        Assert.Equal("""{"x":true}""", edge.Fields.ToJson());
        Assert.Equal(new ValidTime(10, 20), edge.Valid);
    }

    [Fact]
    public void A_fact_ends_later_than_it_was_stated_and_each_end_is_set_and_cleared_alone()
    {
        ValoriKernel kernel = Graph();
        Assert.Equal(new ValidTime(10, 30), After(new SetEdgeValidTime(Likes, new ValidTime(null, 30))));
        Assert.Equal(new ValidTime(-5, 30), After(new SetEdgeValidTime(Likes, new ValidTime(-5, null))));
        Assert.Equal(new ValidTime(-5, null), After(new SetEdgeValidTime(Likes, default, ValidTimeEnds.To)));
        Assert.Equal(new ValidTime(null, 40), After(new SetEdgeValidTime(Likes, new ValidTime(null, 40), ValidTimeEnds.From)));
        Assert.Equal(ValidTime.Always, After(new SetEdgeValidTime(Likes, default, ValidTimeEnds.From | ValidTimeEnds.To)));
        Assert.Equal(Ada, kernel.TakeView().GetEdge(Likes).Value!.Fields);
        Assert.Equal([false, true, true, false], new long[] { 9, 10, 19, 20 }.Select(new ValidTime(10, 20).Contains));

        ValidTime After(Command command)
        {
            kernel.Apply(command);
            return kernel.TakeView().GetEdge(Likes).Value!.Valid;
        }
    }

    public static TheoryData<Command, string> Refused => new()
    {
        { new PutNode(NodeKind.Chunk, null, Fields.Empty), "PutNode needs at least one field: use CreateNode for a node without fields" },
        { new PutNode(NodeKind.Chunk, new RecordId(3), Ada), "record 3 does not exist" },
        { new PutEdge(Document, Chunk, EdgeKind.RefersTo, Fields.Empty, default), "PutEdge needs at least one field or a valid time: use CreateEdge for an edge without them" },
        { new PutEdge(Document, new NodeId(9), EdgeKind.RefersTo, Ada, default), "node 9 does not exist" },
        { new PutEdge(Document, Chunk, EdgeKind.RefersTo, Ada, new ValidTime(7, 7)), "valid_from is 1970-01-01T00:00:00.000007Z and valid_to is 1970-01-01T00:00:00.000007Z: the end must be later" },
        { new PutEdge(Document, Chunk, EdgeKind.RefersTo, Ada, new ValidTime(long.MinValue, 7)), "valid_from is -9223372036854775808 microseconds since 1970; it must be in the years 1 to 9999" },
        { SetNodeFields.Merge(new NodeId(9), Ada), "node 9 does not exist" },
        { SetNodeFields.Merge(new NodeId(2), Ada), "node 2 was deleted" },
        { SetNodeFields.Merge(Document, new FieldsBuilder { ["title.en"] = 1 }.Build()), "the fields 'title' and 'title.en' exclude each other: a field is a value, or it has fields below it" },
        { SetEdgeFields.Remove(Likes), "no field to remove is named: give at least one field name" },
        { SetEdgeFields.Merge(new EdgeId(2), Ada), "edge 2 was deleted" },
        { new SetEdgeFields(Likes, (FieldsMode)9, Ada, []), "the mode is 9; it must be merge (1), replace (2) or remove (3)" },
        { new SetEdgeValidTime(new EdgeId(7), new ValidTime(1, 2)), "edge 7 does not exist" },
        { new SetEdgeValidTime(Likes, default), "neither valid_from nor valid_to is set or cleared: name at least one of them" },
        { new SetEdgeValidTime(Likes, new ValidTime(null, 10)), "valid_from is 1970-01-01T00:00:00.000010Z and valid_to is 1970-01-01T00:00:00.000010Z: the end must be later" },
        { new SetEdgeValidTime(Likes, new ValidTime(null, 15), ValidTimeEnds.To), "valid_to is both set and cleared: leave out one of the two" },
        { new SetEdgeValidTime(Likes, new ValidTime(15, null), ValidTimeEnds.From), "valid_from is both set and cleared: leave out one of the two" },
        { new SetEdgeValidTime(Likes, default, (ValidTimeEnds)4), "the ends to clear are 4; they must be in 0..3 (1 valid_from, 2 valid_to)" },
        { new SetEdgeValidTime(Likes, new ValidTime(null, long.MaxValue)), "valid_to is 9223372036854775807 microseconds since 1970; it must be in the years 1 to 9999" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_command_that_cannot_be_is_refused_with_its_reason(Command command, string message)
    {
        ValoriKernel kernel = Graph();
        Digest before = kernel.StateHash;
        Assert.Equal(message, kernel.Decide(command).Refusal!.Message);
        Assert.Equal(before, kernel.StateHash);
    }

    [Fact]
    public void What_has_lost_its_attributes_is_hashed_as_if_it_never_had_any()
    {
        ValoriKernel never = new(1), once = new(1);
        foreach (ValoriKernel kernel in new[] { never, once })
        {
            kernel.Apply(new CreateNode(NodeKind.Document, null));
            kernel.Apply(new CreateEdge(Document, Document, EdgeKind.RefersTo));
        }
        List<bool> had = [once.TakeView().HasAttributesInGraph];
        foreach (Command command in new Command[]
        {
            SetNodeFields.Merge(Document, Ada), SetNodeFields.Replace(Document, Fields.Empty),
            new SetEdgeValidTime(new EdgeId(0), new ValidTime(1, null)), new SetEdgeValidTime(new EdgeId(0), default, ValidTimeEnds.From),
        })
        {
            once.Apply(command);
            had.Add(once.TakeView().HasAttributesInGraph);
            Assert.Equal(!had[^1], never.StateHash == once.StateHash);
        }
        Assert.Equal([false, true, false, true, false], had);
    }

    /// <summary>Deleting a node deletes its edges, and what is deleted has no attributes any more.</summary>
    [Fact]
    public void A_deleted_node_takes_its_attributes_and_those_of_its_edges_with_it()
    {
        ValoriKernel kernel = Graph();
        View before = kernel.TakeView();
        kernel.Apply(new DeleteNode(Document));
        Assert.False(kernel.TakeView().HasAttributesInGraph);
        Assert.True(before.HasAttributesInGraph);
        Assert.Equal(Ada, before.GetEdge(Likes).Value!.Fields);
        Assert.Equal("edge 0 was deleted", kernel.TakeView().GetEdge(Likes).Refusal!.Message);
    }

    [Fact]
    public void A_node_keeps_its_fields_when_another_record_takes_the_place_of_its_own()
    {
        ValoriKernel kernel = new(1);
        RecordAttributes attributes = new() { Key = "k" };
        kernel.Apply(new PutRecords(Golden.Block(1, 1), new ulong[1], [attributes]));
        kernel.Apply(new PutNode(NodeKind.Chunk, new RecordId(0), Ada));
        kernel.Apply(new PutRecords(Golden.Block(1, 2), new ulong[1], [attributes], Replace: true));
        NodeContent node = kernel.TakeView().GetNode(Document).Value!;
        Assert.Equal((new RecordId(1), Ada), (node.Record!.Value, node.Fields));
        ProvenNode proven = (ProvenNode)ProofVerifier.VerifyInclusion(kernel.TakeView().Prove(Document).Value!.ToBytes(), kernel.StateHash).Value!;
        Assert.Equal(node, proven.Content);
    }

    [Fact]
    public void Every_version_is_read_and_proven_as_of_its_time()
    {
        ValoriKernel kernel = Graph();
        List<(ulong Version, Digest StateHash)> versions = [];
        for (int i = 0; i < 1_000; i++)
        {
            kernel.Apply(SetNodeFields.Merge(Chunk, new FieldsBuilder { ["n"] = i }.Build()));
            kernel.Apply(SetEdgeFields.Merge(Likes, new FieldsBuilder { ["n"] = i }.Build()));
            kernel.Apply(new SetEdgeValidTime(Likes, new ValidTime(i, 1_000 + i)));
            versions.Add((kernel.Mark(), kernel.StateHash));
        }
        View newest = kernel.TakeView();
        for (int i = 0; i < versions.Count; i += 7)
        {
            View then = newest.AsOf(versions[i].Version);
            Assert.Equal(i, then.GetNode(Chunk).Value!.Fields["n"].AsInt64());
            ProvenEdge edge = (ProvenEdge)ProofVerifier.VerifyInclusion(then.Prove(Likes).Value!.ToBytes(), versions[i].StateHash).Value!;
            Assert.Equal((i, new ValidTime(i, 1_000 + i)), (edge.Content!.Fields["n"].AsInt64(), edge.Content.Valid));
            Assert.Equal(then.GetEdge(Likes).Value, edge.Content);
            ProvenNode node = (ProvenNode)ProofVerifier.VerifyInclusion(then.Prove(Chunk).Value!.ToBytes(), versions[i].StateHash).Value!;
            Assert.Equal(then.GetNode(Chunk).Value, node.Content);
        }
    }

    /// <summary>A document and a chunk, an edge with everything, one with nothing, and one of each that was deleted.</summary>
    internal static ValoriKernel Graph()
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(PutNode.Of(NodeKind.Document, null, new FieldsBuilder { ["title"] = "tea" }.Build()));
        kernel.Apply(PutNode.Of(NodeKind.Chunk, null, Fields.Empty));
        kernel.Apply(PutNode.Of(NodeKind.Chunk, null, Ada));
        kernel.Apply(PutEdge.Of(Document, Chunk, EdgeKind.RefersTo, Ada, new ValidTime(10, 20)));
        kernel.Apply(PutEdge.Of(Document, Chunk, EdgeKind.ParentOf, Fields.Empty, default));
        kernel.Apply(PutEdge.Of(Chunk, new NodeId(2), EdgeKind.ParentOf, Ada, default));
        kernel.Apply(new DeleteNode(new NodeId(2)));
        return kernel;
    }
}
