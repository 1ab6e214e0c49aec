using System.Text;
using System.Text.Json;
using Valori.Host.Operations;

namespace Valori.Fuzz.Corpus;

/// <summary>Requests of every operation of the table: with what it needs, with each field that may be left out, and with all of them.</summary>
internal static class SampleRequests
{
    /// <summary>Stands for the path of a valid snapshot, which is another one in each run.</summary>
    public const string SnapshotPath = "@snapshot";

    // Of the dimension and the content of the sandbox.
    private static readonly Dictionary<FieldType, string> Values = new()
    {
        [FieldType.Of(typeof(string))] = "\"other\"",
        [FieldType.Of(typeof(bool))] = "true",
        [FieldType.Of(typeof(byte))] = "1",
        [FieldType.Of(typeof(int))] = $"{Sandbox.Dimension}",
        [FieldType.Of(typeof(long))] = "1",
        [FieldType.Of(typeof(ulong))] = "0",
        [FieldType.Of(typeof(double))] = "1",
        [FieldType.Of(typeof(Metric))] = "\"l2\"",
        [FieldType.Of(typeof(EdgeDirection))] = "\"both\"",
        [FieldType.Of(typeof(SearchModeKind))] = "\"approximate\"",
        [FieldType.Of(typeof(IReadOnlyList<byte>))] = "[1,2,3]",
        [FieldType.Of(typeof(AsOf))] = "3",
        [FieldType.Of(typeof(Filter))] = "\"tag in (0, 1) or not (n = 1.5)\"",
        [FieldType.Of(typeof(byte[]))] = "\"aGVsbG8=\"",
        [FieldType.Of(typeof(float[]))] = "[0.1,-0.2,3]",
        [FieldType.Of(typeof(IReadOnlyList<ReadOnlyMemory<float>>))] = "[[1,2,3],[4,5,6]]",
        [FieldType.Of(typeof(ulong[]))] = "[1,0]",
        [FieldType.Of(typeof(RecordKey))] = "\"k\"",
        [FieldType.Of(typeof(RecordKey[]))] = """["k","a"]""",
        [FieldType.Of(typeof(Fields))] = """{"user":"ada","at":{"$timestamp":"2026-11-25T13:00:00Z"},"topics":["tea"],"n":1.5}""",
        [FieldType.Of(typeof(DateTimeOffset))] = "\"2030-01-01T00:00:00Z\"",
        [FieldType.Of(typeof(RecordParts))] = """["key","fields","vector"]""",
        [FieldType.Of(typeof(string[]))] = """["user","n"]""",
        [FieldType.Of(typeof(IReadOnlyList<NewRecord>))] = """[{"vector":[1,2,3],"key":"a","fields":{"n":-1}},{"tag":7,"vector":[4,5,6],"key":"b","metadata":"AA==","expires_at":"2030-01-01T00:00:00Z"}]""",
        [FieldType.Of(typeof(NewRecord))] = """{"vector":[1,2,3],"key":"c","fields":{"n":-1}}""",
        [FieldType.Of(typeof(IReadOnlyList<PartRequest>))] = """
            [{"op":"insert_batch","records":[{"vector":[1,2,3],"key":"d"},{"vector":[4,5,6]}]},{"op":"create_node","kind":3,"record_id":{"ref":0,"item":1},"fields":{"n":1}},{"op":"create_edge","from_id":{"ref":1},"to_id":{"ref":1},"kind":2},{"op":"set_edge_valid_time","edge_id":{"ref":2},"valid_from":"2026-11-25"},{"op":"set_metadata","record_id":{"ref":0},"metadata":"aGVsbG8="},{"op":"delete_by_key","key":"d"}]
            """.Trim(),
        [FieldType.Bytes] = $"\"{SnapshotPath}\"",
    };

    /// <summary>Lines of <c>exec</c>.</summary>
    public static IEnumerable<string> Lines() => All().Select(sample => Line(sample.Operation, sample.Fields));

    /// <summary>Requests over HTTP to a collection: a line of method and path, headers, an empty line, the body.</summary>
    public static IEnumerable<byte[]> Http(string collection, byte[] snapshot) => All().Select(sample => Http(sample.Operation, sample.Fields, collection, snapshot));

    private static IEnumerable<(Operation Operation, RequestField[] Fields)> All()
    {
        foreach (Operation operation in OperationTable.All)
        {
            RequestField[] needed = [.. operation.Request.Fields.Where(field => field.IsRequired)], optional = [.. operation.Request.Fields.Except(needed)];
            yield return (operation, needed);
            foreach (RequestField field in optional) yield return (operation, [.. needed, field]);
            if (optional.Length > 1) yield return (operation, [.. needed, .. optional]);
        }
    }

    private static string Line(Operation operation, RequestField[] fields)
    {
        string key = operation.TakesRequestId ? $",\"request_id\":\"{operation.Name}-{fields.Length}\"" : "";
        return $"{{\"op\":\"{operation.Name}\"{string.Concat(fields.Select(field => $",\"{field.Name}\":{Values[field.Type]}"))}{key}}}";
    }

    private static byte[] Http(Operation operation, RequestField[] fields, string collection, byte[] snapshot)
    {
        string path = operation.IsOfCollection ? operation.Path.Replace("{name}", collection, StringComparison.Ordinal) : operation.Path;
        foreach (RequestField field in fields.Where(field => field.Place == FieldPlace.Path)) path = path.Replace($"{{{field.Name}}}", Text(field), StringComparison.Ordinal);
        string[] query = [.. fields.Where(field => field.Place == FieldPlace.Query).Select(field => $"{field.Name}={Text(field)}")];
        string key = operation.TakesRequestId ? $"\nIdempotency-Key: {operation.Name}-{fields.Length}" : "";
        string head = $"{operation.Method} {path}{(query.Length > 0 ? "?" : "")}{string.Join('&', query)}{key}";
        if (operation.BodyForm == BodyForm.None) return Encoding.ASCII.GetBytes(head);
        if (operation.BodyForm == BodyForm.Bytes) return [.. Encoding.ASCII.GetBytes($"{head}\nContent-Type: application/octet-stream\n\n"), .. snapshot];
        IEnumerable<string> body = fields.Where(field => field.Place == FieldPlace.Body).Select(field => $"\"{field.Name}\":{Values[field.Type]}");
        return Encoding.ASCII.GetBytes($"{head}\nContent-Type: application/json\n\n{{{string.Join(',', body)}}}");
    }

    /// <summary>In a path or a query.</summary>
    private static string Text(RequestField field) => JsonSerializer.Deserialize<JsonElement>(Values[field.Type]) is { ValueKind: JsonValueKind.Array } items
        ? string.Join(',', items.EnumerateArray())
        : JsonSerializer.Deserialize<JsonElement>(Values[field.Type]).ToString();
}
