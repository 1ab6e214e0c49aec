using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

/// <summary>
/// Filters on what is not a field, in messages that somebody else than the facade sends: as objects of this process, and as bytes, on which the
/// names in a filter look alike however they were written.
/// </summary>
public abstract class PropertyFilterTests(string serializeMessages) : EngineTestKit($"akka.actor.serialize-messages = {serializeMessages}")
{
    private const string OfRecords =
        "the filter is about 'expires_at', which is not a field: a filter on records is about their fields, key, tag and id, so store what you ask for as a field of another name. A field of that name is $fields.expires_at";
    private const string OfEdges = " is about 'kind', which is not a field: kinds are in 'kinds' of a list, and in 'node_kinds' and 'edge_kinds' of a walk. A field of that name is $fields.kind";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Filter Expired = Filter.Lt("expires_at", 3), Plain = Filter.Lt("$fields.expires_at", 3);

    [Fact]
    public async Task A_message_with_one_is_refused_by_name_and_changes_nothing()
    {
        IActorRef gateway = Open("raw");
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
        SearchQuery query = new(VectorBlock.FromVector(Dimension, new float[Dimension]).Value!, 1) { Filter = Expired };
        foreach (object message in (object[])
            [
                new Search(query), new SearchBatch(query), new SearchExpand(query, 1), new SearchSubgraph(query, 1), new ListRecords(Expired, 10, null), new CountRecords(Expired),
                new Distinct("user", Expired, 10), new DeleteWhere(!Expired), new SetFieldsWhere(!Expired, 0, 10, FieldsMode.Merge, Fields.Empty, []),
                new Request(RequestId.Parse("a-name"), new DeleteWhere(!Expired)),
            ])
        {
            Refusal refusal = await gateway.Ask<Refusal>(message, Patience);
            Assert.Equal((RefusalKind.InvalidArgument, OfRecords), (refusal.Kind, refusal.Message));
        }
        // A walk has two filters.
        Filter kind = Filter.Eq("kind", 3);
        foreach ((object message, string filter) in new (object, string)[]
        {
            (new Expand(default, 1) { Traversal = new() { EdgeFilter = kind } }, "edge_filter"),
            (new GetSubgraph([default], 1) { Traversal = new() { NodeFilter = kind } }, "node_filter"),
            (new SearchSubgraph(query with { Filter = Filter.All }, 1) { Traversal = new() { NodeFilter = kind } }, "node_filter"),
            (new ListEdges(kind, 10), "the filter"),
        })
            Assert.Equal(filter + OfEdges, (await gateway.Ask<Refusal>(message, Patience)).Message);
        Assert.Equal(1UL, Status(gateway).RecordCount);
        Assert.Equal(2, Status(gateway).SequenceNr);

        // With the prefix it is a field.
        Assert.Equal(0UL, (await gateway.Ask<RecordTotal>(new CountRecords(Plain), Patience)).Count);
        Assert.Equal(0, (await gateway.Ask<Receipt>(new DeleteWhere(Plain), Patience)).Count);
    }
}

public sealed class PropertyFilterOfObjectsTests() : PropertyFilterTests("off");

public sealed class PropertyFilterOnTheWireTests() : PropertyFilterTests("on");
