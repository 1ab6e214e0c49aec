namespace Valori.Kernel.Tests.Graph;

/// <summary>Lists of nodes and edges: filters, pages and their cursors.</summary>
public sealed class GraphListTests
{
    [Fact]
    public void Nodes_are_listed_by_kind_field_and_record()
    {
        ValoriKernel kernel = WalkTests.People();
        View view = kernel.TakeView();
        Assert.Equal([0UL, 1, 2, 3], Nodes(view, new NodeListQuery(Filter.All, 9)));
        Assert.Equal([1UL, 3], Nodes(view, new NodeListQuery(Filter.In("name", "bob", "office", "cafe"), 9) { Kinds = [new NodeKind(7)] }));
        Assert.Equal([2UL], Nodes(view, new NodeListQuery(Filter.All, 9) { Record = new RecordId(1) }));
        Assert.Empty(Nodes(view, new NodeListQuery(Filter.Eq("name", "ada"), 9) { Record = new RecordId(1) }));
        Assert.Empty(Nodes(view, new NodeListQuery(Filter.All, 9) { Record = new RecordId(0) }));
        Assert.Equal([3UL], Nodes(view, new NodeListQuery(Filter.Gt("id", 2), 9)));
    }

    [Fact]
    public void Nodes_of_a_record_that_was_replaced_are_those_of_the_one_in_its_place_and_the_past_is_as_it_was()
    {
        ValoriKernel kernel = new(1);
        RecordAttributes attributes = new() { Key = "k" };
        kernel.Apply(new PutRecords(Golden.Block(1, 1), new ulong[1], [attributes]));
        kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(0)));
        View before = kernel.TakeView();
        kernel.Apply(new PutRecords(Golden.Block(1, 2), new ulong[1], [attributes], Replace: true));
        kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(1)));
        Assert.Empty(Nodes(kernel.TakeView(), new NodeListQuery(Filter.All, 9) { Record = new RecordId(0) }));
        Assert.Equal([0UL, 1], Nodes(kernel.TakeView(), new NodeListQuery(Filter.All, 9) { Record = new RecordId(1) }));
        Assert.Equal([0UL], Nodes(before, new NodeListQuery(Filter.All, 9) { Record = new RecordId(0) }));
        Assert.Equal("record 1 does not exist", before.ListNodes(new NodeListQuery(Filter.All, 9) { Record = new RecordId(1) }).Refusal!.Message);
    }

    [Fact]
    public void Edges_are_listed_of_all_nodes_or_of_one_by_kind_field_and_valid_time()
    {
        View view = WalkTests.People().TakeView();
        Assert.Equal([0UL, 1, 2, 3, 4], Edges(view, new EdgeListQuery(Filter.All, 9)));
        Assert.Equal([0UL], Edges(view, new EdgeListQuery(Filter.Eq("role", "cook"), 9) { ValidAtUnixMicroseconds = 120 }));
        Assert.Equal([1UL, 2, 3], Edges(view, new EdgeListQuery(Filter.All, 9) { Node = new NodeId(1) }));
        Assert.Equal([1UL], Edges(view, new EdgeListQuery(Filter.All, 9) { Node = new NodeId(1), Direction = EdgeDirection.In }));
        Assert.Equal([2UL, 3], Edges(view, new EdgeListQuery(Filter.All, 9) { Node = new NodeId(1), Kinds = [new EdgeKind(10)] }));
    }

    [Fact]
    public void Pages_follow_each_other_and_a_cursor_belongs_to_its_list_alone()
    {
        View view = WalkTests.People().TakeView();
        EdgeListQuery query = new(Filter.All, 2) { Scope = "notes" };
        EdgePage first = view.ListEdges(query).Value!;
        Assert.Equal([0UL, 1], first.Edges.Select(edge => edge.Id.Value));
        EdgePage second = view.ListEdges(query with { Cursor = first.Cursor }).Value!;
        Assert.Equal([2UL, 3], second.Edges.Select(edge => edge.Id.Value));
        EdgePage third = view.ListEdges(query with { Cursor = second.Cursor, Limit = 9 }).Value!;
        Assert.Equal(4UL, Assert.Single(third.Edges).Id.Value);
        Assert.Null(third.Cursor);
        // What fits a page ends it, even if its first one is too large.
        Assert.Single(view.ListEdges(query, mostBytes: 1).Value!.Edges);

        NodeListQuery nodes = new(Filter.All, 2) { Scope = "notes" };
        foreach (EdgeListQuery other in new[]
        {
            query with { Filter = Filter.Ne("a", 1) }, query with { Kinds = [new EdgeKind(10)] }, query with { Node = new NodeId(0) },
            query with { Node = new NodeId(0), Direction = EdgeDirection.Out }, query with { ValidAtUnixMicroseconds = 5 }, query with { Scope = "other" },
        })
            Assert.Equal(NotOfThisList, view.ListEdges(other with { Cursor = first.Cursor }).Refusal?.Message);
        foreach (string cursor in new[] { "", "x", first.Cursor![..^1], first.Cursor + "=", view.ListNodes(nodes).Value!.Cursor!, new string('A', first.Cursor.Length) })
            Assert.Equal(NotOfThisList, view.ListEdges(query with { Cursor = cursor }).Refusal?.Message);
        Assert.Equal(NotOfThisList, view.ListNodes(nodes with { Cursor = first.Cursor }).Refusal?.Message);
        Assert.Equal([2UL, 3], Nodes(view, nodes with { Cursor = view.ListNodes(nodes).Value!.Cursor }));
    }

    [Fact]
    public void A_list_that_cannot_be_is_refused_with_its_reason_and_one_that_runs_can_be_cancelled()
    {
        View view = WalkTests.People().TakeView();
        Assert.Equal("limit is 0; it must be in 1..1000", view.ListNodes(new NodeListQuery(Filter.All, 0)).Refusal!.Message);
        Assert.Equal("limit is 1001; it must be in 1..1000", view.ListEdges(new EdgeListQuery(Filter.All, 1_001)).Refusal!.Message);
        Assert.StartsWith("the filter is about 'tag', and a node has none", view.ListNodes(new NodeListQuery(Filter.Tag(1), 1)).Refusal!.Message);
        Assert.StartsWith("the filter is about 'key', and an edge has none", view.ListEdges(new EdgeListQuery(Filter.Key("k"), 1)).Refusal!.Message);
        Assert.Equal("a direction is given, and no node: it says which edges of a node are listed", view.ListEdges(new EdgeListQuery(Filter.All, 1) { Direction = EdgeDirection.In }).Refusal!.Message);
        Assert.Equal("node 9 does not exist", view.ListEdges(new EdgeListQuery(Filter.All, 1) { Node = new NodeId(9) }).Refusal!.Message);
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => view.Expand(new NodeId(0), 1, Traversal.Around, stop.Token));
        Assert.Throws<OperationCanceledException>(() => view.Subgraph(new SubgraphQuery([new NodeId(0)], 1), stop.Token));
        Assert.Throws<OperationCanceledException>(() => view.ListNodes(new NodeListQuery(Filter.All, 1), stop.Token));
        Assert.Throws<OperationCanceledException>(() => view.ListEdges(new EdgeListQuery(Filter.All, 1), stop.Token));
    }

    private const string NotOfThisList = "the cursor is not one of this list: it comes from a page of the same collection with the same filters and as_of, and is sent back as it is";

    private static IEnumerable<ulong> Nodes(View view, NodeListQuery query) => view.ListNodes(query).Value!.Nodes.Select(node => node.Id.Value);

    private static IEnumerable<ulong> Edges(View view, EdgeListQuery query) => view.ListEdges(query).Value!.Edges.Select(edge => edge.Id.Value);
}
