using Valori.Protocol;

namespace Valori.Kernel.Tests;

/// <summary>A View never changes.</summary>
public sealed class ViewTests
{
    [Theory]
    [InlineData(11, 4)]
    [InlineData(12, 200)]
    public void A_view_gives_the_same_answers_after_ten_thousand_further_commands(int seed, int dimension)
    {
        RandomCommands commands = new(seed, dimension);
        ValoriKernel kernel = new(dimension);
        NaiveModel model = new(dimension);
        for (int i = 0; i < 500; i++) Execute(kernel, model, commands.Next());

        View view = kernel.TakeView();
        VectorBlock query = commands.Vectors(1);
        string before = Describe(view, query);
        for (int i = 0; i < 10_000; i++)
        {
            if (kernel.Decide(commands.Next()).TryGet(out Event? happened, out _)) kernel.Apply(happened);
        }
        Assert.NotEqual(kernel.StateHash, view.StateHash);
        Assert.Equal(before, Describe(view, query));
        ModelTests.Compare(view, model, commands, $"seed {seed}");
    }

    [Fact]
    public async Task Views_stay_right_while_readers_race_the_writer()
    {
        const int dimension = 6, seed = 13;
        RandomCommands commands = new(seed, dimension);
        ValoriKernel kernel = new(dimension);
        VectorBlock query = commands.Vectors(1);
        using System.Collections.Concurrent.BlockingCollection<(View View, string Expected)> taken = new(boundedCapacity: 64);

        // A View is described at once, while nothing happens, and again by readers while the writer goes on.
        Task writer = Task.Run(() =>
        {
            for (int i = 0; i < 4000; i++)
            {
                if (kernel.Decide(commands.Next()).TryGet(out Event? happened, out _)) kernel.Apply(happened);
                if (i % 20 == 0) taken.Add((kernel.TakeView(), Describe(kernel.TakeView(), query)));
            }
            taken.CompleteAdding();
        });
        Task<int>[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            int compared = 0;
            foreach ((View view, string expected) in taken.GetConsumingEnumerable())
            {
                for (int again = 0; again < 5; again++, compared++) Assert.Equal(expected, Describe(view, query));
            }
            return compared;
        }))];
        await writer;
        Assert.Equal(1000, (await Task.WhenAll(readers)).Sum());
    }

    [Fact]
    public void Records_widen_in_place_without_a_trace_in_older_views_or_scores()
    {
        ValoriKernel kernel = new(2);
        kernel.Apply(new InsertRecords(Golden.Block(2, 0.25f, 0.25f), new ulong[1]));
        View narrow = kernel.TakeView();
        kernel.Apply(new InsertRecords(Golden.Block(2, 300f, -300f), new ulong[1]));
        View both = kernel.TakeView();
        VectorBlock query = Golden.Block(2, 0.25f, 1f);
        long near = (long)(0.75 * 65536 * 0.75 * 65536);
        Assert.Equal([new SearchHit(new RecordId(0), near)], narrow.Search(query, 5, null).Value!);
        Assert.Equal(new SearchHit(new RecordId(0), near), both.Search(query, 5, null).Value![0]);
        Assert.Equal([(int)(300 * 65536), (int)(-300 * 65536)], both.GetRecord(new RecordId(1)).Value!.Vector.ToArray());
    }

    [Fact]
    public void The_score_is_exact_at_the_largest_distance_there_is()
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(new InsertRecords(Golden.Block(1, 23170.474f), new ulong[1]));
        SearchHit hit = kernel.TakeView().Search(Golden.Block(1, -23170.474f), 1, null).Value![0];
        long raw = (long)(23170.474f * 65536.0);
        Assert.Equal(4 * raw * raw, hit.Score);
        Assert.True(hit.Score > long.MaxValue / 4 * 3);
    }

    [Fact]
    public void Ties_come_in_id_order_and_k_may_exceed_what_is_there()
    {
        ValoriKernel kernel = new(1);
        for (int i = 0; i < 9000; i++) kernel.Apply(new InsertRecords(Golden.Block(1, i % 2), new ulong[1]));
        SearchHit[] hits = kernel.TakeView().Search(Golden.Block(1, 0), 10, null).Value!;
        Assert.Equal([0, 2, 4, 6, 8, 10, 12, 14, 16, 18], hits.Select(hit => (int)hit.Id.Value));
        Assert.Equal(9000, kernel.TakeView().Search(Golden.Block(1, 0), int.MaxValue, null).Value!.Length);
    }

    [Fact]
    public void Search_then_expand_finds_the_nodes_around_each_hit()
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(new InsertRecords(Golden.Block(1, 0, 1), new ulong[2]));
        kernel.Apply(new CreateNode(NodeKind.Document, null));
        kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(0)));
        kernel.Apply(new CreateNode(NodeKind.Record, new RecordId(0)));
        kernel.Apply(new CreateEdge(new NodeId(1), new NodeId(0), EdgeKind.RefersTo));
        ExpandedHit[] hits = kernel.TakeView().SearchExpand(Golden.Block(1, 0), 2, null, 1).Value!;
        Assert.Equal([1UL, 2, 0], hits[0].Nodes.Select(node => node.Value));
        Assert.Empty(hits[1].Nodes);
        Assert.Equal([1UL, 2], kernel.TakeView().SearchExpand(Golden.Block(1, 0), 1, null, 0).Value![0].Nodes.Select(node => node.Value));
    }

    [Fact]
    public void Questions_that_make_no_sense_are_refused_with_the_value()
    {
        View view = new ValoriKernel(2).TakeView();
        Assert.Equal("k is 0; it must be at least 1", view.Search(Golden.Block(2, 0, 0), 0, null).Refusal!.Message);
        Assert.Equal("expected 2 components, got 3", view.Search(Golden.Block(3, 0, 0, 0), 1, null).Refusal!.Message);
        Assert.Equal("node 4 does not exist", view.Expand(new NodeId(4), 1).Refusal!.Message);
        Assert.Equal("depth is -1; it must be at least 0", view.Expand(new NodeId(4), -1).Refusal!.Message);
        Assert.Empty(view.Search(Golden.Block(2, 0, 0), 5, null).Value!);
    }

    /// <summary>Everything that the View shows, in one text.</summary>
    internal static string Describe(View view, VectorBlock query)
    {
        List<string> lines = [view.StateHash.ToString(), $"{view.RecordCount} {view.NodeCount} {view.EdgeCount}"];
        lines.AddRange(view.Search(query, 50, null).Value!.Select(hit => hit.ToString()));
        lines.AddRange(view.Search(query, 50, 1).Value!.Select(hit => hit.ToString()));
        for (ulong id = 0; id < view.RecordSlots; id++)
        {
            Outcome<RecordContent> record = view.GetRecord(new RecordId(id));
            lines.Add(record.Value is { } content
                ? $"{id} {content.Tag} {string.Join(' ', content.Vector.ToArray())} {(content.Metadata is { } bytes ? Convert.ToHexString(bytes.Span) : "none")}"
                : record.Refusal!.Message);
        }
        for (ulong id = 0; id < view.NodeSlots; id++)
        {
            lines.Add(view.GetNode(new NodeId(id)) is { Value: { } node } ? node.ToString() : "no node");
            lines.Add(string.Join(' ', view.Expand(new NodeId(id), 2).Value ?? []));
        }
        for (ulong id = 0; id < view.EdgeSlots; id++) lines.Add(view.GetEdge(new EdgeId(id)) is { Value: { } edge } ? edge.ToString() : "no edge");
        return string.Join('\n', lines);
    }

    private static void Execute(ValoriKernel kernel, NaiveModel model, Command command)
    {
        if (kernel.Decide(command).TryGet(out Event? happened, out _)) kernel.Apply(happened);
        model.Execute(command);
    }
}
