using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Valori.Actors.Engine;

namespace Valori.Actors.Tests;

public sealed class QueryPoolTests : TestKit
{
    private readonly QueryPool _pool = new();

    [Fact]
    public void Work_never_waits_behind_a_busy_actor_while_another_is_idle()
    {
        TestProbe a = CreateTestProbe(), b = CreateTestProbe();
        _pool.BecomeIdle(a.Ref);
        _pool.BecomeIdle(b.Ref);
        _pool.TrySubmit("first");
        _pool.TrySubmit("second");
        Assert.Equal(["second", "first"], [a.ExpectMsg<string>(), b.ExpectMsg<string>()]);
        _pool.BecomeIdle(b.Ref);
        _pool.TrySubmit("third");
        Assert.Equal("third", b.ExpectMsg<string>());
    }

    [Fact]
    public void What_finds_nobody_idle_is_done_in_its_order_by_whoever_is_next()
    {
        TestProbe a = CreateTestProbe();
        _pool.TrySubmit("first");
        _pool.TrySubmit("second");
        foreach (string work in (string[])["first", "second"])
        {
            _pool.BecomeIdle(a.Ref);
            Assert.Equal(work, a.ExpectMsg<string>());
        }
        _pool.BecomeIdle(a.Ref);
        _pool.TrySubmit("third");
        Assert.Equal("third", a.ExpectMsg<string>());
    }

    [Fact]
    public void A_share_goes_to_as_many_as_are_idle_and_does_not_wait_for_more()
    {
        TestProbe[] actors = [CreateTestProbe(), CreateTestProbe(), CreateTestProbe()];
        foreach (TestProbe actor in actors) _pool.BecomeIdle(actor.Ref);
        _pool.Share("two", 2);
        _pool.Share("the rest", 9);
        Assert.Equal(["the rest", "two", "two"], actors.Select(actor => actor.ExpectMsg<string>()));
        _pool.BecomeIdle(actors[0].Ref);
        actors[0].ExpectNoMsg(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void Past_the_limit_nothing_is_taken_until_somebody_becomes_idle()
    {
        QueryPool pool = new(mostWaiting: 2);
        Assert.Equal([true, true, false], [pool.TrySubmit("first"), pool.TrySubmit("second"), pool.TrySubmit("third")]);
        TestProbe a = CreateTestProbe();
        pool.BecomeIdle(a.Ref);
        Assert.Equal("first", a.ExpectMsg<string>());
        Assert.True(pool.TrySubmit("fourth"));
        foreach (string work in (string[])["second", "fourth"])
        {
            pool.BecomeIdle(a.Ref);
            Assert.Equal(work, a.ExpectMsg<string>());
        }
    }
}
