using Akka.Actor;
using Valori.Actors.Client;
using Valori.Protocol;

namespace Valori.Actors.Tests.Queries;

/// <summary>What turns out to be long, in bytes or in edges, goes on in the costly lane, and takes no memory that its asker does not have.</summary>
public sealed class LongAnswerTests() : EngineTestKit($$"""
    valori.query-actors = 1
    valori.costly-queries.actors = 1
    akka.actor.serialize-messages = off
    valori.read-journal-plugin-id = "held-read-journal"
    held-read-journal.class = "{{typeof(HeldReadJournalProvider).AssemblyQualifiedName}}"
    """)
{
    // Together more than a mebibyte.
    private const int Fat = 20, FatBytes = 60_000;

    // Past the edges that an ordinary query looks at.
    private const int HubEdges = 8_193;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly NodeId FatEdges = new(Fat), Hub = new(Fat + 1);
    private static readonly SearchQuery Nearest = new(Insert(0, 0).Vectors, 1);

    [Fact]
    public async Task What_turns_out_to_be_long_goes_on_in_the_costly_lane_and_what_comes_after_it_does_not_wait()
    {
        IActorRef gateway = await FilledAsync();
        RecordRef[] all = [.. Enumerable.Range(0, Fat).Select(id => (RecordRef)new RecordId((ulong)id))];
        NodeId[] fat = [.. Enumerable.Range(0, Fat).Select(id => new NodeId((ulong)id))];
        Query[] tooLong =
        [
            new ListRecords(Filter.All, Fat) { With = RecordParts.All }, new GetMany(all) { With = RecordParts.Metadata }, new Search(Nearest with { K = Fat, With = RecordParts.Metadata }),
            new SearchBatch(Nearest with { K = Fat, With = RecordParts.AllButVector }), new ListNodes(Filter.All, Fat), new ListEdges(Filter.All, Fat), new GetSubgraph(fat, 0),
            new GetNodeEdges(FatEdges), new GetNodeEdges(Hub), new Expand(Hub, 1), new SearchExpand(Nearest, 1), new SearchSubgraph(Nearest, 1),
        ];
        Query[] ordinary =
        [
            new ListRecords(Filter.All, 3) { With = RecordParts.All }, new ListRecords(Filter.All, Fat) { With = RecordParts.Key }, new GetMany(all[..3]) { With = RecordParts.All }, new Search(Nearest with { K = 3, With = RecordParts.All }),
            new ListNodes(Filter.All, 3), new ListEdges(Filter.All, 3), new GetSubgraph(fat[..3], 0), new Expand(Hub, 0), new SearchExpand(Nearest, 0), new Search(Nearest),
        ];

        Task<object> held = gateway.Ask<object>(new GetTimeline(1, 1), Patience);
        Task<object>[] handedOver = [.. tooLong.Select(query => gateway.Ask<object>(query, Patience))];
        // The one ordinary actor has come past them when it answers these.
        foreach (Query query in ordinary) AssertAnswered(query, await gateway.Ask<object>(query, Patience));
        Assert.DoesNotContain(handedOver, task => task.IsCompleted);
        HeldReadJournal.Release(Sys);
        Assert.IsType<EngineFailure>(await held);
        object[] answers = await Task.WhenAll(handedOver);
        for (int i = 0; i < answers.Length; i++) AssertAnswered(tooLong[i], answers[i]);
        Assert.Equal(Fat, ((RecordPage)answers[0]).Records.Count(record => record.Metadata?.Length == FatBytes));
        Assert.Equal(Fat, ((SearchHits)answers[2]).Hits.Count(hit => hit.Record?.Metadata?.Length == FatBytes));
        Assert.Equal(HubEdges, ((NodeEdges)answers[8]).Outgoing.Count);
        Assert.Equal([Hub], ((ExpandedHits)answers[10]).Hits[0].Nodes);
    }

    [Fact]
    public async Task Memory_is_taken_from_the_asker_before_an_answer_is_built_and_returned_if_it_is_not()
    {
        IActorRef gateway = await FilledAsync();
        Room room = new(10_000_000, () => throw new InvalidOperationException("not to be reached"));
        ListRecords whole = new(Filter.All, Fat) { With = RecordParts.Metadata }, three = new(Filter.All, 3) { With = RecordParts.Metadata };
        AssertAnswered(whole, await AskAsync(whole, room));
        Assert.Equal(Fat * (FatBytes + 64), room.Taken);
        AssertAnswered(three, await AskAsync(three, room));
        Assert.Equal((Fat + 3) * (FatBytes + 64), room.Taken);

        foreach (Query query in new Query[] { whole, three, new Search(Nearest with { K = 3, With = RecordParts.Metadata }), new ListNodes(Filter.All, 3), new ListEdges(Filter.All, 3) })
        {
            EngineException full = new(EngineFailureKind.Overloaded, "full");
            Room small = new(100_000, () => throw full);
            Assert.Equal(new EngineFailure(full.Kind, full.Message), await AskAsync(query, small));
            Assert.Equal(0, small.Taken);
            Refusal never = new(RefusalKind.LimitExceeded, "never");
            Assert.Equal(never, await AskAsync(query, new Room(100_000, () => throw new RefusedException(never))));
            EngineFailure none = Assert.IsType<EngineFailure>(await AskAsync(query, new Room(100_000, () => throw new OutOfMemoryException())));
            Assert.Equal((EngineFailureKind.Overloaded, true), (none.Kind, none.Message.StartsWith("the process has not enough memory left for the answer", StringComparison.Ordinal)));
        }

        Task<object> AskAsync(Query query, IAnswerRoom of) => PrivateAsk.AskAsync(gateway, query, Patience, CancellationToken.None, of);
    }

    private static void AssertAnswered(Query query, object answer) => Assert.False(answer is EngineFailure or Refusal, $"{query}: {answer}");

    /// <summary>Records with much metadata, as many nodes with large fields, a node with as many such edges, and a hub that stands for record 0.</summary>
    private async Task<IActorRef> FilledAsync()
    {
        IActorRef gateway = Open();
        float[] components = [.. Enumerable.Range(0, Fat * Dimension).Select(i => (float)i)];
        InsertRecords records = Insert(components);
        await SendAsync(new PutRecords(records.Vectors, records.Tags, [.. Enumerable.Repeat(new RecordAttributes { Metadata = new byte[FatBytes] }, Fat)]));
        Fields large = new FieldsBuilder { ["a"] = new string('x', FatBytes) }.Build();
        await SendAsync(Together(Enumerable.Repeat<Command>(new PutNode(NodeKind.Chunk, null, large), Fat).Append(new CreateNode(NodeKind.Chunk, null)).Append(new CreateNode(NodeKind.Chunk, new RecordId(0)))));
        await SendAsync(Together(Enumerable.Repeat<Command>(new PutEdge(FatEdges, FatEdges, EdgeKind.RefersTo, large, default), Fat)));
        await SendAsync(Together(Enumerable.Repeat<Command>(new CreateEdge(Hub, Hub, EdgeKind.RefersTo), HubEdges)));
        return gateway;

        async Task SendAsync(Command command) => Assert.IsType<Receipt>(await gateway.Ask<object>(command, Patience));

        static Transact Together(IEnumerable<Command> commands) => new([.. commands.Select(command => new TransactionPart(command))]);
    }

    private sealed class Room(long most, Action refuse) : IAnswerRoom
    {
        private long _taken;

        public long Taken => Interlocked.Read(ref _taken);

        public void Grow(long bytes)
        {
            if (Interlocked.Add(ref _taken, bytes) <= most) return;
            Interlocked.Add(ref _taken, -bytes);
            refuse();
        }

        public void Shrink(long bytes) => Interlocked.Add(ref _taken, -bytes);
    }
}
