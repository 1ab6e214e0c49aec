using Akka.Actor;
using Valori.Actors.Queries;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Kernel.Merkle;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

/// <summary>Queries that may take a second have a lane of their own: what is in it holds up nothing outside of it.</summary>
public sealed class CostlyQueryTests() : EngineTestKit($$"""
    valori.query-actors = 1
    valori.costly-queries { actors = 1, max-waiting = 2 }
    akka.actor.serialize-messages = off
    valori.read-journal-plugin-id = "held-read-journal"
    held-read-journal.class = "{{typeof(HeldReadJournalProvider).AssemblyQualifiedName}}"
    """)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Searches_are_answered_while_the_costly_lane_is_full_and_past_its_limit_one_is_told()
    {
        IActorRef gateway = Open(), other = Open("other");
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
        // Each keeps the one costly actor until the journal answers, which it does not.
        Task<object>[] held = [.. Enumerable.Range(0, 3).Select(_ => gateway.Ask<object>(new GetTimeline(1, 1), Patience))];
        EngineFailure overloaded = await gateway.Ask<EngineFailure>(new GetTimeline(1, 1), Patience);
        Assert.Equal(EngineFailureKind.Overloaded, overloaded.Kind);
        Assert.Equal("2 costly queries are waiting, which is the limit (valori.costly-queries.max-waiting); nothing was done, try again later", overloaded.Message);
        for (int i = 0; i < 20; i++)
        {
            Assert.Single((await gateway.Ask<SearchHits>(new Search(new SearchQuery(Insert(1, 1).Vectors, 1)), Patience)).Hits);
            Assert.Empty((await other.Ask<SearchHits>(new Search(new SearchQuery(Insert(1, 1).Vectors, 1)), Patience)).Hits);
        }
        // Nor do proofs wait, of whatever state.
        Assert.IsType<ContentProof>(await gateway.Ask<object>(new ProveContent(ContentKind.Record, 0) { AsOf = AsOf.SequenceNr(2) }, Patience));
        Assert.All(held, task => Assert.False(task.IsCompleted));
        HeldReadJournal.Release(Sys);
        foreach (object answer in await Task.WhenAll(held)) Assert.Equal(EngineFailureKind.Recovering, Assert.IsType<EngineFailure>(answer).Kind);
        // The actor is idle again.
        Assert.IsType<TreeDigests>(await gateway.Ask<object>(new GetTreeDigests(ContentKind.Record, [new TreePlace(0, 0)]) { AsOf = AsOf.SequenceNr(2) }, Patience));
    }

    [Fact]
    public void What_goes_through_the_past_the_journal_or_the_whole_graph_is_costly_and_nothing_else()
    {
        // Past the numbers up to which all that a list or a walk can read is little. Every record of a user has the same one but the first.
        const int rows = 8_193;
        ValoriKernel kernel = new(1);
        RecordAttributes[] attributes = [.. Enumerable.Range(0, rows).Select(i => new RecordAttributes { Key = $"{i}", Fields = new FieldsBuilder { ["user"] = i == 0 ? "ada" : "bob" }.Build() })];
        Apply(new PutRecords(VectorBlock.FromComponents(1, new float[rows]).Value!, new ulong[rows], attributes));
        NodeId few = new(0), hub = new(1);
        Apply(new CreateNode(NodeKind.Chunk, null));
        Apply(new CreateNode(NodeKind.Chunk, null));
        for (int i = 0; i < rows; i++) Apply(new CreateEdge(hub, hub, EdgeKind.ParentOf));
        Traversal referring = new() { EdgeKinds = [EdgeKind.RefersTo] };
        History whole = new(), later;
        for (int i = 1; i <= 5; i++) whole.Extend(i, kernel.StateHash, kernel.Mark());
        later = new History(5, 5, whole.Chain, whole.FrontierAt(5), kernel.Mark());
        DurableView view = new(kernel.TakeView(), later, 5, 5, later.Chain, 5, MemoryBytes: 0, IsInsideRestore: false);
        AsOf then = AsOf.SequenceNr(5);
        Search search = new(new SearchQuery(Insert(1, 1).Vectors, 1));
        Search Filtered(int conditions) => new(search.Query with { Filter = Filter.And([.. Enumerable.Range(0, conditions).Select(n => Filter.Ne("n", n))]) });
        Query[] costly =
        [
            new ProveHistory(1, 5), new GetTimeline(1, 1), new GetTreeDigests(ContentKind.Record, []) { AsOf = then },
            search with { AsOf = AsOf.StateHash(kernel.StateHash) }, new Expand(new NodeId(0), 4), new SearchExpand(search.Query, 4),
            Filtered(33), new SearchBatch(Filtered(33).Query), new SearchExpand(Filtered(33).Query, 0),
            new CountRecords(Filter.Eq("user", "bob")), new ListRecords(Filter.Gt("n", 1), 1), new ListRecords(Filter.All, 1) { Order = RecordOrder.ByKey },
            new ListRecords(Filter.All, 1) { Order = RecordOrder.By("user") }, new Distinct("user", Filter.All, 1), new CountRecords(Filter.In("user", [.. Enumerable.Range(0, 33).Select(i => (FieldValue)i)])),
            new ListEdges(Filter.Eq("n", 1), 1), new ListEdges(Filter.All, 1) { Kinds = [EdgeKind.RefersTo] }, new ListEdges(Filter.Eq("n", 1), 1) { Node = hub },
            new Expand(hub, 1) { Traversal = referring }, new Expand(few, 2) { Traversal = referring }, new GetSubgraph([few, hub], 1), new GetSubgraph([hub], 1) { Traversal = Traversal.Outgoing, Limit = 1_001 },
            new SearchSubgraph(search.Query, 2), new SearchSubgraph(search.Query with { K = 1_001 }, 1), new SearchSubgraph(search.Query, 1) { Limit = 1_001 },
        ];
        Query[] ordinary =
        [
            search, search with { AsOf = then }, new GetRecord(new RecordId(0)), new GetMany([new RecordId(0)]), new ProveContent(ContentKind.Record, 0), new ProveContent(ContentKind.Record, 0) { AsOf = then }, new Expand(new NodeId(0), 3), new GetStatus(),
            new CountRecords(Filter.All), new CountRecords(Filter.Eq("user", "ada")), new ListRecords(Filter.All, 1_000), new ListRecords(Filter.All, -1), new ListRecords(Filter.Eq("user", "ada"), 1) { Order = RecordOrder.By("n") },
            new Distinct("user", Filter.Eq("user", "ada"), 1), new ListNodes(Filter.All, 1), new ListEdges(Filter.All, 1), new ListEdges(Filter.All, 1) { Node = hub }, new ListEdges(Filter.Eq("n", 1), 1) { Node = few },
            new Expand(hub, 3), new Expand(few, 1) { Traversal = referring }, new Expand(new NodeId(9), 1) { Traversal = referring }, new GetSubgraph([few], 1), new GetSubgraph([hub], 3) { Traversal = Traversal.Outgoing }, new SearchSubgraph(search.Query, 1),
            new SearchExpand(search.Query, 3), new ProveHistory(6, 6), Filtered(32), new Search(search.Query with { Filter = Filter.In("id", Enumerable.Range(0, 1_024).Select(id => (ulong)id)) }),
        ];
        Assert.All(costly, query => Assert.True(QueryLanes.IsCostly(query, view), $"{query}"));
        Assert.All(ordinary, query => Assert.False(QueryLanes.IsCostly(query, view), $"{query}"));
        // Once the keys are sorted, a page goes on from its place.
        ListRecords byKey = new(Filter.All, 1) { Order = RecordOrder.ByKey };
        view.View.List(new ListQuery(byKey.Filter, byKey.Limit) { Order = byKey.Order });
        Assert.False(QueryLanes.IsCostly(byKey, view));
        // Once the journal was read, its chain values are in memory.
        later.LearnChainsBefore(whole);
        Assert.False(QueryLanes.IsCostly(new ProveHistory(1, 5), view));

        void Apply(Command command) => kernel.Apply(kernel.Decide(command).Value!);
    }

    [Fact]
    public void Past_the_comparisons_under_way_one_is_told_and_each_that_ends_makes_room()
    {
        AnswerLimit limit = new(1, "comparisons");
        QueriedEngine engine = new("test", TestActor, null!, Lanes: null!, new PublishedView(), Costly: null!);
        QueryWork work = new(new CompareWith(new EngineAddress(TestActor.Path.Address, "other"), 1), null!, TestActor, engine);
        TaskCompletionSource<Comparison> first = new();
        limit.Run(work, () => first.Task);
        limit.Run<Comparison>(work, () => throw new InvalidOperationException("must not run"));
        Assert.Equal(EngineFailureKind.Overloaded, ExpectMsg<EngineFailure>(Patience).Kind);
        first.SetException(new RefusedException(new Refusal(RefusalKind.Conflict, "first")));
        Assert.Equal("first", ExpectMsg<Refusal>(Patience).Message);
        AwaitAssert(() =>
        {
            limit.Run(work, () => Task.FromException<Comparison>(new RefusedException(new Refusal(RefusalKind.Conflict, "second"))));
            Assert.Equal("second", ExpectMsg<Refusal>(Patience).Message);
        }, Patience, TimeSpan.FromMilliseconds(5));
    }
}
