using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Tests.Engine;

/// <summary>The engine behind its gateway: order, visibility, refusals.</summary>
public sealed class EngineActorTests : EngineTestKit
{
    [Fact]
    public void Commands_are_answered_in_order_with_ids_that_count_up()
    {
        IActorRef gateway = Open();
        for (int i = 0; i < 200; i++) gateway.Tell(Insert(i, -i), TestActor);
        long sequenceNr = 2; // 1 is the engine's creation
        for (int i = 0; i < 200; i++)
        {
            Receipt receipt = ExpectMsg<Receipt>();
            Assert.Equal((ulong)i, receipt.FirstId);
            Assert.InRange(receipt.SequenceNr, sequenceNr, sequenceNr + 1); // those that arrived together share one
            sequenceNr = receipt.SequenceNr;
        }
        EngineStatus status = Status(gateway);
        Assert.Equal(200UL, status.RecordCount);
        Assert.Equal(sequenceNr, status.SequenceNr);
    }

    [Fact]
    public void Commands_that_arrive_during_a_write_share_one_event_of_the_journal()
    {
        IActorRef gateway = Open();
        Faults.Writes.Clear();
        Faults.Hold();
        gateway.Tell(Insert(0, 0), TestActor);
        AwaitAssert(() => Assert.Single(Faults.Writes));
        for (int i = 1; i < 50; i++) gateway.Tell(Insert(i, i), TestActor);
        gateway.Tell(new SetMetadata(new RecordId(7), new byte[] { 1 }), TestActor);
        gateway.Tell(new DeleteRecord(new RecordId(99)), TestActor);
        gateway.Tell(new GetStatus(), TestActor); // queries overtake commands: this one shows that the commands have arrived
        ExpectMsg<EngineStatus>();
        Faults.Release();

        Receipt first = ExpectMsg<Receipt>();
        Receipt[] together = [.. Enumerable.Range(0, 50).Select(_ => ExpectMsg<Receipt>())];
        ExpectMsg<Refusal>();
        Assert.Equal(Enumerable.Range(1, 49).Append(7).Select(id => (ulong)id), together.Select(receipt => receipt.FirstId));
        Assert.All(together, receipt => Assert.Equal((first.SequenceNr + 1, together[0].StateHash), (receipt.SequenceNr, receipt.StateHash)));
        Assert.Equal([1, 1], Faults.Writes);
        Assert.Equal(together[0].StateHash, Status(gateway).StateHash);
    }

    [Fact]
    public void What_is_not_durable_is_not_answered_and_not_visible_and_searches_do_not_wait_for_it()
    {
        IActorRef gateway = Open();
        gateway.Tell(Insert(1, 1), TestActor);
        ExpectMsg<Receipt>();
        Digest before = Status(gateway).StateHash;

        Faults.Hold();
        gateway.Tell(Insert(2, 2), TestActor);
        gateway.Tell(new DeleteRecord(new RecordId(0)), TestActor);
        gateway.Tell(new DeleteRecord(new RecordId(0)), TestActor); // refused, but only because of what is not durable yet
        AwaitAssert(() => Assert.Equal(3, Faults.Writes.Count));
        gateway.Tell(new Search(new SearchQuery(Insert(0, 0).Vectors, 10)), TestActor);
        Assert.Equal([0UL], ExpectMsg<SearchHits>().Hits.Select(hit => hit.Id.Value));
        Assert.Equal(before, Status(gateway).StateHash);
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));

        Faults.Release();
        ExpectMsg<Receipt>();
        ExpectMsg<Receipt>();
        Assert.Equal("record 0 was deleted", ExpectMsg<Refusal>().Message);
        gateway.Tell(new Search(new SearchQuery(Insert(0, 0).Vectors, 10)), TestActor);
        Assert.Equal([1UL], ExpectMsg<SearchHits>().Hits.Select(hit => hit.Id.Value));
    }

    [Fact]
    public void Whoever_has_the_reply_finds_the_record_in_the_next_query()
    {
        IActorRef gateway = Open();
        for (int i = 0; i < 300; i++)
        {
            gateway.Tell(Insert(i, 0), TestActor);
            ulong id = ExpectMsg<Receipt>().FirstId;
            gateway.Tell(new GetRecord(new RecordId(id)), TestActor);
            Assert.Equal(id, ExpectMsg<RecordContent>().Id.Value);
        }
    }

    [Fact]
    public void A_refused_command_leaves_no_trace_in_state_or_journal()
    {
        IActorRef gateway = Open();
        EngineStatus before = Status(gateway);
        Command[] refused =
        [
            new DeleteRecord(new RecordId(5)), new SetMetadata(new RecordId(0), new byte[1]), new CreateNode(NodeKind.Chunk, new RecordId(0)),
            new CreateEdge(new NodeId(0), new NodeId(0), EdgeKind.ParentOf), new DeleteNode(new NodeId(0)), new DeleteEdge(new EdgeId(0)),
            Insert(1, 1, 2, 2) with { Tags = new ulong[3] },
        ];
        foreach (Command command in refused)
        {
            gateway.Tell(command, TestActor);
            ExpectMsg<Refusal>();
        }
        Assert.Equal(before, Status(gateway));
        Assert.Single(Faults.Writes);
    }

    [Fact]
    public void Time_comes_from_the_given_clock_and_never_goes_back_in_the_history()
    {
        IActorRef gateway = Open();
        gateway.Tell(Insert(1, 1), TestActor);
        long first = ExpectMsg<Receipt>().UnixMicroseconds;
        Assert.Equal((Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10, first);
        Time.Advance(TimeSpan.FromSeconds(3));
        gateway.Tell(Insert(2, 2), TestActor);
        Assert.Equal(first + 3_000_000, ExpectMsg<Receipt>().UnixMicroseconds);
        Time.Advance(TimeSpan.FromHours(-1));
        gateway.Tell(Insert(3, 3), TestActor);
        Assert.Equal(first + 3_000_000, ExpectMsg<Receipt>().UnixMicroseconds);
    }

    [Fact]
    public void Each_name_is_an_engine_of_its_own_and_a_second_open_finds_the_same()
    {
        IActorRef a = Open("a"), b = Open("b");
        Assert.Equal(a, Open("a"));
        a.Tell(Insert(1, 1), TestActor);
        ExpectMsg<Receipt>();
        Assert.Equal(1UL, Status(a).RecordCount);
        Assert.Equal(0UL, Status(b).RecordCount);
    }

    [Theory]
    [InlineData("", 2, RefusalKind.InvalidArgument)]
    [InlineData("Upper", 2, RefusalKind.InvalidArgument)]
    [InlineData("a/b", 2, RefusalKind.InvalidArgument)]
    [InlineData("fine", 0, RefusalKind.InvalidArgument)]
    [InlineData("fine", 65_537, RefusalKind.InvalidArgument)]
    [InlineData("test", 3, RefusalKind.Conflict)]
    public void A_name_or_dimension_that_cannot_be_is_refused(string name, int dimension, RefusalKind kind)
    {
        Open();
        Guardian.Tell(new OpenEngine(name, dimension), TestActor);
        Assert.Equal(kind, ExpectMsg<Refusal>().Kind);
    }

    [Fact]
    public void An_engine_that_is_not_there_is_not_created_unless_asked_for()
    {
        Guardian.Tell(new OpenEngine("absent", null, Create: false), TestActor);
        Assert.Equal("collection 'absent' does not exist", ExpectMsg<Refusal>().Message);
        Assert.Empty(Faults.Writes);
        Status(Open("absent"));
    }
}
