using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Valori.Actors.Client;
using Valori.Actors.Queries;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Protocol;

namespace Valori.Actors.Tests.Queries;

/// <summary>A query is not carried out for a caller who has given up, and ends after the time that callers wait.</summary>
public sealed class QueryStopTests() : EngineTestKit("""
    valori.query-actors = 1
    valori.costly-queries.actors = 1
    akka.actor.serialize-messages = off
    """)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_gives_up_is_known_to_have_done_so_and_who_has_his_answer_has_not()
    {
        ReplyRef waiting = NewReply(), answered = NewReply(), asked = NewReply();
        CancellationToken gaveUp = asked.GaveUp;
        Assert.False(gaveUp.IsCancellationRequested);
        waiting.GiveUp();
        asked.GiveUp();
        answered.Tell("answer");
        answered.GiveUp();
        Assert.Equal((true, true, false), (QueryStop.IsFutile(waiting), gaveUp.IsCancellationRequested, QueryStop.IsFutile(answered)));
        Assert.Equal("answer", await answered.Answer);
        Assert.False(QueryStop.IsFutile(TestActor));
    }

    [Fact]
    public async Task An_ask_that_times_out_or_is_cancelled_gives_up()
    {
        using CancellationTokenSource cancel = new();
        Task<object> cancelled = PrivateAsk.AskAsync(TestActor, "first", Patience, cancel.Token);
        ExpectMsg("first");
        ReplyRef sender = Assert.IsType<ReplyRef>(LastSender);
        Assert.False(QueryStop.IsFutile(sender));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.True(QueryStop.IsFutile(sender));

        await Assert.ThrowsAsync<AskTimeoutException>(() => PrivateAsk.AskAsync(TestActor, "second", TimeSpan.FromMilliseconds(1), CancellationToken.None));
        ExpectMsg("second");
        Assert.True(QueryStop.IsFutile(LastSender));
    }

    [Fact]
    public void A_query_that_ran_for_its_time_is_refused_once_and_not_if_nobody_waits()
    {
        using QueryStop stop = new(TestActor, TimeSpan.FromMilliseconds(1), Stopwatch.GetTimestamp());
        Assert.True(stop.Token.WaitHandle.WaitOne(Patience));
        stop.Tell(TestActor, TestActor);
        stop.Tell(TestActor, TestActor);
        Refusal refusal = ExpectMsg<Refusal>(Patience);
        Assert.Equal((RefusalKind.LimitExceeded, true), (refusal.Kind, refusal.Message.StartsWith("the query took 0.001 s, its wait for others included, which is the limit (valori.request-timeout), and was stopped", StringComparison.Ordinal)));

        ReplyRef gone = NewReply();
        gone.GiveUp();
        using QueryStop futile = new(gone, Patience, Stopwatch.GetTimestamp());
        Assert.True(futile.Token.IsCancellationRequested);
        futile.Tell(gone, TestActor);
        Assert.False(gone.Answer.IsCompleted);
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public async Task The_query_actors_go_on_after_queries_whose_callers_have_given_up()
    {
        IActorRef gateway = Open();
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
        SearchQuery filtered = new(Insert(1, 1).Vectors, 1) { Filter = Filter.Ne("user", "ada") };
        Query[] queries = [new ListRecords(Filter.Ne("user", "ada"), 1), new CountRecords(Filter.Ne("user", "ada")), new Distinct("user", Filter.All, 1), new Search(filtered), new SearchBatch(filtered), new GetStatus()];
        foreach (Query query in queries)
        {
            ReplyRef gone = NewReply();
            gone.GiveUp();
            gateway.Tell(query, gone);
            // The one actor of the lane has come past it when it answers the next one.
            object answer = await gateway.Ask<object>(query, Patience);
            Assert.False(answer is EngineFailure or Refusal, $"{answer}");
            Assert.False(gone.Answer.IsCompleted, $"{query} was answered to somebody who had given up");
        }
    }

    [Fact]
    public void A_query_that_waited_for_all_of_its_time_is_not_begun()
    {
        ValoriSettings settings = new(ConfigurationFactory.ParseString("valori.request-timeout = 1ms").WithFallback(Sys.Settings.Config));
        IActorRef query = Sys.ActorOf(Props.Create(() => new QueryActor(new QueryPool(1), true, settings, Time)));
        QueryWork work = new(new CountRecords(Filter.All), null!, TestActor, new QueriedEngine("test", TestActor, null!, Lanes: null!, new PublishedView(), Costly: null!));
        SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(work.Arrived) >= settings.RequestTimeout);
        query.Tell(work);
        EngineFailure failure = ExpectMsg<EngineFailure>(Patience);
        Assert.Equal(EngineFailureKind.Overloaded, failure.Kind);
        Assert.StartsWith("the query waited for 0.001 s, which is the limit (valori.request-timeout)", failure.Message);
    }

    [Fact]
    public async Task Who_asks_waits_until_a_query_that_was_stopped_at_its_limit_says_so()
    {
        TimeSpan limit = TimeSpan.FromMilliseconds(20);
        long asked = Stopwatch.GetTimestamp();
        Task<RecordTotal> count = Requests.AskAsync<RecordTotal>(TestActor, new CountRecords(Filter.All), limit, CancellationToken.None);
        ExpectMsg<CountRecords>(Patience);
        SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(asked) > limit * 2);
        LastSender.Tell(new Refusal(RefusalKind.LimitExceeded, "stopped"));
        Assert.Equal("stopped", (await Assert.ThrowsAsync<RefusedException>(() => count)).Message);
    }

    private ReplyRef NewReply() => new(((ExtendedActorSystem)Sys).Provider, TestActor.Path / "reply");
}
