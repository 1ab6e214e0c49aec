using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>Lists, page by page.</summary>
internal sealed partial class QueryActor
{
    /// <param name="read">A page of the View, by the cursor that it made and the scope that this belongs to.</param>
    /// <param name="withCursor">The page with the cursor for clients.</param>
    private static object Page<T>(QueryWork work, Query list, string? sent, Func<string?, string, Outcome<T>> read, Func<T, Func<string?, string?>, T> withCursor) where T : class
    {
        if (!CursorOrigin.Of(sent, list, work.Engine.Name, work.View).TryGet(out CursorOrigin? origin, out Refusal? refusal)) return refusal;
        return read(origin.Cursor, origin.Scope).TryGet(out T? page, out refusal) ? withCursor(page, origin.ForClient) : refusal;
    }

    private static ListQuery ToList(ListRecords list, string? cursor, string scope) => new(list.Filter, list.Limit)
    {
        Order = list.Order,
        Cursor = cursor,
        With = list.With,
        Scope = scope,
    };

    private static NodeListQuery ToList(ListNodes list, string? cursor, string scope) => new(list.Filter, list.Limit)
    {
        Kinds = list.Kinds,
        Record = list.Record,
        Cursor = cursor,
        Scope = scope,
    };

    private static EdgeListQuery ToList(ListEdges list, string? cursor, string scope) => new(list.Filter, list.Limit)
    {
        Kinds = list.Kinds,
        Node = list.Node,
        Direction = list.Direction,
        ValidAtUnixMicroseconds = list.ValidAtUnixMicroseconds,
        Cursor = cursor,
        Scope = scope,
    };
}
