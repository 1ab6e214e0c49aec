using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Tests.Recovery;

/// <summary>A recovery that takes its time says how far it is. Akka's failure messages do not survive serialization, hence off.</summary>
public sealed class RecoveryProgressTests() : EngineTestKit("""
    akka.actor.serialize-messages = off
    test-journal.replay-filter.mode = off # it holds back as many events as its window has
    """)
{
    [Fact]
    public void Whoever_does_not_wait_for_a_recovery_is_told_how_far_it_is()
    {
        IActorRef gateway = Open();
        for (int i = 0; i < 7; i++)
        {
            gateway.Tell(Insert(i, i), TestActor);
            ExpectMsg<Receipt>();
        }
        Faults.HoldReplay();
        Faults.Next(Fault.FailBeforeCommit);
        gateway.Tell(Insert(9, 9), TestActor);
        ExpectMsg<EngineFailure>();

        AwaitAssert(() =>
        {
            gateway.Tell(Insert(9, 9), TestActor);
            EngineFailure failure = ExpectMsg<EngineFailure>();
            Assert.Equal(EngineFailureKind.Recovering, failure.Kind);
            Assert.Contains("collection 'test' is recovering 12%, event 1 of 8", failure.Message);
        }, TimeSpan.FromSeconds(20));
        Guardian.Tell(new OpenEngine("test", Wait: false), TestActor);
        Assert.Contains("recovering 12%, event 1 of 8", ExpectMsg<EngineFailure>().Message);
        Guardian.Tell(new OpenEngine("test"), TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));

        Faults.Release();
        Assert.Equal(gateway, ExpectMsg<EngineOpened>().Gateway);
        Assert.Equal(7UL, StatusAfterRecovery(gateway).RecordCount);
        Guardian.Tell(new OpenEngine("test", Wait: false), TestActor);
        ExpectMsg<EngineOpened>();
    }
}
