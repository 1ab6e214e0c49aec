namespace Valori.Host.Json;

/// <summary>Every operation, with its fields: those of the path over HTTP, then those of the body or the query.</summary>
internal static class Operations
{
    /// <summary>The first event, and how many, of a timeline that says neither.</summary>
    public const int DefaultFirstEvent = 1, DefaultEvents = 100;

    public static readonly Operation Insert = new("insert", [], ["vector", "tag"], takesRequestId: true);
    public static readonly Operation InsertBatch = new("insert_batch", [], ["vectors", "tags"], takesRequestId: true);
    public static readonly Operation GetRecord = new("get_record", ["record_id"], ["as_of"]);
    public static readonly Operation SoftDelete = new("soft_delete", ["record_id"], [], takesRequestId: true);
    public static readonly Operation SetMetadata = new("set_metadata", ["record_id"], ["metadata"], takesRequestId: true);
    public static readonly Operation GetMetadata = new("get_metadata", ["record_id"], ["as_of"]);

    public static readonly Operation Search = new("search", [], ["vector", "k", "tag", FieldNames.FilterTag, "depth", "receipt", "as_of"]);
    public static readonly Operation SearchBatch = new("search_batch", [], ["vectors", "k", "tag", FieldNames.FilterTag, "as_of"]);

    public static readonly Operation CreateNode = new("create_node", [], ["kind", "record_id"], takesRequestId: true);
    public static readonly Operation GetNode = new("get_node", ["node_id"], ["as_of"]);
    public static readonly Operation GetEdges = new("get_edges", ["node_id"], ["as_of"]);
    public static readonly Operation DeleteNode = new("delete_node", ["node_id"], [], takesRequestId: true);
    public static readonly Operation Expand = new("expand", ["node_id"], ["depth", "as_of"]);
    public static readonly Operation CreateEdge = new("create_edge", [], ["from_id", "to_id", "kind"], takesRequestId: true);
    public static readonly Operation GetEdge = new("get_edge", ["edge_id"], ["as_of"]);
    public static readonly Operation DeleteEdge = new("delete_edge", ["edge_id"], [], takesRequestId: true);

    public static readonly Operation GetStateHash = new("get_state_hash", [], ["as_of"]);
    public static readonly Operation RecordCount = new("record_count", [], ["as_of"]);
    public static readonly Operation Status = new("status", [], ["as_of"]);

    public static readonly Operation ProveRecord = new("prove_record", ["record_id"], ["as_of"]);
    public static readonly Operation ProveNode = new("prove_node", ["node_id"], ["as_of"]);
    public static readonly Operation ProveEdge = new("prove_edge", ["edge_id"], ["as_of"]);
    public static readonly Operation ProveHistory = new("prove_history", [], ["from", "to"]);
    public static readonly Operation Timeline = new("timeline", [], ["from", "count"]);

    public static readonly Operation Save = new("save", [], []);

    /// <summary>Over HTTP the body is the snapshot itself.</summary>
    public static readonly Operation Restore = new("restore", ["path"], []);
}
