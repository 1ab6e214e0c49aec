using Akka.Actor;
using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors.Tests;

/// <summary>
/// A command that is sent again with its request id is carried out once. Akka's own failure messages do not survive
/// serialization, hence off.
/// </summary>
public sealed class RequestIdTests() : EngineTestKit("""
    valori.remembered-requests = 3
    akka.actor.serialize-messages = off
    """)
{
    [Fact]
    public void The_same_id_again_gets_the_first_receipt_and_changes_nothing()
    {
        IActorRef gateway = Open();
        Receipt first = Send(gateway, "a", Insert(1, 1));
        EngineStatus status = Status(gateway);
        Assert.Equal(first, Send(gateway, "a", Insert(1, 1)));
        Assert.Equal(first, Send(gateway, "a", Insert(2, 2, 3, 3))); // whether the commands are alike is not looked at
        Assert.Equal(status, Status(gateway));
        Assert.Equal(1UL, Send(gateway, "b", Insert(2, 2)).FirstId);
    }

    [Fact]
    public void A_second_one_that_arrives_before_the_first_is_durable_waits_for_it()
    {
        IActorRef gateway = Open();
        Faults.Hold();
        gateway.Tell(new Request(RequestId.Parse("a"), Insert(1, 1)), TestActor);
        gateway.Tell(new Request(RequestId.Parse("a"), Insert(1, 1)), TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        Faults.Release();
        Assert.Equal(ExpectMsg<Receipt>(TimeSpan.FromSeconds(20)), ExpectMsg<Receipt>(TimeSpan.FromSeconds(20)));
        Assert.Equal(1UL, Status(gateway).RecordCount);
    }

    [Theory]
    [InlineData(Fault.FailBeforeCommit)]
    [InlineData(Fault.FailAfterCommit)]
    public void Sending_again_after_an_unknown_outcome_carries_it_out_exactly_once(Fault fault)
    {
        IActorRef gateway = Open();
        Faults.Next(fault);
        gateway.Tell(new Request(RequestId.Parse("a"), Insert(1, 1)), TestActor);
        Assert.Equal(EngineFailureKind.OutcomeUnknown, ExpectMsg<EngineFailure>(TimeSpan.FromSeconds(20)).Kind);
        StatusAfterRecovery(gateway);
        Assert.Equal(0UL, Send(gateway, "a", Insert(1, 1)).FirstId);
        Assert.Equal(1UL, Status(gateway).RecordCount);
    }

    [Fact]
    public void A_refusal_is_not_remembered()
    {
        IActorRef gateway = Open();
        gateway.Tell(new Request(RequestId.Parse("a"), new DeleteRecord(new RecordId(0))), TestActor);
        ExpectMsg<Refusal>();
        Send(gateway, "b", Insert(1, 1));
        Assert.Equal(0UL, Send(gateway, "a", new DeleteRecord(new RecordId(0))).FirstId);
        Assert.Equal(0UL, Status(gateway).RecordCount);
    }

    [Fact]
    public void Past_the_limit_the_oldest_id_is_forgotten_also_after_a_restart()
    {
        IActorRef gateway = Open();
        foreach (string id in (string[])["a", "b", "c", "d"]) Send(gateway, id, Insert(1, 1));
        Faults.Next(Fault.FailBeforeCommit);
        gateway.Tell(Insert(9, 9), TestActor);
        ExpectMsg<EngineFailure>(TimeSpan.FromSeconds(20));
        StatusAfterRecovery(gateway);
        Assert.Equal(1UL, Send(gateway, "b", Insert(1, 1)).FirstId);
        Assert.Equal(4UL, Send(gateway, "a", Insert(1, 1)).FirstId);
        Assert.Equal(5UL, Send(gateway, "b", Insert(1, 1)).FirstId); // "a" took its place
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("umläut")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123x")]
    public void What_is_no_id_is_refused_by_name(string text) =>
        Assert.Contains($"'{text}'", RequestId.Of(text).Refusal!.Message);

    private Receipt Send(IActorRef gateway, string id, Command command)
    {
        gateway.Tell(new Request(RequestId.Parse(id), command), TestActor);
        return ExpectMsg<Receipt>(TimeSpan.FromSeconds(20));
    }
}
