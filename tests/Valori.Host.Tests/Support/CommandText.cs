using System.Text.Json;
using System.Text.Json.Serialization;
using Valori.Kernel;
using Valori.Kernel.Vectors;

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
            CreateNode => (HttpMethod.Post, "/nodes", body),
            CreateEdge => (HttpMethod.Post, "/edges", body),
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
        _ when command == MixedCommands.Save => ("save", null, null),
        DeleteEdge(var id) => ("delete_edge", new { edge_id = id.Value }, null),
        _ => throw Unknown(command),
    };

    private static ArgumentException Unknown(Command command) => new($"{command.GetType().Name} is not among the commands of these tests", nameof(command));

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
