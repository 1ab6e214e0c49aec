using System.Net;
using System.Text.Json;
using Valori.Actors.Text;
using Valori.Protocol;

namespace Valori.Host.Tests.Support;

/// <summary>What a service holds, read over HTTP.</summary>
internal sealed class FoundContent(RunningService service, string collection)
{
    public Task<JsonElement> StatusAsync() => service.DoneAsync(HttpMethod.Get, collection);

    /// <summary>
    /// What a client's command without an answer has created, maybe nothing; null if it was not carried out, or carried out changes nothing.
    /// Batches are recognized by their first vector: whether the others follow it, the comparison with the model tells. So it is with a
    /// command on all records with fields, of which it looks at one.
    /// </summary>
    /// <param name="client">It has only one command without an answer.</param>
    /// <param name="known">The ids of acknowledged creations.</param>
    /// <param name="model">What was there before the round.</param>
    public async Task<CreatedIds?> FindAsync(CrashClient client, KnownIds known, PlainModel model)
    {
        JsonElement status = await StatusAsync();
        switch (client.Unanswered)
        {
            case InsertRecords insert:
                return await FirstRecordAsync(insert.Vectors) is { } first ? CreatedIds.OfRecords(first, insert.Vectors.Count) : null;
            case PutRecords put:
                return await FirstRecordAsync(put.Vectors) is { } replacing ? CreatedIds.OfRecords(replacing, 1) : null;
            case CreateNode or PutNode:
                return await FirstNodeAsync(IsOwned) is { } node ? new CreatedIds { Node = node } : null;
            case CreateEdge or PutEdge:
                return await FirstEdgeAsync(IsOwned) is { } edge ? new CreatedIds { Edge = edge } : null;
            case Transact { Parts: [{ Command: InsertRecords insert }, ..] } transaction:
                if (await FirstRecordAsync(insert.Vectors) is not { } record) return null;
                ulong? itsNode = await FirstNodeAsync(found => RecordOf(found) == record);
                ulong? edgeToIt = await FirstEdgeAsync(found => found.GetProperty("to_id").GetUInt64() == itsNode);
                Assert.True(itsNode is not null && edgeToIt is not null, $"a part of {transaction} is there: record {record}, node {itsNode}, edge {edgeToIt}");
                return new CreatedIds { Records = [record], Node = itsNode, Edge = edgeToIt };
            case PutDocument put:
                return await FirstRecordAsync(put.Vectors) is { } firstChunk ? await DocumentAsync(put, firstChunk) : null;
            case DeleteDocument(var document):
                return If(await AtAsync("nodes", client.NodeOf(document)) is null);
            case SetFields { Record.Id: { } id } set:
                return If(await HasFieldsAsync("records", id.Value, set.Fields));
            case SetNodeFields set:
                return If(await HasFieldsAsync("nodes", set.Id.Value, set.Fields));
            case SetEdgeFields set:
                return If(await HasFieldsAsync("edges", set.Id.Value, set.Fields));
            case SetEdgeValidTime(var id, var set, _):
                return If(TimeOf((await AtAsync("edges", id.Value))!.Value, "valid_from") == set.FromUnixMicroseconds);
            case SetExpiry { Record.Id: { } id } set:
                return If(TimeOf((await AtAsync("records", id.Value))!.Value, "expires_at") == set.ExpiresAtUnixMicroseconds);
            case SetFieldsWhere set:
                return If(client.RecordsWithFields.Count > 0 && await HasFieldsAsync("records", client.RecordsWithFields.Min, set.Fields));
            case DeleteWhere:
                return If(client.RecordsWithFields.Count > 0 && await AtAsync("records", client.RecordsWithFields.Min) is null);
            case DeleteKey(var key):
                return If((await service.SendAsync(HttpMethod.Get, $"{collection}/records/by-key?key={Uri.EscapeDataString(key.ToString())}")).Status == HttpStatusCode.NotFound);
            case SetMetadata(var id, var metadata):
                return If((await AtAsync("records", id.Value))!.Value.GetProperty("metadata") is { ValueKind: JsonValueKind.String } text
                    && text.GetBytesFromBase64().AsSpan().SequenceEqual(metadata.Span));
            case DeleteRecord(var id):
                return If(await AtAsync("records", id.Value) is null);
            case DeleteNode(var id):
                return If(await AtAsync("nodes", id.Value) is null);
            case DeleteEdge(var id) when client.Unanswered != MixedCommands.Save:
                return If(await AtAsync("edges", id.Value) is null);
            case null or DeleteEdge:
                return null;
            default:
                throw new ArgumentException($"it is not known how to recognize {client.Unanswered}", nameof(client));
        }

        bool IsOwned(JsonElement found) => found.GetProperty("kind").GetByte() == client.Owner;

        Task<ulong?> FirstRecordAsync(VectorBlock vectors)
        {
            float[] first = CommandText.Rows(vectors)[0];
            return FirstAsync("records", model.Records.Count, status.GetProperty("record_slots").GetUInt64(), known.Records, found => Vector(found).SequenceEqual(first));
        }

        async Task<CreatedIds> DocumentAsync(PutDocument put, ulong firstRecord)
        {
            ulong? firstChunk = await FirstNodeAsync(node => RecordOf(node) == firstRecord);
            ulong? document = client.DocumentOf(put.Key) ?? firstChunk - 1;
            ulong? edge = await FirstEdgeAsync(found => found.GetProperty("from_id").GetUInt64() == document && found.GetProperty("to_id").GetUInt64() == firstChunk);
            Assert.True(firstChunk is not null && edge is not null, $"a part of {put} is there: record {firstRecord}, node {firstChunk}, edge {edge}");
            return new CreatedIds
            {
                Records = IdsFrom(firstRecord, put.Vectors.Count),
                Node = client.DocumentOf(put.Key) is null ? document : null,
                Chunks = IdsFrom(firstChunk!.Value, put.Vectors.Count),
                Document = document,
            };
        }

        Task<ulong?> FirstNodeAsync(Func<JsonElement, bool> isIt) => FirstAsync("nodes", model.Nodes.Count, status.GetProperty("node_slots").GetUInt64(), known.Nodes, isIt);

        Task<ulong?> FirstEdgeAsync(Func<JsonElement, bool> isIt) => FirstAsync("edges", model.Edges.Count, status.GetProperty("edge_slots").GetUInt64(), known.Edges, isIt);
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
                && FieldsOf(found).Equals(expected.Fields) && TimeOf(found, "expires_at") == expected.ExpiresAt
                && KeyOf(found) == expected.Key
                && found.GetProperty("metadata").GetString() == (expected.Metadata is { } metadata ? Convert.ToBase64String(metadata) : null));
        }
        foreach (ulong id in nodes)
        {
            PlainNode expected = model.Nodes[(int)id];
            AssertSame(expected.IsDeleted, await AtAsync("nodes", id), $"{place}: node {id}", found => found.GetProperty("kind").GetByte() == expected.Kind.Value
                && RecordOf(found) == expected.Record?.Value && KeyOf(found) == expected.Key && FieldsOf(found).Equals(expected.Fields));
        }
        foreach (ulong id in edges)
        {
            PlainEdge expected = model.Edges[(int)id];
            AssertSame(expected.IsDeleted, await AtAsync("edges", id), $"{place}: edge {id}", found => found.GetProperty("kind").GetByte() == expected.Kind.Value
                && found.GetProperty("from_id").GetUInt64() == expected.From.Value && found.GetProperty("to_id").GetUInt64() == expected.To.Value
                && FieldsOf(found).Equals(expected.Fields) && TimeOf(found, "valid_from") == expected.ValidFrom && TimeOf(found, "valid_to") == expected.ValidTo);
        }
    }

    private static void AssertSame(bool isDeleted, JsonElement? found, string place, Func<JsonElement, bool> isAsExpected) =>
        Assert.True(found is { } json ? !isDeleted && isAsExpected(json) : isDeleted, $"{place}: {(isDeleted ? "should be a tombstone" : "should be there")}, found {found}");

    private static CreatedIds? If(bool isCarriedOut) => isCarriedOut ? CreatedIds.Nothing : null;

    private async Task<ulong?> FirstAsync(string kind, int from, ulong end, HashSet<ulong> known, Func<JsonElement, bool> isIt)
    {
        for (ulong id = (ulong)from; id < end; id++)
            if (!known.Contains(id) && await AtAsync(kind, id) is { } found && isIt(found)) return id;
        return null;
    }

    private async Task<bool> HasFieldsAsync(string kind, ulong id, Fields fields) => FieldsOf((await AtAsync(kind, id))!.Value).Equals(fields);

    /// <summary>Null if it does not exist or was deleted.</summary>
    private async Task<JsonElement?> AtAsync(string kind, ulong id)
    {
        HttpAnswer answer = await service.SendAsync(HttpMethod.Get, $"{collection}/{kind}/{id}");
        if (answer.Status == HttpStatusCode.NotFound) return null;
        Assert.True(answer.Status == HttpStatusCode.OK, $"{kind}/{id}: {answer}");
        return answer.Json;
    }

    private static ulong? RecordOf(JsonElement node) => node.GetProperty("record_id") is { ValueKind: JsonValueKind.Number } id ? id.GetUInt64() : null;

    private static string? KeyOf(JsonElement found) => found.TryGetProperty("key", out JsonElement key) ? key.GetString() : null;

    private static ulong[] IdsFrom(ulong first, int count) => [.. Enumerable.Range(0, count).Select(i => first + (ulong)i)];

    private static long? TimeOf(JsonElement found, string name) =>
        found.TryGetProperty(name, out JsonElement text) && Iso8601.TryParse(text.GetString()!, out long time) ? time : null;

    private static Fields FieldsOf(JsonElement found) => found.TryGetProperty("fields", out JsonElement fields) ? Fields.FromJson(fields).Value! : Fields.Empty;

    private static IEnumerable<float> Vector(JsonElement record) => record.GetProperty("vector").EnumerateArray().Select(component => component.GetSingle());
}

