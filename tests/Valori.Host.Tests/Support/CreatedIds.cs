using System.Text.Json;
using Valori.Protocol;

namespace Valori.Host.Tests.Support;

/// <summary>What a command created.</summary>
internal sealed record CreatedIds
{
    public static readonly CreatedIds Nothing = new();

    public IReadOnlyList<ulong> Records { get; init; } = [];

    public ulong? Node { get; init; }

    /// <summary>The nodes of the chunks of a document; <see cref="Node"/> is that of the document, if it is new.</summary>
    public IReadOnlyList<ulong> Chunks { get; init; } = [];

    /// <summary>A document that was put, new or not.</summary>
    public ulong? Document { get; init; }

    public ulong? Edge { get; init; }

    public static CreatedIds OfRecords(ulong first, int count) => new() { Records = [.. Enumerable.Range(0, count).Select(row => first + (ulong)row)] };

    public static CreatedIds OfAnswer(Command command, JsonElement answer) => command switch
    {
        InsertRecords { Vectors.Count: > 1 } => new CreatedIds { Records = Ids(answer.GetProperty("ids")) },
        InsertRecords or PutRecords => OfRecords(Id(answer), 1),
        CreateNode or PutNode => new CreatedIds { Node = Id(answer) },
        CreateEdge or PutEdge => new CreatedIds { Edge = Id(answer) },
        Transact => answer.GetProperty("results") is var results ? new CreatedIds { Records = [Id(results[0])], Node = Id(results[1]), Edge = Id(results[2]) } : Nothing,
        PutDocument => OfDocument(answer),
        _ => Nothing,
    };

    private static CreatedIds OfDocument(JsonElement answer)
    {
        ulong document = answer.GetProperty("node_id").GetUInt64();
        return new CreatedIds
        {
            Records = Ids(answer.GetProperty("record_ids")),
            Node = answer.GetProperty("replaced").GetBoolean() ? null : document,
            Chunks = Ids(answer.GetProperty("node_ids")),
            Document = document,
        };
    }

    private static ulong[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetUInt64())];

    private static ulong Id(JsonElement answer) => answer.GetProperty("id").GetUInt64();
}
