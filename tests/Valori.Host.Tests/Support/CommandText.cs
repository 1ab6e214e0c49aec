using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Valori.Actors.Text;
using Valori.Kernel.Vectors;
using Valori.Protocol;

namespace Valori.Host.Tests.Support;

/// <summary>A command as people send it: a line of the dialect, or an HTTP request.</summary>
internal static class CommandText
{
    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static string Line(Command command)
    {
        (string op, object? path, object? fields) = Parts(command);
        List<string> parts = [$"\"op\":\"{op}\""];
        foreach (object one in new[] { path, fields }.OfType<object>()) parts.Add(JsonSerializer.Serialize(one, WithoutNulls)[1..^1]);
        return $"{{{string.Join(",", parts)}}}";
    }

    /// <summary>The path is the one behind the collection's.</summary>
    public static (HttpMethod Method, string Path, string? Body) Request(Command command)
    {
        string? body = Parts(command).Fields is { } fields ? JsonSerializer.Serialize(fields, WithoutNulls) : null;
        return command switch
        {
            InsertRecords { Vectors.Count: 1 } => (HttpMethod.Post, "/records", body),
            InsertRecords => (HttpMethod.Post, "/records/batch", body),
            PutRecords => (HttpMethod.Post, "/records/upsert", body),
            SetFields => (HttpMethod.Post, "/records/fields", body),
            DeleteKey(var key) => (HttpMethod.Delete, $"/records/by-key?key={Uri.EscapeDataString(key.ToString())}", body),
            SetMetadata(var id, _) => (HttpMethod.Put, $"/records/{id}/metadata", body),
            DeleteRecord(var id) => (HttpMethod.Delete, $"/records/{id}", body),
            SetExpiry => (HttpMethod.Post, "/records/expiry", body),
            DeleteWhere => (HttpMethod.Post, "/records/delete", body),
            SetFieldsWhere => (HttpMethod.Post, "/records/fields/where", body),
            CreateNode or PutNode => (HttpMethod.Post, "/nodes", body),
            CreateEdge or PutEdge => (HttpMethod.Post, "/edges", body),
            SetNodeFields { Id: var id } => (HttpMethod.Post, $"/nodes/{id}/fields", body),
            SetEdgeFields { Id: var id } => (HttpMethod.Post, $"/edges/{id}/fields", body),
            SetEdgeValidTime(var id, _, _) => (HttpMethod.Post, $"/edges/{id}/valid-time", body),
            Transact => (HttpMethod.Post, "/transactions", body),
            PutDocument => (HttpMethod.Post, "/documents/upsert", body),
            DeleteDocument => (HttpMethod.Post, "/documents/delete", body),
            DeleteNode(var id) => (HttpMethod.Delete, $"/nodes/{id}", body),
            _ when command == MixedCommands.Save => (HttpMethod.Post, "/save", body),
            DeleteEdge(var id) => (HttpMethod.Delete, $"/edges/{id}", body),
            _ => throw Unknown(command),
        };
    }

