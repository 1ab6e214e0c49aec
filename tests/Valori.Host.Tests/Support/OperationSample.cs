using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Actor;
using Valori.Host.Commands;
using Valori.Host.Operations;

namespace Valori.Host.Tests.Support;

/// <summary>
/// A request of an operation with a value for each of its fields, and what it needs to be carried out: a collection of two dimensions with
/// two records, two nodes and an edge, another one with the name <c>other</c>, and a snapshot.
/// </summary>
/// <param name="AsOf">A sequence number that the collection has reached.</param>
internal sealed record OperationSample(Operation Operation, string Snapshot, long AsOf)
{
    // Deleting operations come last, as what the others are about must be there.
    private static readonly string[] Last = ["delete_edge", "delete_document", "delete_node", "delete_by_key", "soft_delete", "delete_where", "restore", "drop_collection"];

    // A search has one of two: a receipt or a depth, a recall or a beam; and l2 has distances.
    // A cursor belongs to one collection.
    private static readonly string[] Excluded = ["receipt", "recall", "minimum_similarity", "cursor"];

    // This sets an end, or clears it.
    private static readonly string[] OfEnd = ["valid_to"];

    // A batch has records, or vectors with tags.
    private static readonly string[] OfVectors = ["vectors", "tags"];

    // These have a filter, unless all records are meant.
    private static readonly string[] Where = ["delete_where", "set_fields_where", "remove_fields_where"];

    // These name a record by its id or by its key.
    private static readonly string[] ByKey = ["exists", "set_fields", "remove_fields", "set_expiry", "remove_expiry"];

    // A document is named by its key or by its node; one with a key stands for no record.
    private static readonly string[] OfNode = ["node_id"], OfKey = ["key"];

    /// <summary>Lines that make such a collection.</summary>
    public static readonly string[] Content =
    [
        """{"op":"insert_batch","vectors":[[1,2],[3,4]],"tags":[7,8]}""",
        """{"op":"set_metadata","record_id":1,"metadata":"aGVsbG8="}""",
        """{"op":"create_node","kind":2,"record_id":1}""",
        """{"op":"create_node","kind":3,"fields":{"title":"tea"}}""",
        """{"op":"create_edge","from_id":0,"to_id":1,"kind":1,"fields":{"by":"ada"},"valid_from":"2026-01-01T00:00:00Z"}""",
        """{"op":"insert","vector":[5,6],"key":"k","fields":{"user":"ada","at":{"hour":7}},"expires_at":"2030-01-01T00:00:00Z"}""",
        """{"op":"add_document","key":"k","kind":1,"chunks":[]}""",
    ];

    /// <summary>Every operation, in an order in which they can be carried out one after another.</summary>
    public static IReadOnlyList<Operation> InOrder => [.. OperationTable.All.OrderBy(operation => Array.IndexOf(Last, operation.Name))];

    public JsonObject Fields => new(Operation.Line.Names.Except(ByKey.Contains(Operation.Name) ? ["record_id"] : Where.Contains(Operation.Name) ? ["all"] : Operation.Name == "insert_batch" ? OfVectors : Operation.Name == "set_edge_valid_time" ? OfEnd : Operation.Name == "delete_document" ? OfNode : Operation.Name == "add_document" ? OfKey : Excluded).Select(name => KeyValuePair.Create(name, JsonNode.Parse(ValueOf(name)))));

    /// <summary>The request as a line of <c>exec</c>.</summary>
    public string Line => Fields.ToJsonString();

