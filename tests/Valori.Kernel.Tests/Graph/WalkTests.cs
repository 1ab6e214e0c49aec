using Valori.Protocol;

namespace Valori.Kernel.Tests.Graph;

/// <summary>Walks both ways, by kind, by field, by valid time and as of the past; subgraphs of nodes and of searches.</summary>
public sealed class WalkTests
{
    private static readonly EdgeKind WorksFor = new(10), Knows = new(11);
    private static readonly NodeId Ada = new(0), Bob = new(1), Cafe = new(2), Office = new(3);

    [Fact]
    public void A_walk_follows_edges_out_in_or_both_ways_in_the_order_of_the_edges()
    {
        View view = People().TakeView();
        Assert.Equal([Ada, Cafe, Bob], Walk(view, Ada, 1, Traversal.Outgoing));
        Assert.Equal([Ada], Walk(view, Ada, 9, new Traversal { Direction = EdgeDirection.In }));
        Assert.Equal([Cafe, Ada, Bob], Walk(view, Cafe, 1, new Traversal { Direction = EdgeDirection.In }));
        Assert.Equal([Bob, Ada, Office, Cafe], Walk(view, Bob, 1, Traversal.Around));
        Assert.Equal([Office, Bob], Walk(view, Office, 1, Traversal.Around));
        Assert.Equal([Office, Bob, Ada, Cafe], Walk(view, Office, 2, Traversal.Around));
    }

