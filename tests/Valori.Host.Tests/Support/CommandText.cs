using System.Text.Json;
using Valori.Kernel;
using Valori.Kernel.Vectors;

namespace Valori.Host.Tests.Support;

/// <summary>A command as people send it: a line of the dialect, or an HTTP request.</summary>
internal static class CommandText
{
    public static string Line(Command command) => JsonSerializer.Serialize((object)(command switch
    {
        InsertRecords { Vectors.Count: 1 } one => new { op = "insert", vector = Rows(one)[0], tag = one.Tags.Span[0] },
        InsertRecords many => new { op = "insert_batch", vectors = Rows(many), tags = many.Tags },
        SetMetadata(var id, var metadata) => new { op = "set_metadata", record_id = id.Value, metadata },
        DeleteRecord(var id) => new { op = "soft_delete", record_id = id.Value },
        CreateNode(var kind, var record) => new { op = "create_node", kind = kind.Value, record_id = record?.Value },
        CreateEdge(var from, var to, var kind) => new { op = "create_edge", from_id = from.Value, to_id = to.Value, kind = kind.Value },
        DeleteNode(var id) => new { op = "delete_node", node_id = id.Value },
        Save => new { op = "save" },
        _ => throw new ArgumentException($"{command.GetType().Name} is not among the commands of these tests", nameof(command)),
    }));

    /// <summary>The path is the one behind the collection's.</summary>
    public static (HttpMethod Method, string Path, string? Body) Request(Command command) => command switch
    {
        InsertRecords { Vectors.Count: 1 } => (HttpMethod.Post, "/records", Line(command)),
        InsertRecords => (HttpMethod.Post, "/records/batch", Line(command)),
        SetMetadata(var id, _) => (HttpMethod.Put, $"/records/{id}/metadata", Line(command)),
        DeleteRecord(var id) => (HttpMethod.Delete, $"/records/{id}", null),
        CreateNode => (HttpMethod.Post, "/nodes", Line(command)),
        CreateEdge => (HttpMethod.Post, "/edges", Line(command)),
        DeleteNode(var id) => (HttpMethod.Delete, $"/nodes/{id}", null),
        _ => (HttpMethod.Post, "/save", null),
    };

    public static float[][] Rows(InsertRecords insert)
    {
        int[] raw = new int[insert.Vectors.Dimension];
        float[][] rows = new float[insert.Vectors.Count][];
        for (int row = 0; row < rows.Length; row++)
        {
            insert.Vectors.CopyRow(row, raw);
            rows[row] = Array.ConvertAll(raw, FixedPoint.ToSingle);
        }
        return rows;
    }
}
