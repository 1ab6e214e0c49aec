using Akka.Actor;
using Valori.Actors.Engine;
using Valori.Actors.Settings;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Actors.Tests.Engine;

/// <summary>Stopping finishes what is pending, saves what is worth it, and ends.</summary>
public sealed class GracefulStopTests() : EngineTestKit("valori.stop-timeout = 500ms")
{
    [Fact]
    public void Pending_commands_are_answered_new_ones_are_refused_and_then_it_ends()
    {
        IActorRef gateway = Open();
        Watch(gateway);
        Faults.Hold();
        gateway.Tell(Insert(1, 1), TestActor);
        gateway.Tell(Insert(2, 2), TestActor);
        Status(gateway);
        gateway.Tell(StopEngine.Instance, TestActor);
        gateway.Tell(Insert(3, 3), TestActor);
        EngineFailure late = ExpectMsg<EngineFailure>();
        Assert.Equal((EngineFailureKind.Stopped, "collection 'test' is stopping"), (late.Kind, late.Message));
        Faults.Release();
        Assert.Equal([0UL, 1UL], [ExpectMsg<Receipt>().FirstId, ExpectMsg<Receipt>().FirstId]);
        ExpectTerminated(gateway, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_journal_that_does_not_answer_holds_a_stop_up_no_longer_than_the_deadline()
    {
        IActorRef gateway = Open();
        Watch(gateway);
        Faults.Hold();
        gateway.Tell(Insert(1, 1), TestActor);
        Status(gateway);
        gateway.Tell(StopEngine.Instance, TestActor);
        Assert.Equal(EngineFailureKind.OutcomeUnknown, ExpectMsg<EngineFailure>().Kind);
        ExpectTerminated(gateway, TimeSpan.FromSeconds(20));
        Faults.Release();
    }

    [Theory]
    [InlineData(1_000, 999, false, true)]
    [InlineData(1_000, 249, false, false)]
    [InlineData(1_000, 1_000, true, true)]
    [InlineData(1_000, 250, false, true)]
    [InlineData(1, 1_599, false, true)]  // half of 100 records of 24 + 8 bytes
    [InlineData(1, 1_600, true, true)]
    [InlineData(1, 799, false, false)]
    public void The_policy_goes_by_the_least_journal_and_by_the_state_s_size(long least, long journalBytes, bool due, bool atStop)
    {
        SnapshotPolicy policy = new(least, fraction: 0.5);
        ValoriKernel kernel = new(12);
        kernel.Apply(kernel.Decide(new InsertRecords(Valori.VectorBlock.FromComponents(12, new float[1200]).Value!, new ulong[100])).Value!);
        View view = least > 1 ? new ValoriKernel(12).TakeView() : kernel.TakeView();
        Assert.Equal((due, atStop), (policy.IsDue(journalBytes, view), policy.IsWorthwhileAtStop(journalBytes, view)));
    }
}
