using Akka.Actor;
using Valori.Actors.Serialization;
using Valori.Kernel.Merkle;
using Valori.Protocol;

namespace Valori.Actors.Tests.Queries;

/// <summary>What must be there for each kind of query. A kind that was added in part fails here, by its name.</summary>
public sealed class QueryKindTests() : EngineTestKit("akka.actor.serialize-messages = off")
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<Type> Kinds => [.. QueryKinds.All.Select(kind => kind.Type)];

    [Fact]
    public void Each_answer_can_cross_a_process() =>
        Assert.Equal([], QueryKinds.All.Select(kind => kind.Answer).Except(MessageKinds.All.Select(kind => kind.Type)));

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_is_answered_with_its_answer_or_refused(Type type)
    {
        QueryKind kind = QueryKinds.All.Single(other => other.Type == type);
        IActorRef gateway = Open();
        Open("other");
        object[] content =
        [
            Insert(1, 1), new PutRecords(Insert(2, 2).Vectors, new ulong[1], [new RecordAttributes { Key = "k" }], Replace: false), new CreateNode(NodeKind.Chunk, null), new CreateNode(NodeKind.Chunk, null),
            new CreateEdge(new NodeId(0), new NodeId(1), EdgeKind.RefersTo),
        ];
        foreach (object command in content) await gateway.Ask<Receipt>(command, Patience);
        HashSet<Type> answers = [];
        foreach (object query in SamplesHere().Of(type).Concat(Plain.Where(query => query.GetType() == type)))
        {
            object answer = await gateway.Ask<object>(query, Patience);
            Assert.True(answer.GetType() == kind.Answer || answer is Refusal, $"{query} is answered with {answer}");
            answers.Add(answer.GetType());
        }
        // This journal cannot be read beside its engine: TimelineTests of the host have one that can.
        if (type != typeof(GetTimeline) && type != typeof(GetEvents)) Assert.Contains(kind.Answer, answers);
    }

    /// <summary>Of the samples of these none has only values that go together.</summary>
    private static Query[] Plain =>
    [
        new ListRecords(Filter.All, 1), new ListNodes(Filter.All, 1), new ListEdges(Filter.All, 1), new ProveHistory(1, 2), new GetSubgraph([new NodeId(0)], 1),
        new SearchSubgraph(new SearchQuery(Insert(1, 2).Vectors, 1), 1),
    ];

    private Samples SamplesHere()
    {
        VectorBlock one = Insert(1, 2).Vectors;
        return new Samples()
            .Add(0, 1, 2, -1, int.MaxValue)
            .Add(0L, 1L, 2L, -1L, long.MaxValue)
            .Add(one)
            .Add(new SearchQuery(one, 1), new SearchQuery(one, 3) { Filter = Filter.Eq("user", "ada") }, new SearchQuery(one, 0))
            .Add(new EngineAddress(((ExtendedActorSystem)Sys).Provider.DefaultAddress, "other"))
            .Add<IReadOnlyList<TreePlace>>([new TreePlace(0, 0)], [])
            .Add<NodeRef>(new NodeId(0), (RecordKey)"k", new NodeId(99))
            .Add<RecordRef>(new RecordId(0), (RecordKey)"k", new RecordId(99));
    }
}
