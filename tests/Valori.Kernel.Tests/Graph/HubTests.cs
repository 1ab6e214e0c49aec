using Valori.Protocol;

namespace Valori.Kernel.Tests.Graph;

/// <summary>A node with so many edges that to delete it at once would hold up everything else.</summary>
public sealed class HubTests
{
    private static readonly NodeId Hub = new(0), Other = new(1), Leaf = new(2), Last = new(3);

    [Fact]
    public void A_node_with_more_edges_than_the_limit_is_deleted_after_edges_were()
    {
        ValoriKernel kernel = HubWith(Limits.MaximumDeletedEdges + 1);
        Refusal refusal = kernel.Decide(new DeleteNode(Hub)).Refusal!;
        Assert.Equal(RefusalKind.LimitExceeded, refusal.Kind);
        Assert.Equal(
            "node 0 has 65537 edges, which would be deleted with it; the limit is 65536 in one event. Delete edges first: list them with the node's id, and delete up to 16384 in one transaction",
            refusal.Message);

        kernel.Apply(new DeleteEdge(new EdgeId(7)));
        kernel.Apply(new DeleteNode(Hub));
        Assert.Equal(0UL, kernel.TakeView().EdgeCount);
    }

    [Fact]
    public void An_edge_from_a_node_to_itself_is_one()
    {
        ValoriKernel kernel = HubWith(Limits.MaximumDeletedEdges - 1);
        kernel.Apply(new CreateEdge(Hub, Hub, EdgeKind.RefersTo));
        kernel.Apply(new DeleteNode(Hub));
        Assert.Equal(0UL, kernel.TakeView().EdgeCount);
    }

    [Fact]
    public void All_commands_of_a_transaction_together_delete_no_more_edges_than_one()
    {
        ValoriKernel kernel = HubWith(Limits.MaximumDeletedEdges - 1);
        for (int i = 0; i < 2; i++) kernel.Apply(new CreateEdge(Other, Last, EdgeKind.RefersTo));
        TransactionPart hub = new(new DeleteNode(Hub)), other = new(new DeleteNode(Other));
        Refusal refusal = kernel.Decide(new Transact([hub, other])).Refusal!;
        Assert.StartsWith("command 1: node 1 has 2 edges, which would be deleted with it; the limit is 65536 in one event, of which 1 are left in this transaction", refusal.Message);
        // What is deleted before, or created here, does not count.
        kernel.Apply(new Transact([new(new CreateEdge(Other, Last, EdgeKind.RefersTo)), other]));
        kernel.Apply(new Transact([hub, new(new DeleteNode(Last))]));
        Assert.Equal((1UL, 0UL), (kernel.TakeView().NodeCount, kernel.TakeView().EdgeCount));
    }

    /// <summary>Written before there was the limit.</summary>
    [Fact]
    public void An_event_that_deleted_more_edges_is_still_applied()
    {
        ValoriKernel kernel = HubWith(Limits.MaximumDeletedEdges + 1), other = HubWith(Limits.MaximumDeletedEdges + 1);
        kernel.Apply(new NodeDeleted(Hub));
        other.Apply(new Transacted([new NodeDeleted(Hub), new NodeDeleted(Leaf)]));
        Assert.Equal((0UL, 0UL), (kernel.TakeView().EdgeCount, other.TakeView().EdgeCount));
    }

    private static ValoriKernel HubWith(int edges)
    {
        ValoriKernel kernel = new(2);
        for (int i = 0; i < 4; i++) kernel.Apply(new CreateNode(NodeKind.Document, null));
        for (int i = 0; i < edges; i++) kernel.Apply(i % 2 == 0 ? new CreateEdge(Hub, Leaf, EdgeKind.ParentOf) : new CreateEdge(Leaf, Hub, EdgeKind.ParentOf));
        return kernel;
    }
}
