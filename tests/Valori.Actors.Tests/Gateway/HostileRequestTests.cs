using Akka.Actor;
using Valori.Actors.Engine;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

/// <summary>
/// No name, message or exception stops more than the engine that it is about. Messages of the application's own process come as
/// objects, hence no serialization.
/// </summary>
public sealed class HostileRequestTests() : EngineTestKit("akka.actor.serialize-messages = off")
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string?> Names =>
    [
        null, "", " ", "x\n", "\nx", "x\r\n", "x\0", "x\u2028", "x\u0085", "x/y", "/x", "../x", ".", "..", "a.b", "x%0a", "x%", "%2e", "ü", "x\ud800", "\u202ex",
        new string('x', 65), new string('x', 100_000), "X", "$a", "$x", "-x", "_x", "_query-0", "_costly-query-0", "x y", "x#1", "x?", "x*", "x\\y", "x:y", "x@y", "akka://x",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_that_cannot_be_is_refused_and_every_engine_goes_on(string? name)
    {
        IActorRef good = Open("good");
        Refusal refusal = await Guardian.Ask<Refusal>(new OpenEngine(name!, Dimension), Patience);
        Assert.Equal(RefusalKind.InvalidArgument, refusal.Kind);
        Assert.DoesNotContain(refusal.Message, c => char.IsControl(c) || char.IsSurrogate(c));
        Assert.InRange(refusal.Message.Length, 1, 700);
        await good.Ask<Receipt>(Insert(1, 1), Patience);
        Assert.Equal(good, Open("good"));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("0")]
    [InlineData("system")]
    [InlineData("user")]
    [InlineData("temp")]
    [InlineData("deadletters")]
    [InlineData("query-0")]
    [InlineData("engine")]
    [InlineData("restore-1")]
    [InlineData("x-_")]
    public void A_name_that_akka_or_valori_uses_itself_is_a_name_like_any_other(string name)
    {
        IActorRef gateway = Open(name), other = Open("other");
        gateway.Tell(Insert(1, 1), TestActor);
        ExpectMsg<Receipt>(Patience);
        Assert.Equal((name, 1UL), (Status(gateway).Name, Status(gateway).RecordCount));
        Assert.Equal(0UL, Status(other).RecordCount);
    }

    [Fact]
    public void The_longest_name_is_one()
    {
        string longest = new('x', 64);
        Assert.Equal(longest, Status(Open(longest)).Name);
    }

    [Fact]
    public async Task A_message_with_nothing_where_something_must_be_is_refused_and_the_engine_is_not_restarted_for_it()
    {
        IActorRef gateway = Open();
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
        int recoveries = Faults.Replays;
        object[] messages =
        [
            new InsertRecords(null!, default), new Request(null!, Insert(1, 1)), new Request(RequestId.Parse("a"), null!),
            new Request(RequestId.Parse("b"), new InsertRecords(null!, default)), new Search(null!), new Search(new SearchQuery(null!, 1)), new SearchBatch(new SearchQuery(null!, 1)),
            new SearchExpand(new SearchQuery(Insert(1, 2).Vectors, 1) { Filter = null! }, 1), new Search(new SearchQuery(Insert(1, 2).Vectors, 1) { Mode = null! }), new GetTreeDigests(Valori.ContentKind.Record, null!), new CompareWith(null!, 1),
            new CompareWith(new EngineAddress(null!, "test"), 1), new GetRecord(default(RecordRef)), new FindRecord(default), SetFields.Merge(default, Fields.Empty),
            new PutNode(default, null, null!), new PutEdge(default, default, default, null!, default), new SetNodeFields(default, FieldsMode.Merge, null!, []), new SetEdgeFields(default, FieldsMode.Merge, Fields.Empty, null!),
            new Expand(default, 1) { Traversal = null! }, new Expand(default, 1) { Traversal = new Traversal { EdgeKinds = null! } }, new GetSubgraph(null!, 1),
            new GetSubgraph([], 1) { Traversal = new Traversal { NodeFilter = null! } }, new SearchSubgraph(new SearchQuery(Insert(1, 2).Vectors, 1), 1) { Traversal = new Traversal { EdgeFilter = null! } },
            new ListNodes(null!, 1), new ListNodes(Filter.All, 1) { Kinds = null! }, new ListEdges(null!, 1), new ListEdges(Filter.All, 1) { Kinds = null! },
        ];
        foreach (object message in messages)
        {
            Refusal refusal = await gateway.Ask<Refusal>(message, Patience);
            Assert.Equal(RefusalKind.InvalidArgument, refusal.Kind);
            Assert.EndsWith(" is null", refusal.Message);
        }
        // Default values are values like any other: carried out or refused.
        foreach (object message in new object[] { new SetMetadata(default, default), new CreateNode(default, null), new CreateEdge(default, default, default), new GetRecord(default(RecordId)) })
            Assert.IsNotType<EngineFailure>(await gateway.Ask<object>(message, Patience));
        Assert.Contains("unknown query", (await gateway.Ask<EngineFailure>(new OwnQuery(), Patience)).Message);
        await gateway.Ask<Receipt>(Insert(2, 2), Patience);
        Assert.Equal(recoveries, Faults.Replays);
    }

    [Fact]
    public async Task A_comparison_with_an_engine_that_cannot_be_found_is_refused_at_once()
    {
        IActorRef gateway = Open();
        Address here = ((ExtendedActorSystem)Sys).Provider.DefaultAddress;
        Refusal missing = await gateway.Ask<Refusal>(new CompareWith(new EngineAddress(here, "absent"), 1), Patience);
        Assert.Equal((RefusalKind.NotFound, "collection 'absent' does not exist"), (missing.Kind, missing.Message));
        Refusal misspelt = await gateway.Ask<Refusal>(new CompareWith(new EngineAddress(here, "../x"), 1), Patience);
        Assert.Contains("'../x' is not a valid collection name", misspelt.Message);
        Refusal far = await gateway.Ask<Refusal>(new CompareWith(new EngineAddress(new Address("akka.tcp", "valori", "127.0.0.1", 1), "test"), 1), Patience);
        Assert.Equal(RefusalKind.InvalidArgument, far.Kind);
        Assert.Contains("akka.tcp://valori@127.0.0.1:1/user/valori/test cannot be reached", far.Message);
        Assert.Empty((await gateway.Ask<Comparison>(new CompareWith(new EngineAddress(here, "test"), 1), Patience)).Differences);
    }

    [Fact]
    public void A_gateway_that_fails_answers_who_waits_and_comes_back_at_its_address_and_no_other_notices()
    {
        IActorRef failing = Open("failing"), other = Open("other");
        failing.Tell(Insert(1, 1), TestActor);
        ExpectMsg<Receipt>(Patience);
        int recoveries = Faults.Replays;

        Faults.Hold();
        int writes = Faults.Writes.Count;
        failing.Tell(Insert(2, 2), TestActor);
        AwaitAssert(() => Assert.Equal(writes + 1, Faults.Writes.Count), Patience, TimeSpan.FromMilliseconds(5));
        failing.Tell(new EngineOnline(null!), ActorRefs.NoSender);
        EngineFailure unknown = ExpectMsg<EngineFailure>(Patience);
        Assert.Equal(EngineFailureKind.OutcomeUnknown, unknown.Kind);
        Faults.Release();

        // Nobody opens it: whoever has the address goes on.
        Assert.InRange(StatusAfterRecovery(failing).RecordCount, 1UL, 2UL);
        failing.Tell(Insert(3, 3), TestActor);
        ExpectMsg<Receipt>(Patience);
        Assert.Equal(failing, Open("failing"));
        other.Tell(Insert(1, 1), TestActor);
        ExpectMsg<Receipt>(Patience);
        Assert.Equal(recoveries + 1, Faults.Replays);
    }

    [Fact]
    public void A_gateway_that_stopped_for_good_does_not_serve_again_because_it_failed()
    {
        IActorRef gateway = Open();
        gateway.Tell(new InvariantBroken(new InvariantException("broken in Test")), TestActor);
        gateway.Tell(new EngineOnline(null!), ActorRefs.NoSender);
        gateway.Tell(Insert(1, 1), TestActor);
        EngineFailure failure = ExpectMsg<EngineFailure>(Patience);
        Assert.Equal(EngineFailureKind.Stopped, failure.Kind);
        Assert.Contains("broken in Test", failure.Message);
    }

    [Fact]
    public async Task Nothing_is_kept_of_what_does_not_exist()
    {
        const int names = 10_000;
        IActorRef gateway = Open("there");
        int before = Actors(Guardian);
        for (int done = 0; done < names; done += 100)
        {
            object[] answers = await Task.WhenAll(Enumerable.Range(done, 100).Select(i => Guardian.Ask<object>(new OpenEngine($"unknown-{i}", Create: false), Patience)));
            Assert.All(answers, answer => Assert.Equal(RefusalKind.NotFound, Assert.IsType<Refusal>(answer).Kind));
        }
        AwaitAssert(() => Assert.Equal(before, Actors(Guardian)), Patience, TimeSpan.FromMilliseconds(20));
        Assert.Equal(0UL, Status(gateway).RecordCount);
    }

    [Fact]
    public async Task One_name_asked_for_again_and_again_while_its_gateway_leaves_is_answered_every_time_and_can_be_created()
    {
        for (int round = 0; round < 20; round++)
        {
            string name = $"name-{round}";
            Task<object>[] asked = [.. Enumerable.Range(0, 40).Select(i => Guardian.Ask<object>(new OpenEngine(name, Dimension, Create: i == 39), Patience))];
            object[] answers = await Task.WhenAll(asked);
            Assert.IsType<EngineOpened>(answers[^1]);
            Assert.All(answers, answer => Assert.True(answer is EngineOpened or Refusal { Kind: RefusalKind.NotFound }, $"{answer}"));
        }
    }

    private static int Actors(IActorRef actor) =>
        1 + (actor is ActorRefWithCell { Underlying: ICell cell } ? cell.ChildrenContainer.Children.Sum(Actors) : 0);

    private sealed record OwnQuery : Query;
}
