using System.Text.Json;
using Valori.Protocol;

namespace Valori.Kernel.Tests;

/// <summary>The command scripts with their answers, made by the reference program.</summary>
public sealed class GoldenScriptTests
{
    public static TheoryData<string> Scripts =>
    [
        "script-seed1-dim16.jsonl", "script-seed2-dim8.jsonl", "script-seed3-dim384.jsonl", "script-seed4-dim1.jsonl",
        "script-seed5-dim100.jsonl",
    ];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Every_answer_of_the_script_is_the_reference_s(string file)
    {
        int dimension = int.Parse(file[(file.IndexOf("dim", StringComparison.Ordinal) + 3)..^".jsonl".Length]);
        ValoriKernel kernel = new(dimension);
        int line = 0;
        foreach (string text in File.ReadLines(Golden.PathOf(file)))
        {
            using JsonDocument document = JsonDocument.Parse(text);
            string actual = Answer(kernel, document.RootElement.GetProperty("command"));
            JsonElement expected = document.RootElement.GetProperty("answer");
            if (expected.TryGetProperty("error", out _)) Assert.True(actual == "error", $"{file}:{line + 1}: expected a refusal, got {actual}");
            else Assert.Equal($"{line + 1}: {JsonSerializer.Serialize(expected)}", $"{line + 1}: {actual}");
            line++;
        }
        Assert.True(line > 50, $"{file} has only {line} lines");
    }

    private static string Answer(ValoriKernel kernel, JsonElement command)
    {
        View view = kernel.TakeView();
        return command.GetProperty("op").GetString() switch
        {
            "insert" => Insert(kernel, [command.GetProperty("vector")], [Optional(command, "tag") ?? 0], single: true),
            "insert_batch" => InsertBatch(kernel, command),
            "search" => Search(view, command),
            "soft_delete" => Change(kernel, new DeleteRecord(new RecordId(Id(command, "record_id")))),
            "set_metadata" => Change(kernel, new SetMetadata(new RecordId(Id(command, "record_id")), command.GetProperty("metadata").GetBytesFromBase64())),
            "get_metadata" => view.GetMetadata(new RecordId(Id(command, "record_id"))).TryGet(out RecordMetadata? metadata, out _)
                ? JsonSerializer.Serialize(new { metadata = metadata.Bytes is { } bytes ? Convert.ToBase64String(bytes.Span) : null })
                : "error",
            "create_node" => Create(kernel, new CreateNode(new NodeKind(command.GetProperty("kind").GetByte()), Optional(command, "record_id") is { } id ? new RecordId(id) : null)),
            "create_edge" => Create(kernel, new CreateEdge(new NodeId(Id(command, "from_id")), new NodeId(Id(command, "to_id")), new EdgeKind(command.GetProperty("kind").GetByte()))),
            "delete_node" => Change(kernel, new DeleteNode(new NodeId(Id(command, "node_id")))),
            "delete_edge" => Change(kernel, new DeleteEdge(new EdgeId(Id(command, "edge_id")))),
            "expand" => view.Expand(new NodeId(Id(command, "node_id")), command.GetProperty("depth").GetInt32()).TryGet(out IReadOnlyList<NodeId>? nodes, out _)
                ? JsonSerializer.Serialize(new { nodes = nodes.Select(node => node.Value) })
                : "error",
            "record_count" => JsonSerializer.Serialize(new { count = view.RecordCount }),
            "get_state_hash" => JsonSerializer.Serialize(new { state_hash = view.StateHash.ToString() }),
            var unknown => throw new InvalidOperationException($"unknown op {unknown}"),
        };
    }

    private static string InsertBatch(ValoriKernel kernel, JsonElement command)
    {
        JsonElement[] vectors = [.. command.GetProperty("vectors").EnumerateArray()];
        ulong[] tags = command.TryGetProperty("tags", out JsonElement given) ? [.. given.EnumerateArray().Select(tag => tag.GetUInt64())] : new ulong[vectors.Length];
        return Insert(kernel, vectors, tags, single: false);
    }

    private static string Insert(ValoriKernel kernel, JsonElement[] vectors, ulong[] tags, bool single)
    {
        ReadOnlyMemory<float>[] rows = [.. vectors.Select(vector => new ReadOnlyMemory<float>([.. vector.EnumerateArray().Select(x => x.GetSingle())]))];
        if (!VectorBlock.FromVectors(kernel.Dimension, rows).TryGet(out VectorBlock? block, out _)) return "error";
        if (!kernel.Decide(new InsertRecords(block, tags)).TryGet(out Event? happened, out _)) return "error";
        kernel.Apply(happened);
        ulong first = ((RecordsInserted)happened).FirstId.Value;
        return single
            ? JsonSerializer.Serialize(new { id = first })
            : JsonSerializer.Serialize(new { ids = Enumerable.Range(0, rows.Length).Select(i => first + (ulong)i) });
    }

    private static string Search(View view, JsonElement command)
    {
        float[] vector = [.. command.GetProperty("vector").EnumerateArray().Select(x => x.GetSingle())];
        if (!VectorBlock.FromVector(view.Dimension, vector).TryGet(out VectorBlock? query, out _)) return "error";
        return view.Search(query, command.GetProperty("k").GetInt32(), Optional(command, "filter_tag")).TryGet(out SearchHit[]? hits, out _)
            ? JsonSerializer.Serialize(new { hits = hits.Select(hit => new { id = hit.Id.Value, score = hit.Score }) })
            : "error";
    }

    private static string Change(ValoriKernel kernel, Command command)
    {
        if (!kernel.Decide(command).TryGet(out Event? happened, out _)) return "error";
        kernel.Apply(happened);
        return "{}";
    }

    private static string Create(ValoriKernel kernel, Command command)
    {
        if (!kernel.Decide(command).TryGet(out Event? happened, out _)) return "error";
        kernel.Apply(happened);
        return JsonSerializer.Serialize(new { id = happened switch { NodeCreated n => n.Id.Value, EdgeCreated e => e.Id.Value, _ => throw new InvalidOperationException() } });
    }

    private static ulong Id(JsonElement command, string name) => command.GetProperty(name).GetUInt64();

    private static ulong? Optional(JsonElement command, string name) =>
        command.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetUInt64() : null;
}