    [Fact]
    public void A_walk_takes_edges_by_kind_field_and_valid_time_and_nodes_by_kind_and_field()
    {
        View view = People().TakeView();
        Assert.Equal([Ada, Bob], Walk(view, Ada, 1, new Traversal { EdgeKinds = [Knows] }));
        Assert.Equal([Ada, Cafe], Walk(view, Ada, 1, new Traversal { EdgeFilter = Filter.Eq("role", "cook") }));
        Assert.Equal([Ada, Bob], Walk(view, Ada, 1, new Traversal { ValidAtUnixMicroseconds = 99 }));
        Assert.Equal([Ada, Cafe, Bob], Walk(view, Ada, 1, new Traversal { ValidAtUnixMicroseconds = 100 }));
        Assert.Equal([Ada, Bob], Walk(view, Ada, 1, new Traversal { ValidAtUnixMicroseconds = 200 }));
        // 99.9 microseconds, which is cut to 99.
        Assert.Equal([Ada, Bob], Walk(view, Ada, 1, new Traversal { ValidAt = DateTimeOffset.UnixEpoch.AddTicks(999) }));
        Assert.Equal([Ada, Cafe, Bob], Walk(view, Ada, 1, new Traversal { ValidAt = DateTimeOffset.UnixEpoch.AddTicks(1_000).ToOffset(TimeSpan.FromHours(2)) }));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), new Traversal { ValidAt = new DateTimeOffset(2026, 1, 2, 4, 4, 5, TimeSpan.FromHours(1)) }.ValidAt);
        Assert.Null(new Traversal { ValidAtUnixMicroseconds = long.MaxValue }.ValidAt);
        // Bob is not taken, and so nothing that lies after him.
        Assert.Equal([Ada, Cafe], Walk(view, Ada, 9, new Traversal { NodeFilter = Filter.Ne("name", "bob") }));
        Assert.Equal([Ada, Cafe], Walk(view, Ada, 9, new Traversal { NodeKinds = [new NodeKind(8)] }));
        // The start is always there.
        Assert.Equal([Ada], Walk(view, Ada, 0, new Traversal { NodeKinds = [new NodeKind(77)], NodeFilter = Filter.Id(3) }));
    }

    /// <summary>The two times of a fact: when it held, and what was known of it.</summary>
    [Fact]
    public void A_fact_that_ended_is_open_as_of_the_time_before_that_was_known()
    {
        ValoriKernel kernel = People();
        View before = kernel.TakeView();
        kernel.Apply(new SetEdgeValidTime(new EdgeId(2), new ValidTime(null, 500)));
        Traversal later = new() { ValidAtUnixMicroseconds = 600, EdgeKinds = [WorksFor] };
        Assert.Equal([Bob, Office, Cafe], Walk(before, Bob, 1, later));
        Assert.Equal([Bob, Cafe], Walk(kernel.TakeView(), Bob, 1, later));
        Assert.Equal([Bob, Office, Cafe], Walk(kernel.TakeView().AsOf(before.Version), Bob, 1, later));
    }

    [Fact]
    public void A_subgraph_has_each_node_and_each_edge_between_them_once_with_their_fields()
    {
        View view = People().TakeView();
        Subgraph graph = view.Subgraph(new SubgraphQuery([Ada, Cafe, Ada], 0)).Value!;
        Assert.Equal([Ada, Cafe], graph.Nodes.Select(node => node.Id));
        Assert.Equal(view.GetNode(Ada).Value, graph.Nodes[0]);
        Assert.Equal([view.GetEdge(new EdgeId(0)).Value!, view.GetEdge(new EdgeId(4)).Value!], graph.Edges);
        Assert.True(graph.IsComplete);
        graph = view.Subgraph(new SubgraphQuery([Ada], 2) { Traversal = Traversal.Around with { ValidAtUnixMicroseconds = 200 } }).Value!;
        Assert.Equal([Ada, Bob, Office, Cafe], graph.Nodes.Select(node => node.Id));
        Assert.Equal([1UL, 2, 3], graph.Edges.Select(edge => edge.Id.Value));
    }

    [Fact]
    public void A_subgraph_that_is_cut_off_has_what_is_nearest_and_says_so()
    {
        View view = People().TakeView();
        Subgraph graph = view.Subgraph(new SubgraphQuery([Office], 2) { Limit = 3 }).Value!;
        Assert.Equal([Office, Bob, Ada], graph.Nodes.Select(node => node.Id));
        Assert.False(graph.IsComplete);
        Assert.Equal([1UL, 2], graph.Edges.Select(edge => edge.Id.Value));
        Assert.True(view.Subgraph(new SubgraphQuery([Office], 2) { Limit = 4 }).Value!.IsComplete);
        Assert.False(view.SubgraphAround([Office], 2, Traversal.Around, 4, mostEdges: 4, long.MaxValue).IsComplete);
        Assert.True(view.SubgraphAround([Office], 2, Traversal.Around, 4, mostEdges: 5, long.MaxValue).IsComplete);
        graph = view.SubgraphAround([Office], 2, Traversal.Around, 4, 9, mostBytes: 3 * Limits.RecordBytes);
        Assert.False(graph.IsComplete);
        Assert.InRange(graph.Nodes.Count, 1, 3);
        Assert.Empty(graph.Edges);
    }

    [Fact]
    public void The_graph_around_the_records_of_a_search_begins_at_their_nodes()
    {
        ValoriKernel kernel = People();
        SearchHit[] hits = kernel.TakeView().Search(Golden.Block(1, 2.1f), 1, null).Value!;
        Subgraph graph = kernel.TakeView().Subgraph(hits, new SubgraphQuery([], 1)).Value!;
        Assert.Equal([Cafe, Ada, Bob], graph.Nodes.Select(node => node.Id));
        Assert.Equal(hits[0].Id, graph.Nodes[0].Record);
        Assert.Equal([0UL, 1, 3, 4], graph.Edges.Select(edge => edge.Id.Value));
    }

    [Fact]
    public void A_walk_remembers_no_node_that_does_not_match()
    {
        const int neighbours = 5_000;
        ValoriKernel kernel = new(1);
        kernel.Apply(new CreateNode(NodeKind.Chunk, null));
        for (ulong i = 1; i <= neighbours; i++)
        {
            kernel.Apply(new CreateNode(NodeKind.Chunk, null));
            kernel.Apply(new CreateEdge(new NodeId(0), new NodeId(i), EdgeKind.ParentOf));
        }
        View view = kernel.TakeView();
        Traversal nothing = new() { NodeKinds = [new NodeKind(77)] };
        Assert.Equal([new NodeId(0)], Walk(view, new NodeId(0), 1, nothing));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal([new NodeId(0)], Walk(view, new NodeId(0), 1, nothing));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, neighbours);
    }

    [Fact]
    public void Hits_of_another_View_are_refused_and_a_walk_around_hits_can_be_cancelled()
    {
        ValoriKernel kernel = People();
        View view = kernel.TakeView();
        SearchHit[] later = [new SearchHit(new RecordId(3), 0)];
        SubgraphQuery around = new([], 1);
        Assert.Equal("record 3 does not exist", view.Subgraph(later, around).Refusal!.Message);
        Assert.Equal("record 3 does not exist", view.ExpandHits(later, 1).Refusal!.Message);
        Assert.Equal("depth is -1; it must be at least 0", view.ExpandHits([], -1).Refusal!.Message);
        SearchHit[] hits = view.Search(Golden.Block(1, 2.1f), 1, null).Value!;
        kernel.Apply(new DeleteRecord(hits[0].Id));
        Assert.Equal("record 1 was deleted", kernel.TakeView().Subgraph(hits, around).Refusal!.Message);
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => view.Subgraph(hits, around, stop.Token));
        Assert.Throws<OperationCanceledException>(() => view.ExpandHits(hits, 1, stop.Token));
        Assert.Throws<OperationCanceledException>(() => view.GetEdges(Ada, stop.Token));
    }

    public static TheoryData<Traversal, string> WrongTraversals => new()
    {
        { new Traversal { Direction = (EdgeDirection)3 }, "the direction is 3; it must be out (0), in (1) or both (2)" },
        { new Traversal { ValidAtUnixMicroseconds = long.MaxValue }, "valid_at is 9223372036854775807 microseconds since 1970; it must be in the years 1 to 9999" },
        { new Traversal { EdgeFilter = Filter.Eq("a", 1) | Filter.Key("k") }, "edge_filter is about 'key', and an edge has none: it has fields and an id. A field of that name is $fields.key" },
        { new Traversal { NodeFilter = !(Filter.Eq("a", 1) & Filter.Tag(3)) }, "node_filter is about 'tag', and a node has none: it has fields, an id, and of a document a key. A field of that name is $fields.tag" },
        { new Traversal { NodeKinds = new NodeKind[257] }, "node_kinds has 257 kinds; there are 256" },
    };

    [Theory]
    [MemberData(nameof(WrongTraversals))]
    public void A_walk_that_cannot_be_is_refused_with_its_reason(Traversal traversal, string message)
    {
        View view = People().TakeView();
        Assert.Equal(message, view.Expand(Ada, 1, traversal).Refusal!.Message);
        Assert.Equal(message, view.Subgraph(new SubgraphQuery([Ada], 1) { Traversal = traversal }).Refusal!.Message);
        Assert.Equal(message, view.Subgraph([], new SubgraphQuery([], 1) { Traversal = traversal }).Refusal!.Message);
    }

    [Fact]
    public void A_subgraph_that_cannot_be_is_refused_with_its_reason()
    {
        View view = People().TakeView();
        Assert.Equal("depth is -1; it must be at least 0", view.Subgraph(new SubgraphQuery([Ada], -1)).Refusal!.Message);
        Assert.Equal("limit is 10001; it must be in 1..10000", view.Subgraph(new SubgraphQuery([Ada], 1) { Limit = 10_001 }).Refusal!.Message);
        Assert.Equal("limit is 0; it must be in 1..10000", view.Subgraph(new SubgraphQuery([Ada], 1) { Limit = 0 }).Refusal!.Message);
        Assert.Equal("there are 0 nodes to start from; it must be 1..1000", view.Subgraph(new SubgraphQuery([], 1)).Refusal!.Message);
        Assert.Equal("node 9 does not exist", view.Subgraph(new SubgraphQuery([Ada, new NodeId(9)], 1)).Refusal!.Message);
    }

    private static IReadOnlyList<NodeId> Walk(View view, NodeId start, int depth, Traversal traversal) => view.Expand(start, depth, traversal).Value!;

    /// <summary>
    /// Two people and two places, of which one stands for a record. Ada worked in the cafe from 100 to 200 and knows Bob; Bob works in the
    /// office since 50 and in the cafe; of the edge from Ada to the cafe there is a second one, and one that was deleted.
    /// </summary>
    internal static ValoriKernel People()
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(new InsertRecords(Golden.Block(1, 1, 2, 3), new ulong[3]));
        foreach (string name in new[] { "ada", "bob", "cafe", "office" })
            kernel.Apply(new PutNode(new NodeKind((byte)(name == "cafe" ? 8 : 7)), name == "cafe" ? new RecordId(1) : null, new FieldsBuilder { ["name"] = name }.Build()));
        Fields cook = new FieldsBuilder { ["role"] = "cook" }.Build();
        kernel.Apply(PutEdge.Of(Ada, Cafe, WorksFor, cook, new ValidTime(100, 200)));
        kernel.Apply(PutEdge.Of(Ada, Bob, Knows, Fields.Empty, default));
        kernel.Apply(PutEdge.Of(Bob, Office, WorksFor, Fields.Empty, new ValidTime(50, null)));
        kernel.Apply(PutEdge.Of(Bob, Cafe, WorksFor, Fields.Empty, default));
        kernel.Apply(PutEdge.Of(Ada, Cafe, WorksFor, cook, new ValidTime(150, 160)));
        kernel.Apply(PutEdge.Of(Office, Ada, Knows, cook, default));
        kernel.Apply(new DeleteEdge(new EdgeId(5)));
        return kernel;
    }
}
