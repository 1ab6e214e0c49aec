using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Tests.Queries;

/// <summary>Queries on a pool: shared, together, many at once; always the one answer.</summary>
public sealed class QueryActorTests() : EngineTestKit("valori.query-actors = 3")
{
    private const int Rows = 50_000; // seven segments of 8,192

    [Fact]
    public void A_search_is_answered_once_and_alike_whether_shared_by_idle_actors_or_not()
    {
        IActorRef gateway = Filled();
        for (int round = 0; round < 100; round++)
        {
            VectorBlock query = Insert(round % 7, round % 11).Vectors;
            gateway.Tell(new Search(new SearchQuery(query, 5)), TestActor);
            if (round % 2 == 0) gateway.Tell(new Search(new SearchQuery(query, 5)), TestActor);
            IReadOnlyList<SearchHit> hits = ExpectMsg<SearchHits>().Hits;
            Assert.Equal(Nearest(query, 5), hits);
            if (round % 2 == 0) Assert.Equal(hits, ExpectMsg<SearchHits>().Hits);
        }
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void Many_queries_together_give_what_each_gives_alone_in_their_order()
    {
        IActorRef gateway = Filled();
        VectorBlock queries = Insert([.. Enumerable.Range(0, 20).SelectMany(i => new float[] { i % 7, i % 11 })]).Vectors;
        gateway.Tell(new SearchBatch(new SearchQuery(queries, 4)), TestActor);
        SearchHitsBatch together = ExpectMsg<SearchHitsBatch>();
        Assert.Equal(20, together.Hits.Count);
        for (int i = 0; i < 20; i++) Assert.Equal(Nearest(Insert(i % 7, i % 11).Vectors, 4), together.Hits[i]);
    }

    [Fact]
    public void What_a_search_cannot_be_asked_for_is_refused()
    {
        IActorRef gateway = Filled();
        Refused(new Search(new SearchQuery(Insert(1, 2, 3, 4).Vectors, 1)), "expected one query vector, got 2");
        Refused(new SearchBatch(new SearchQuery(Insert(1, 2).Vectors, 0)), "k is 0");
        Refused(new SearchExpand(new SearchQuery(Insert(1, 2).Vectors, 1), -1), "depth is -1");
        Refused(new SearchBatch(new SearchQuery(Insert(new float[2 * 400]).Vectors, int.MaxValue)), "400 queries of 50000 hits are 20000000 hits; the limit of one search is 16777216");

        void Refused(Query query, string message)
        {
            gateway.Tell(query, TestActor);
            Assert.Contains(message, ExpectMsg<Refusal>().Message);
        }
    }

    private IActorRef Filled()
    {
        IActorRef gateway = Open();
        gateway.Tell(Insert(Components()), TestActor);
        ExpectMsg<Receipt>(TimeSpan.FromSeconds(30));
        return gateway;
    }

    /// <summary>Points of a grid, so that many are equally far.</summary>
    private static float[] Components() => [.. Enumerable.Range(0, Rows).SelectMany(i => new float[] { i % 40, i / 40 % 40 })];

    private static SearchHit[] Nearest(VectorBlock query, int k)
    {
        int[] q = new int[Dimension], raw = new int[Dimension];
        query.CopyRow(0, q);
        VectorBlock rows = Insert(Components()).Vectors;
        List<SearchHit> hits = [];
        for (int row = 0; row < rows.Count; row++)
        {
            rows.CopyRow(row, raw);
            hits.Add(new SearchHit(new RecordId((ulong)row), raw.Zip(q, (a, b) => ((long)a - b) * ((long)a - b)).Sum()));
        }
        return [.. hits.OrderBy(hit => hit.Score).ThenBy(hit => hit.Id).Take(k)];
    }
}