    /// <summary>The request over HTTP, to a collection.</summary>
    public HttpRequestMessage ToHttp(string collection)
    {
        JsonObject body = [];
        List<string> query = [];
        string path = Operation.IsOfCollection ? Operation.Path.Replace("{name}", collection, StringComparison.Ordinal) : Operation.Path;
        HttpContent? content = null;
        JsonObject fields = Fields;
        foreach (RequestField field in Operation.Request.Fields.Where(field => fields.ContainsKey(field.Name)))
        {
            JsonNode value = fields[field.Name]!;
            if (field.Place == FieldPlace.Path) path = path.Replace($"{{{field.Name}}}", value.ToString(), StringComparison.Ordinal);
            else if (field.Place == FieldPlace.Query) query.Add($"{field.Name}={Uri.EscapeDataString(value is JsonArray list ? string.Join(',', list) : value.ToString())}");
            else if (field.Place == FieldPlace.Bytes) content = new ByteArrayContent(File.ReadAllBytes(Snapshot)) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
            else body[field.Name] = value.DeepClone();
        }
        if (Operation.BodyForm == BodyForm.Json || body.Count > 0) content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        HttpRequestMessage request = new(HttpMethod.Parse(Operation.Method), path + (query.Count > 0 ? $"?{string.Join('&', query)}" : "")) { Content = content };
        if (fields.TryGetPropertyValue("request_id", out JsonNode? id)) request.Headers.Add("Idempotency-Key", id!.ToString());
        return request;
    }

    /// <summary>Carries out a line on an engine.</summary>
    public static async Task<string> AnswerAsync(ActorSystem system, ValoriEngine engine, string line)
    {
        using MemoryStream output = new();
        await ExecCommand.RunAsync(new ExecCollections(system, engine), engine.Name, new MemoryStream(Encoding.UTF8.GetBytes(line)), output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n');
    }

    private string ValueOf(string field) => field switch
    {
        "op" or "request_id" => $"\"{Operation.Name}\"",
        "vector" => "[1,2]",
        "vectors" => "[[1,2]]",
        "tags" => "[7]",
        "metadata" => "\"AA==\"",
        // That of a record of the content, unless it must be new.
        "key" => Operation.Name == "insert" ? "\"new\"" : "\"k\"",
        "fields" => """{"user":"ada","topics":["tea"],"n":1.0}""",
        "valid_from" => "\"2026-01-01T00:00:00+00:00\"",
        "node_ids" => "[0,1]",
        "direction" => "\"both\"",
        "kinds" or "edge_kinds" or "node_kinds" => "[1,2,3]",
        "edge_filter" => """{"by":{"exists":true}}""",
        "node_filter" => """{"id":{"<":9}}""",
        "valid_at" => "\"2026-01-01T00:00:00+00:00\"",
        "clear" => "[\"valid_to\"]",
        "expires_at" or "valid_to" => "\"2030-01-01T00:00:00+00:00\"",
        "record" => $$"""{"vector":[1,2],"tag":7,"key":"{{Operation.Name}} of it","fields":{"user":"bob"} }""",
        "chunks" => $$"""[{"vector":[1,2],"tag":7,"key":"{{Operation.Name}}","fields":{"user":"bob"} }]""",
        "commands" => """
            [{"op":"insert","vector":[1,2],"tag":7,"key":"in a transaction"},{"op":"create_node","kind":3,"record_id":{"ref":0,"item":0}},
             {"op":"create_edge","from_id":0,"to_id":{"ref":1,"item":0},"kind":1},{"op":"insert_batch","vectors":[[1,2]]},{"op":"delete_by_key","key":"in a transaction"}]
            """,
        "records" => $$"""[{"vector":[1,2],"tag":7,"key":"{{Operation.Name}}","fields":{"user":"bob"} }]""",
        "names" => """["topics"]""",
        "replace" => "false",
        "with" => """["key","fields"]""",
        "as_of" => $"{AsOf}",
        "limit" => "10",
        "order_by" or "field" => "\"user\"",
        "descending" => "true",
        // A plan has the time that the search took, which is another one each time.
        "explain" => "false",
        "offset" => "0",
        "mode" => "\"approximate\"",
        "beam" => "10",
        "timeout_ms" => "0",
        "queries" => "2",
        "ids" => "[0,99]",
        "keys" => """["k","nobody"]""",
        "filter" when Operation.Name is "list_nodes" or "list_edges" => """{"id":{"<":9}}""",
        "filter" => """{"tag":{"in":[1,7]}}""",
        "name" or "other" => "\"other\"",
        "dimension" => "2",
        "metric" => "\"l2\"",
        "path" => JsonSerializer.Serialize(Snapshot),
        "record_id" or "node_id" or "edge_id" or "from_id" or "depth" => "0",
        _ => "1",
    };
}