    /// <summary>The operation; what stands in the path over HTTP; and what in the body.</summary>
    private static (string Op, object? Path, object? Fields) Parts(Command command) => command switch
    {
        InsertRecords { Vectors.Count: 1 } one => ("insert", null, new { vector = Rows(one.Vectors)[0], tag = one.Tags.Span[0] }),
        InsertRecords many => ("insert_batch", null, new { vectors = Rows(many.Vectors), tags = many.Tags }),
        PutRecords put => ("upsert", null, new
        {
            vector = Rows(put.Vectors)[0],
            tag = put.Tags.Span[0],
            key = put.Attributes[0].Key!.ToString(),
            fields = Json(put.Attributes[0].Fields),
        }),
        SetFields set => ("set_fields", null, new { record_id = set.Record.Id!.Value.Value, fields = Json(set.Fields) }),
        DeleteKey(var key) => ("delete_by_key", new { key = key.ToString() }, null),
        SetMetadata(var id, var metadata) => ("set_metadata", new { record_id = id.Value }, new { metadata }),
        DeleteRecord(var id) => ("soft_delete", new { record_id = id.Value }, null),
        CreateNode(var kind, var record) => ("create_node", null, new { kind = kind.Value, record_id = record?.Value }),
        CreateEdge(var from, var to, var kind) => ("create_edge", null, new { from_id = from.Value, to_id = to.Value, kind = kind.Value }),
        DeleteNode(var id) => ("delete_node", new { node_id = id.Value }, null),
        PutNode(var kind, var record, var fields) => ("create_node", null, new { kind = kind.Value, record_id = record?.Value, fields = Json(fields) }),
        PutEdge(var from, var to, var kind, var fields, var valid) => ("create_edge", null, new
        {
            from_id = from.Value,
            to_id = to.Value,
            kind = kind.Value,
            fields = Json(fields),
            valid_from = Time(valid.FromUnixMicroseconds),
            valid_to = Time(valid.ToUnixMicroseconds),
        }),
        SetNodeFields set => ("set_node_fields", new { node_id = set.Id.Value }, new { fields = Json(set.Fields) }),
        SetEdgeFields set => ("set_edge_fields", new { edge_id = set.Id.Value }, new { fields = Json(set.Fields) }),
        SetEdgeValidTime(var id, var set, var clear) => ("set_edge_valid_time", new { edge_id = id.Value }, new
        {
            valid_from = Time(set.FromUnixMicroseconds),
            valid_to = Time(set.ToUnixMicroseconds),
            clear = clear == ValidTimeEnds.To ? new[] { "valid_to" } : null,
        }),
        SetExpiry set => ("set_expiry", null, new { record_id = set.Record.Id!.Value.Value, expires_at = Time(set.ExpiresAtUnixMicroseconds) }),
        DeleteWhere(var filter, _, _) => ("delete_where", null, new { filter = JsonNode.Parse(filter.ToJson()) }),
        SetFieldsWhere set => ("set_fields_where", null, new { filter = JsonNode.Parse(set.Filter.ToJson()), fields = Json(set.Fields) }),
        PutDocument put => ("upsert_document", null, new
        {
            key = put.Key.ToString(),
            kind = put.Kind.Value,
            fields = Json(put.Fields),
            next_kind = put.NextChunk?.Value,
            chunks = Rows(put.Vectors).Select((row, i) => new { vector = row, tag = put.Tags.Span[i], fields = Json(put.Attributes[i].Fields) }),
        }),
        DeleteDocument(var document) => ("delete_document", null, new { key = document.Key?.ToString(), node_id = document.Id?.Value }),
        Transact transaction => ("transact", null, new { commands = transaction.Parts.Select(PartLine) }),
        _ when command == MixedCommands.Save => ("save", null, null),
        DeleteEdge(var id) => ("delete_edge", new { edge_id = id.Value }, null),
        _ => throw Unknown(command),
    };

    private static ArgumentException Unknown(Command command) => new($"{command.GetType().Name} is not among the commands of these tests", nameof(command));

    private static JsonNode PartLine(TransactionPart part)
    {
        JsonNode line = JsonNode.Parse(Line(part.Command))!;
        foreach (Reference reference in part.References)
        {
            string name = (part.Command, reference.Field) switch
            {
                (PutNode, 2) => "record_id",
                (PutEdge, 2) => "to_id",
                _ => throw Unknown(part.Command),
            };
            line[name] = new JsonObject { ["ref"] = reference.Command };
        }
        return line;
    }

    private static string? Time(long? unixMicroseconds) => unixMicroseconds is { } time ? Iso8601.Format(time) : null;

    private static JsonElement Json(Fields fields) => JsonDocument.Parse(fields.ToJson()).RootElement;

    public static float[][] Rows(VectorBlock vectors)
    {
        int[] raw = new int[vectors.Dimension];
        float[][] rows = new float[vectors.Count][];
        for (int row = 0; row < rows.Length; row++)
        {
            vectors.CopyRow(row, raw);
            rows[row] = Array.ConvertAll(raw, FixedPoint.ToSingle);
        }
        return rows;
    }
}
