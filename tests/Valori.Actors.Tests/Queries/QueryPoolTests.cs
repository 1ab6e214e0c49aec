using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Valori.Actors.Queries;

namespace Valori.Actors.Tests.Queries;

public sealed class QueryPoolTests : TestKit
{
    private readonly QueryPool _pool = new(2);
    private readonly QueryLine _line = new(maximumWaiting: int.MaxValue);

    [Fact]
    public void Work_never_waits_behind_a_busy_actor_while_another_is_idle()
    {
        TestProbe a = CreateTestProbe(), b = CreateTestProbe();
        _pool.BecomeIdle(a.Ref);
        _pool.BecomeIdle(b.Ref);
        _pool.TrySubmit(_line, "first");
        _pool.TrySubmit(_line, "second");
        Assert.Equal(["second", "first"], [a.ExpectMsg<string>(), b.ExpectMsg<string>()]);
        _pool.BecomeIdle(b.Ref);
        _pool.TrySubmit(_line, "third");
        Assert.Equal("third", b.ExpectMsg<string>());
    }

    [Fact]
    public void What_finds_nobody_idle_is_done_in_its_order_by_whoever_is_next()
    {
        TestProbe a = CreateTestProbe();
        _pool.TrySubmit(_line, "first");
        _pool.TrySubmit(_line, "second");
        foreach (string work in (string[])["first", "second"])
        {
            _pool.BecomeIdle(a.Ref);
            Assert.Equal(work, a.ExpectMsg<string>());
        }
        _pool.BecomeIdle(a.Ref);
        _pool.TrySubmit(_line, "third");
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
        QueryPool pool = new(2);
        QueryLine line = new(maximumWaiting: 2);
        Assert.Equal([true, true, false], [pool.TrySubmit(line, "first"), pool.TrySubmit(line, "second"), pool.TrySubmit(line, "third")]);
        TestProbe a = CreateTestProbe();
        pool.BecomeIdle(a.Ref);
        Assert.Equal("first", a.ExpectMsg<string>());
        Assert.True(pool.TrySubmit(line, "fourth"));
        foreach (string work in (string[])["second", "fourth"])
        {
            pool.BecomeIdle(a.Ref);
            Assert.Equal(work, a.ExpectMsg<string>());
        }
    }

    [Fact]
    public void The_one_query_of_an_engine_waits_for_one_of_another_and_not_for_all_of_them()
    {
        QueryLine busy = new(maximumWaiting: 10), quiet = new(maximumWaiting: 10);
        foreach (string work in (string[])["busy 1", "busy 2", "busy 3"]) Assert.True(_pool.TrySubmit(busy, work));
        Assert.True(_pool.TrySubmit(quiet, "quiet 1"));
        TestProbe a = CreateTestProbe();
        List<string> order = [];
        for (int i = 0; i < 4; i++)
        {
            _pool.BecomeIdle(a.Ref);
            order.Add(a.ExpectMsg<string>());
        }
        Assert.Equal(["busy 1", "quiet 1", "busy 2", "busy 3"], order);
    }

    [Fact]
    public void A_line_that_is_full_leaves_room_in_the_others()
    {
        QueryLine full = new(maximumWaiting: 1), other = new(maximumWaiting: 1);
        Assert.Equal([true, false, true], [_pool.TrySubmit(full, "1"), _pool.TrySubmit(full, "2"), _pool.TrySubmit(other, "3")]);
    }
}
