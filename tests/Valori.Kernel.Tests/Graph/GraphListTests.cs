using Valori.Kernel.Search;
using Valori.Kernel.Storage;
using Valori.Kernel.Tests.Snapshots;
using Valori.Protocol;

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
        Assert.Equal([0UL], Edges(view, new EdgeListQuery(Filter.Eq("role", "cook"), 9) { ValidAt = DateTimeOffset.UnixEpoch.AddMicroseconds(120) }));
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
        foreach (string cursor in new[] { "", "x", first.Cursor![..^1], first.Cursor + "=", view.ListNodes(nodes).Value!.Cursor!, new string('A', first.Cursor.Length), new string('!', first.Cursor.Length) })
            Assert.Equal(NotOfThisList, view.ListEdges(query with { Cursor = cursor }).Refusal?.Message);
        Assert.Equal(NotOfThisList, view.ListNodes(nodes with { Cursor = first.Cursor }).Refusal?.Message);
        Assert.Equal([2UL, 3], Nodes(view, nodes with { Cursor = view.ListNodes(nodes).Value!.Cursor }));
    }

    [Theory]
    [InlineData(EdgeDirection.Out)]
    [InlineData(EdgeDirection.In)]
    [InlineData(EdgeDirection.Both)]
    public void Pages_of_the_edges_of_a_hub_have_each_edge_once_also_if_the_edge_of_a_cursor_is_deleted_or_a_restart_comes_between(EdgeDirection direction)
    {
        const int seed = 31, edges = 300;
        Random random = new(seed);
        ValoriKernel kernel = new(1);
        for (int i = 0; i < 3; i++) kernel.Apply(new CreateNode(NodeKind.Chunk, null));
        // Node 0 is the hub, at both ends of some edges. What has no ends after a restart looks like an edge of it.
        for (int i = 0; i < edges; i++)
            kernel.Apply(new CreateEdge(new NodeId(i < 100 ? 0 : (ulong)random.Next(2)), new NodeId(i is >= 100 and < 200 ? 0 : (ulong)random.Next(3)), EdgeKind.ParentOf));
        List<ulong> expected = [], listed = [];
        EdgeListQuery query = new(Filter.All, 7) { Node = new NodeId(0), Direction = direction };
        for (int page = 0; ; page++)
        {
            View view = kernel.TakeView();
            ulong from = listed.Count == 0 ? 0 : listed[^1] + 1;
            expected = [.. listed, .. Enumerable.Range(0, edges).Select(i => (ulong)i).Where(i => i >= from && IsListed(view, i))];
            EdgePage found = view.ListEdges(query).Value!;
            listed.AddRange(found.Edges.Select(edge => edge.Id.Value));
            Assert.Equal(expected.Take(listed.Count), listed);
            if (found.Cursor is null) break;
            query = query with { Cursor = found.Cursor };
            // The next edge is the one of the cursor, or an edge before it.
            if (page % 3 > 0 && view.GetEdge(new EdgeId(expected[listed.Count])).Value is { } next) kernel.Apply(new DeleteEdge(next.Id));
            if (page % 3 > 1) kernel = SnapshotReader.Read(new MemoryStream(SnapshotTests.Write(kernel.TakeView(), 9)), "test").Kernel;
        }
        Assert.Equal(expected, listed);

        bool IsListed(View view, ulong id) => view.GetEdge(new EdgeId(id)).Value is { } edge
            && (direction != EdgeDirection.In && edge.From.Value == 0 || direction != EdgeDirection.Out && edge.To.Value == 0);
    }

    [Fact]
    public void A_page_of_the_edges_of_a_hub_begins_at_the_edge_of_its_cursor()
    {
        ValoriKernel kernel = new(1);
        for (int i = 0; i < 2; i++) kernel.Apply(new CreateNode(NodeKind.Chunk, null));
        for (ulong i = 0; i < 60; i++) kernel.Apply(new CreateEdge(new NodeId(i < 30 ? 0UL : 1), new NodeId(i < 30 ? 1UL : 0), EdgeKind.ParentOf));
        GraphTable graph = InvariantTests.TablesOf(kernel).Graph;
        foreach ((EdgeDirection direction, ulong first) in new[] { (EdgeDirection.Out, 20UL), (EdgeDirection.In, 50UL), (EdgeDirection.Both, 20UL), (EdgeDirection.Both, 50UL) })
        {
            NodeEdgeWalk before = new(graph, new NodeId(0), direction, 60), walk = new(graph, new NodeId(0), direction, 60), again = walk;
            while (before.MoveNext() && before.Edge.Value < first) { }
            walk.SkipTo(new NodeId(0), first, before.LinkBefore);
            Assert.True(walk.MoveNext());
            Assert.Equal(new EdgeId(first), walk.Edge);
            // Also the page after that.
            Assert.True(walk.MoveNext());
            again.SkipTo(new NodeId(0), first + 1, walk.LinkBefore);
            Assert.True(again.MoveNext());
            Assert.Equal(new EdgeId(first + 1), again.Edge);
        }
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
