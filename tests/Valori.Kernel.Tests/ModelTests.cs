using Valori.Protocol;

namespace Valori.Kernel.Tests;

/// <summary>The kernel against the naive model, command by command, with random scripts.</summary>
public sealed class ModelTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 8)]
    [InlineData(4, 33)]
    [InlineData(5, 700)]
    [InlineData(6, 40_000)]
    [InlineData(7, 3, Metric.L2, 6)]
    [InlineData(8, 3, Metric.Cosine)]
    [InlineData(9, 700, Metric.Cosine, -2)]
    [InlineData(10, 40, Metric.Cosine, 14)]
    [InlineData(11, 3, Metric.Dot)]
    [InlineData(12, 700, Metric.Dot, 16)]
    [InlineData(13, 1, Metric.Dot, -16)]
    public void Every_answer_equals_the_model_s(int seed, int dimension, Metric metric = Metric.L2, int scaleExponent = 0)
    {
        EngineSchema schema = new(dimension, metric, scaleExponent);
        RandomCommands commands = new(seed, schema);
        ValoriKernel kernel = new(schema);
        NaiveModel model = new(schema);
        int steps = dimension > 1000 ? 60 : 600;
        for (int step = 0; step < steps; step++)
        {
            string place = $"seed {seed}, step {step}";
            Command command = commands.Next();
            Digest before = kernel.StateHash;
            bool isAccepted = kernel.Decide(command).TryGet(out Event? happened, out _);
            if (isAccepted) kernel.Apply(happened!);
            Assert.True(model.Execute(command) == isAccepted, $"{place}: {command}");
            if (!isAccepted) Assert.Equal(before, kernel.StateHash);
            if (step % 10 == 0 || step == steps - 1) Compare(kernel.TakeView(), model, commands, place);
        }
    }

    internal static void Compare(View view, NaiveModel model, RandomCommands commands, string place)
    {
        Assert.True(model.StateHash() == view.StateHash, $"{place}: state hash");
        Assert.Equal((ulong)model.Records.Count(record => record is not null), view.RecordCount);
        Assert.Equal((ulong)model.Nodes.Count(node => node is not null), view.NodeCount);
        Assert.Equal((ulong)model.Edges.Count(edge => edge is not null), view.EdgeCount);

        VectorBlock query = commands.Vectors(1);
        Filter[] filters = [Filter.All, Filter.Tag(0), Filter.Tag(2), Filter.Tag(77), .. Enumerable.Range(0, 6).Select(_ => commands.Filter())];
        foreach (Filter filter in filters)
        {
            SearchQuery search = new(query, 1 + commands.Number(20)) { Filter = filter };
            (ulong, long)[] hits = [.. view.Search(search).Value!.Select(hit => (hit.Id.Value, hit.Score))];
            Assert.True(model.Search(search).SequenceEqual(hits), $"{place}: {search}");
            if (hits.Length == 0) continue;
            search = search with { ScoreLimit = hits[commands.Number(hits.Length)].Item2, Offset = commands.Number(4) };
            hits = [.. view.Search(search).Value!.Select(hit => (hit.Id.Value, hit.Score))];
            Assert.True(model.Search(search).SequenceEqual(hits), $"{place}: {search}");
        }

        for (int node = 0; node < model.Nodes.Count; node += 3)
        {
            int depth = commands.Number(4);
            Outcome<IReadOnlyList<NodeId>> expanded = view.Expand(new NodeId((ulong)node), depth);
            Assert.Equal(model.Expand((ulong)node, depth), expanded.Value?.Select(id => id.Value));
            Traversal traversal = commands.Traversal();
            expanded = view.Expand(new NodeId((ulong)node), depth, traversal);
            List<ulong>? walked = model.Expand((ulong)node, depth, traversal);
            Assert.Equal(walked, expanded.Value?.Select(id => id.Value));
            Subgraph? around = view.Subgraph(new SubgraphQuery([new NodeId((ulong)node)], depth) { Traversal = traversal }).Value;
            Assert.Equal(walked, around?.Nodes.Select(found => found.Id.Value));
            if (walked is not null) Assert.Equal(model.EdgesAmong(walked, traversal), around!.Edges.Select(edge => edge.Id.Value));
            NodeEdges? edges = view.GetEdges(new NodeId((ulong)node)).Value;
            Assert.Equal(model.Nodes[node] is null, edges is null);
            if (edges is null) continue;
            Assert.Equal(EdgesWhere(model, edge => edge.From == (ulong)node), edges.Outgoing.Select(edge => edge.Id.Value));
            Assert.Equal(EdgesWhere(model, edge => edge.To == (ulong)node), edges.Incoming.Select(edge => edge.Id.Value));
        }

        Traversal lists = commands.Traversal();
        Assert.Equal(model.NodesTaken(lists.NodeKinds, lists.NodeFilter), Pages(view, lists).Select(node => node.Id.Value));
        EdgeListQuery allEdges = new(lists.EdgeFilter, 1_000) { Kinds = lists.EdgeKinds, ValidAtUnixMicroseconds = lists.ValidAtUnixMicroseconds };
        Assert.Equal(model.EdgesTaken(lists), view.ListEdges(allEdges).Value!.Edges.Select(edge => edge.Id.Value));

        for (int record = 0; record < model.Records.Count; record += 5)
        {
            RecordContent? content = view.GetRecord(new RecordId((ulong)record)).Value;
            Assert.Equal(model.Records[record] is null, content is null);
            if (content is null) continue;
            Assert.Null(model.Records[record]!.Value.Difference(NaiveRecord.Of(content)));
        }
        for (int node = 0; node < model.Nodes.Count; node += 3)
            Assert.Equal(model.Nodes[node], view.GetNode(new NodeId((ulong)node)).Value is { } found ? NaiveNode.Of(found) : null);
        for (int edge = 0; edge < model.Edges.Count; edge += 3)
            Assert.Equal(model.Edges[edge], view.GetEdge(new EdgeId((ulong)edge)).Value is { } found ? NaiveEdge.Of(found) : null);
        foreach (RecordKey key in RandomCommands.Keys) Assert.Equal(model.Find(key.ToString()), view.GetRecord(key).Value?.Id.Value);
    }

    /// <summary>A list of nodes, a few at a time.</summary>
    private static List<NodeContent> Pages(View view, Traversal traversal)
    {
        List<NodeContent> nodes = [];
        NodeListQuery query = new(traversal.NodeFilter, 7) { Kinds = traversal.NodeKinds };
        do
        {
            NodePage page = view.ListNodes(query).Value!;
            nodes.AddRange(page.Nodes);
            query = query with { Cursor = page.Cursor };
        }
        while (query.Cursor is not null);
        return nodes;
    }

    private static IEnumerable<ulong> EdgesWhere(NaiveModel model, Func<NaiveEdge, bool> matches) =>
        model.Edges.Select((edge, i) => (edge, i)).Where(row => row.edge is { } live && matches(live)).Select(row => (ulong)row.i);
}
