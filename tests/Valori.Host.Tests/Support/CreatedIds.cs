using System.Text.Json;
using Valori.Protocol;

namespace Valori.Host.Tests.Support;

/// <summary>What a command created.</summary>
internal sealed record CreatedIds
{
    public static readonly CreatedIds Nothing = new();

    public IReadOnlyList<ulong> Records { get; init; } = [];

    public ulong? Node { get; init; }

    public ulong? Edge { get; init; }

    public static CreatedIds OfRecords(ulong first, int count) => new() { Records = [.. Enumerable.Range(0, count).Select(row => first + (ulong)row)] };

    public static CreatedIds OfAnswer(Command command, JsonElement answer) => command switch
    {
        InsertRecords { Vectors.Count: > 1 } => new CreatedIds { Records = [.. answer.GetProperty("ids").EnumerateArray().Select(id => id.GetUInt64())] },
        InsertRecords or PutRecords => OfRecords(Id(answer), 1),
        CreateNode or PutNode => new CreatedIds { Node = Id(answer) },
        CreateEdge or PutEdge => new CreatedIds { Edge = Id(answer) },
        Transact => answer.GetProperty("results") is var results ? new CreatedIds { Records = [Id(results[0])], Node = Id(results[1]), Edge = Id(results[2]) } : Nothing,
        _ => Nothing,
    };

    private static ulong Id(JsonElement answer) => answer.GetProperty("id").GetUInt64();
}
