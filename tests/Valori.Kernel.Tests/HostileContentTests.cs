using Valori.Kernel.Storage;
using Valori.Protocol;

namespace Valori.Kernel.Tests;

/// <summary>More than anybody needs: dense and deep graphs, many tags, large vectors. Answered within bounds, or refused.</summary>
[Trait("Category", "Slow")]
public sealed class HostileContentTests
{
    [Fact]
    public void An_answer_over_the_limit_is_refused_with_the_limit_and_one_at_it_is_given()
    {
        ValoriKernel kernel = Star(edges: 20);
        View view = kernel.TakeView();
        Assert.Equal(21, view.Expand(new NodeId(0), 1, Traversal.Outgoing, mostNodes: 21).Value!.Count);
        Refusal refusal = view.Expand(new NodeId(0), 1, Traversal.Outgoing, mostNodes: 20).Refusal!;
        Assert.Equal((RefusalKind.LimitExceeded, "more than 20 nodes are within depth 1, which is the limit of one answer: ask for a smaller depth"), (refusal.Kind, refusal.Message));
        Assert.Equal(20, view.GetEdges(new NodeId(0), mostEdges: 20).Value!.Outgoing.Count);
        refusal = view.GetEdges(new NodeId(0), mostEdges: 19).Refusal!;
        Assert.Equal(
            (RefusalKind.LimitExceeded, "node 0 has more than 19 edges, which is the limit of one answer: list them in pages"), (refusal.Kind, refusal.Message));

        SearchHit[] hits = view.Search(Golden.Block(2, 0, 0), 2, null).Value!;
        Assert.Equal([21, 1], view.ExpandHits(hits, 1, mostNodes: 22).Value!.Select(hit => hit.Nodes.Count));
        Assert.Equal(RefusalKind.LimitExceeded, view.ExpandHits(hits, 1, mostNodes: 21).Refusal!.Kind);
        Assert.Equal(RefusalKind.LimitExceeded, view.ExpandHits(hits, 1, mostNodes: 20).Refusal!.Kind);
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_nodes_is_walked_to_its_end()
    {
        const int nodes = 100_000;
        ValoriKernel kernel = new(2);
        for (int i = 0; i < nodes; i++)
        {
            kernel.Apply(new CreateNode(NodeKind.Chunk, null));
            if (i > 0) kernel.Apply(new CreateEdge(new NodeId((ulong)i - 1), new NodeId((ulong)i), EdgeKind.ParentOf));
        }
        IReadOnlyList<NodeId> reached = kernel.TakeView().Expand(new NodeId(0), int.MaxValue).Value!;
        Assert.Equal(nodes, reached.Count);
        Assert.Equal(new NodeId(nodes - 1), reached[^1]);
    }

    [Fact]
    public void A_node_with_a_million_edges_is_deleted_with_all_of_them_and_its_past_stays()
    {
        const int edges = 1_000_000;
        ValoriKernel kernel = Star(edges);
        View before = kernel.TakeView();
        // The command is refused now, and the event stands in journals.
        kernel.Apply(new NodeDeleted(new NodeId(0)));
        View after = kernel.TakeView();
        Assert.Equal(0UL, after.EdgeCount);
        Assert.Equal(edges + 1, before.Expand(new NodeId(0), 1).Value!.Count);
        Assert.Equal(edges, before.GetEdges(new NodeId(0)).Value!.Outgoing.Count);
        // Everything behind the proof was overwritten since.
        Assert.NotNull(Valori.ProofVerifier.VerifyInclusion(before.Prove(new EdgeId(7)).Value!.ToBytes(), before.StateHash).Value);
        Assert.NotNull(Valori.ProofVerifier.VerifyInclusion(after.Prove(new EdgeId(7)).Value!.ToBytes(), after.StateHash).Value);
    }

    [Fact]
    public void Two_million_tags_find_their_records()
    {
        const int records = 2_000_000;
        ValoriKernel kernel = new(1);
        ulong[] tags = [.. Enumerable.Range(0, records).Select(i => (ulong)i << 40)];
        kernel.Apply(new InsertRecords(VectorBlock.FromComponents(1, new float[records]).Value!, tags));
        View view = kernel.TakeView();
        foreach (int i in new[] { 0, 1, 77_777, records - 1 })
            Assert.Equal([new RecordId((ulong)i)], view.Search(Golden.Block(1, 0), 5, tags[i]).Value!.Select(hit => hit.Id));
    }

    [Fact]
    public void The_largest_dimension_with_the_largest_metadata_is_stored_searched_proven_and_saved()
    {
        const int dimension = Limits.MaximumDimension;
        ValoriKernel kernel = new(dimension);
        kernel.Apply(new InsertRecords(VectorBlock.FromComponents(dimension, new float[3 * dimension]).Value!, new ulong[3]));
        byte[] metadata = new byte[Limits.MaximumMetadataBytes];
        for (ulong id = 0; id < 3; id++) kernel.Apply(new SetMetadata(new RecordId(id), metadata));
        View view = kernel.TakeView();
        Assert.Equal(3, view.Search(Golden.Block(dimension, new float[dimension]), 9, null).Value!.Length);
        Assert.NotNull(Valori.ProofVerifier.VerifyInclusion(view.Prove(new RecordId(2)).Value!.ToBytes(), view.StateHash).Value);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ValoriKernel(dimension + 1));
    }

    [Fact]
    public void More_records_than_an_engine_can_have_are_refused()
    {
        ValoriKernel kernel = new(2);
        // Nobody waits for four billion inserts: the table is told that they are there.
        RecordTable records = InvariantTests.TablesOf(kernel).Records;
        typeof(RecordTable).GetProperty(nameof(RecordTable.Count))!.SetValue(records, Limits.MaximumRecords - 1);
        Assert.NotNull(kernel.Decide(new InsertRecords(Golden.Block(2, 1, 1), new ulong[1])).Value);
        Refusal refusal = kernel.Decide(new InsertRecords(Golden.Block(2, 1, 1, 2, 2), new ulong[2])).Refusal!;
        Assert.Equal(
            (RefusalKind.LimitExceeded, "2 records more than 4294967294 would exceed the limit of a collection, 4294967295: put them into another collection"), (refusal.Kind, refusal.Message));
    }

    /// <summary>Two records; node 0 stands for the first and has an edge to every other node, of which one stands for the second.</summary>
    private static ValoriKernel Star(int edges)
    {
        ValoriKernel kernel = new(2);
        kernel.Apply(new InsertRecords(Golden.Block(2, 0, 0, 1, 1), new ulong[2]));
        kernel.Apply(new CreateNode(NodeKind.Document, new RecordId(0)));
        for (int i = 1; i <= edges; i++)
        {
            kernel.Apply(new CreateNode(NodeKind.Chunk, i == 1 ? new RecordId(1) : null));
            kernel.Apply(new CreateEdge(new NodeId(0), new NodeId((ulong)i), EdgeKind.ParentOf));
        }
        return kernel;
    }
}
