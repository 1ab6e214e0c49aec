using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

public sealed class BackpressureTests() : EngineTestKit("valori { max-bytes-in-flight = 1000, max-batch-bytes = 500, max-queries-waiting = 1, query-actors = 1 }")
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

    [Fact]
    public void Past_the_queries_that_may_wait_one_is_answered_overloaded_at_once_and_goes_through_later()
    {
        IActorRef gateway = Open();
        gateway.Tell(Insert(1, 1), TestActor);
        ExpectMsg<Receipt>();
        // Each takes a million squared distances, and the gateway takes them all in meanwhile.
        Search slow = new(new SearchQuery(Insert([.. Enumerable.Repeat(1f, 2)]).Vectors, 1));
        SearchBatch many = new(new SearchQuery(Insert(new float[2 * 100_000]).Vectors, 1));
        const int asked = 50;
        for (int i = 0; i < asked; i++) gateway.Tell(many, TestActor);
        int overloaded = 0;
        for (int i = 0; i < asked; i++)
        {
            if (ExpectMsg<object>(TimeSpan.FromSeconds(30)) is not EngineFailure failure) continue;
            Assert.Equal(EngineFailureKind.Overloaded, failure.Kind);
            Assert.Equal("1 queries are waiting, which is the limit (valori.max-queries-waiting); nothing was done, try again later", failure.Message);
            overloaded++;
        }
        Assert.InRange(overloaded, 1, asked - 2);
        gateway.Tell(slow, TestActor);
        Assert.Single(ExpectMsg<SearchHits>().Hits);
    }
}
