using Akka.Actor;
using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors.Tests;

public sealed class BackpressureTests() : EngineTestKit("valori.max-bytes-in-flight = 1000, valori.max-batch-bytes = 500")
{
    [Fact]
    public void Past_the_bytes_in_flight_a_command_is_answered_overloaded_at_once_and_goes_through_later()
    {
        IActorRef gateway = Open();
        Faults.Hold();
        for (int i = 0; i < 100; i++) gateway.Tell(Insert(i, i), TestActor);
        EngineFailure overloaded = ExpectMsg<EngineFailure>();
        Assert.Equal(EngineFailureKind.Overloaded, overloaded.Kind);
        Assert.Contains("the limit is 1000", overloaded.Message);
        Faults.Release();
        FishForMessage(message => message is Receipt);
        AwaitAssert(() =>
        {
            while (HasMessages) ExpectMsg<object>();
            gateway.Tell(Insert(7, 7), TestActor);
            ExpectMsg<Receipt>();
        });
    }

    [Fact]
    public void A_batch_over_the_limit_is_refused_with_the_limit_named()
    {
        IActorRef gateway = Open();
        gateway.Tell(Insert(new float[200]), TestActor);
        Assert.Contains("the limit is 500 (valori.max-batch-bytes)", ExpectMsg<Refusal>().Message);
        Assert.Equal(0UL, Status(gateway).RecordCount);
    }
}
