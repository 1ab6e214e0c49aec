using Akka.Actor;
using Valori.Actors.Engine;
using Valori.Actors.Gateway;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

public sealed class TicketsTests
{
    private static readonly Command Insert = new InsertRecords(VectorBlock.FromComponents(2, [1, 2]).Value!, new ulong[1]);

    [Fact]
    public void A_ticket_is_taken_once()
    {
        Tickets tickets = new(100, 100);
        Ticket ticket = new(ActorRefs.Nobody, 30, IsOfRestore: false);
        tickets.Add(7, ticket);
        Assert.Equal((1, 30), (tickets.Count, tickets.BytesInFlight));
        Assert.Null(tickets.Take(8));
        Assert.Same(ticket, tickets.Take(7));
        Assert.Null(tickets.Take(7));
        Assert.Equal((0, 0), (tickets.Count, tickets.BytesInFlight));
    }

    [Fact]
    public void All_tickets_are_taken_when_the_engine_is_gone()
    {
        Tickets tickets = new(100, 100);
        for (int number = 0; number < 3; number++) tickets.Add(number, new Ticket(ActorRefs.Nobody, number, IsOfRestore: false));
        Assert.Equal([0, 1, 2], tickets.TakeAll().Select(ticket => ticket.Bytes).Order());
        Assert.Equal((0, 0), (tickets.Count, tickets.BytesInFlight));
        Assert.Null(tickets.Take(1));
    }

    [Fact]
    public void What_would_be_too_much_in_flight_is_refused_unless_it_is_alone()
    {
        Tickets tickets = new(maximumBytesInFlight: 10, maximumBatchBytes: 50);
        Ticket six = new(ActorRefs.Nobody, 6, IsOfRestore: false), forty = new(ActorRefs.Nobody, 40, IsOfRestore: false);
        Assert.Null(tickets.Refuse(forty));
        tickets.Add(1, six);
        Assert.Null(tickets.Refuse(new Ticket(ActorRefs.Nobody, 4, IsOfRestore: false)));
        EngineFailure overloaded = Assert.IsType<EngineFailure>(tickets.Refuse(forty));
        Assert.Equal(EngineFailureKind.Overloaded, overloaded.Kind);
        Assert.Equal("6 bytes of commands are in flight; the limit is 10; nothing was done, try again later", overloaded.Message);
    }

    [Fact]
    public void A_batch_past_its_own_limit_is_refused_with_the_setting()
    {
        Tickets tickets = new(maximumBytesInFlight: 10, maximumBatchBytes: 50);
        Refusal refusal = Assert.IsType<Refusal>(tickets.Refuse(new Ticket(ActorRefs.Nobody, 51, IsOfRestore: false)));
        Assert.Equal(RefusalKind.LimitExceeded, refusal.Kind);
        Assert.Equal("the batch has 51 bytes of vectors, tags, keys, fields and metadata; the limit is 50 (valori.max-batch-bytes): split it", refusal.Message);
    }

    [Fact]
    public void A_ticket_counts_what_its_command_carries()
    {
        Assert.Equal(2 * sizeof(int) + sizeof(ulong), Ticket.Of(Insert, ActorRefs.Nobody).Bytes);
        Assert.Equal(2 * sizeof(int) + sizeof(ulong), Ticket.Of(new Request(RequestId.Parse("once"), Insert), ActorRefs.Nobody).Bytes);
        Assert.Equal(3, Ticket.Of(new SetMetadata(new RecordId(0), new byte[3]), ActorRefs.Nobody).Bytes);
        Assert.Equal(0, Ticket.Of(new DeleteRecord(new RecordId(0)), ActorRefs.Nobody).Bytes);
    }

    [Fact]
    public void Only_an_upload_takes_its_answer_wrapped()
    {
        Recorder client = new();
        Ticket.Of(new DeleteRecord(new RecordId(0)), client).Tell("done");
        Ticket.Of(new AdoptSnapshot(new SnapshotContent(null!, null!), "spool"), client).Tell("done");
        Assert.Equal(["done", new RestoreAnswered("done")], client.Received);
    }

    private sealed class Recorder : MinimalActorRef
    {
        public List<object> Received { get; } = [];

        public override ActorPath Path { get; } = new RootActorPath(new Address("akka", "test")) / "recorder";

        public override IActorRefProvider Provider => throw new NotSupportedException();

        protected override void TellInternal(object message, IActorRef sender) => Received.Add(message);
    }
}
