using System.Net;
using System.Text.Json;
using Valori.Kernel;

namespace Valori.Host.Tests.Support;

/// <summary>What a service holds, read over HTTP.</summary>
internal sealed class FoundContent(RunningService service, string collection)
{
    public Task<JsonElement> StatusAsync() => service.DoneAsync(HttpMethod.Get, collection);

    /// <summary>
    /// What a command without an answer has created, or 0 if it creates nothing; null if it was not carried out.
    /// Batches are recognized by their first vector: whether the others follow it, the comparison with the model tells.
    /// </summary>
    /// <param name="owner">Of the command; it has only one without an answer.</param>
    /// <param name="known">The ids of acknowledged creations.</param>
    /// <param name="model">What was there before the round.</param>
    public async Task<ulong?> FindAsync(Command? command, byte owner, KnownIds known, PlainModel model)
    {
        JsonElement status = await StatusAsync();
        switch (command)
        {
            case InsertRecords or PutRecords:
                float[] first = CommandText.Rows(command is PutRecords put ? put.Vectors : ((InsertRecords)command).Vectors)[0];
                return await FirstAsync(model.Records.Count, status, "record_slots", known.Records, async id =>
                    (await AtAsync("records", id)) is { } record && Vector(record).SequenceEqual(first));
            case CreateNode:
                return await FirstAsync(model.Nodes.Count, status, "node_slots", known.Nodes, id => IsOwnedAsync("nodes", id, owner));
            case CreateEdge:
                return await FirstAsync(model.Edges.Count, status, "edge_slots", known.Edges, id => IsOwnedAsync("edges", id, owner));
            case SetFields { Record.Id: { } id } set:
                return FieldsOf((await AtAsync("records", id.Value))!.Value).Equals(set.Fields) ? 0 : null;
            case DeleteKey(var key):
                return (await service.SendAsync(HttpMethod.Get, $"{collection}/records/by-key?key={Uri.EscapeDataString(key.ToString())}")).Status == HttpStatusCode.NotFound ? 0 : null;
            case SetMetadata(var id, var metadata):
                return (await AtAsync("records", id.Value))!.Value.GetProperty("metadata") is { ValueKind: JsonValueKind.String } text
                    && text.GetBytesFromBase64().AsSpan().SequenceEqual(metadata.Span) ? 0 : null;
            case DeleteRecord(var id):
                return await AtAsync("records", id.Value) is null ? 0 : null;
            case DeleteNode(var id):
                return await AtAsync("nodes", id.Value) is null ? 0 : null;
            case DeleteEdge(var id) when command != MixedCommands.Save:
                return await AtAsync("edges", id.Value) is null ? 0 : null;
            default:
                return null;
        }
    }