/// <summary>The ids that commands were answered with, and those that they changed.</summary>
internal sealed class KnownIds
{
    public HashSet<ulong> Records { get; } = [];

    public HashSet<ulong> Nodes { get; } = [];

    public HashSet<ulong> Edges { get; } = [];

    public HashSet<ulong> ChangedRecords { get; } = [];

    public HashSet<ulong> ChangedNodes { get; } = [];

    public HashSet<ulong> ChangedEdges { get; } = [];

    public void Add(Command command, CreatedIds created)
    {
        Records.UnionWith(created.Records);
        if (created.Node is { } node) Nodes.Add(node);
        Nodes.UnionWith(created.Chunks);
        if (created.Document is { } document) ChangedNodes.Add(document);
        if (created.Edge is { } edge) Edges.Add(edge);
        AddChanged(command);
    }

    /// <summary>Only what the command names, whether it was carried out or not.</summary>
    public void AddChanged(Command command)
    {
        switch (command)
        {
            case SetFields { Record.Id: { } id }: ChangedRecords.Add(id.Value); break;
            case SetExpiry { Record.Id: { } id }: ChangedRecords.Add(id.Value); break;
            case SetMetadata(var id, _): ChangedRecords.Add(id.Value); break;
            case DeleteRecord(var id): ChangedRecords.Add(id.Value); break;
            case SetNodeFields { Id: var id }: ChangedNodes.Add(id.Value); break;
            case SetEdgeFields { Id: var id }: ChangedEdges.Add(id.Value); break;
            case SetEdgeValidTime(var id, _, _): ChangedEdges.Add(id.Value); break;
        }
    }
}