    /// <summary>Compares the counts, and the content from the given ids on; they need not be new, but must be there.</summary>
    public async Task AssertEqualsAsync(PlainModel model, IEnumerable<ulong> records, IEnumerable<ulong> nodes, IEnumerable<ulong> edges, string place)
    {
        JsonElement status = await StatusAsync();
        foreach ((string name, int count) in new[]
        {
            ("record_slots", model.Records.Count), ("record_count", model.Records.Count(record => !record.IsDeleted)),
            ("node_slots", model.Nodes.Count), ("node_count", model.Nodes.Count(node => !node.IsDeleted)),
            ("edge_slots", model.Edges.Count), ("edge_count", model.Edges.Count(edge => !edge.IsDeleted)),
        })
            Assert.True(status.GetProperty(name).GetInt32() == count, $"{place}: {name} should be {count}: {status}");
        foreach (ulong id in records)
        {
            PlainRecord expected = model.Records[(int)id];
            AssertSame(expected.IsDeleted, await AtAsync("records", id), $"{place}: record {id}", found =>
                found.GetProperty("tag").GetUInt64() == expected.Tag && Vector(found).SequenceEqual(expected.Vector)
                && FieldsOf(found).Equals(expected.Fields) && (found.TryGetProperty("key", out JsonElement key) ? key.GetString() : null) == expected.Key
                && found.GetProperty("metadata").GetString() == (expected.Metadata is { } metadata ? Convert.ToBase64String(metadata) : null));
        }
        foreach (ulong id in nodes)
        {
            PlainNode expected = model.Nodes[(int)id];
            AssertSame(expected.IsDeleted, await AtAsync("nodes", id), $"{place}: node {id}", found => found.GetProperty("kind").GetByte() == expected.Kind.Value
                && (expected.Record is { } record ? found.GetProperty("record_id").GetUInt64() == record.Value : found.GetProperty("record_id").ValueKind == JsonValueKind.Null));
        }
        foreach (ulong id in edges)
        {
            PlainEdge expected = model.Edges[(int)id];
            AssertSame(expected.IsDeleted, await AtAsync("edges", id), $"{place}: edge {id}", found => found.GetProperty("kind").GetByte() == expected.Kind.Value
                && found.GetProperty("from_id").GetUInt64() == expected.From.Value && found.GetProperty("to_id").GetUInt64() == expected.To.Value);
        }
    }

    private static void AssertSame(bool isDeleted, JsonElement? found, string place, Func<JsonElement, bool> isAsExpected) =>
        Assert.True(found is { } json ? !isDeleted && isAsExpected(json) : isDeleted, $"{place}: {(isDeleted ? "should be a tombstone" : "should be there")}, found {found}");

    private static async Task<ulong?> FirstAsync(int from, JsonElement status, string slots, HashSet<ulong> known, Func<ulong, Task<bool>> isItAsync)
    {
        ulong end = status.GetProperty(slots).GetUInt64();
        for (ulong id = (ulong)from; id < end; id++)
            if (!known.Contains(id) && await isItAsync(id)) return id;
        return null;
    }

    private async Task<bool> IsOwnedAsync(string kind, ulong id, byte owner) =>
        await AtAsync(kind, id) is { } found && found.GetProperty("kind").GetByte() == owner;

    /// <summary>Null if it does not exist or was deleted.</summary>
    private async Task<JsonElement?> AtAsync(string kind, ulong id)
    {
        HttpAnswer answer = await service.SendAsync(HttpMethod.Get, $"{collection}/{kind}/{id}");
        if (answer.Status == HttpStatusCode.NotFound) return null;
        Assert.True(answer.Status == HttpStatusCode.OK, $"{kind}/{id}: {answer}");
        return answer.Json;
    }

    private static Fields FieldsOf(JsonElement record) => record.TryGetProperty("fields", out JsonElement fields) ? Fields.FromJson(fields).Value! : Fields.Empty;

    private static IEnumerable<float> Vector(JsonElement record) => record.GetProperty("vector").EnumerateArray().Select(component => component.GetSingle());
}

/// <summary>The ids that commands were answered with, and those that they changed.</summary>
internal sealed class KnownIds
{
    public HashSet<ulong> Records { get; } = [];

    public HashSet<ulong> Nodes { get; } = [];

    public HashSet<ulong> Edges { get; } = [];

    public HashSet<ulong> ChangedRecords { get; } = [];

    public void Add(Command command, ulong firstId)
    {
        switch (command)
        {
            case InsertRecords insert:
                for (int row = 0; row < insert.Vectors.Count; row++) Records.Add(firstId + (ulong)row);
                break;
            case PutRecords: Records.Add(firstId); break;
            case SetFields { Record.Id: { } id }: ChangedRecords.Add(id.Value); break;
            case CreateNode: Nodes.Add(firstId); break;
            case CreateEdge: Edges.Add(firstId); break;
            case SetMetadata(var id, _): ChangedRecords.Add(id.Value); break;
            case DeleteRecord(var id): ChangedRecords.Add(id.Value); break;
        }
    }
}
