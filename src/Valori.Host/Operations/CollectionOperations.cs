using Valori.Actors.Text;
using Valori.Kernel.Vectors;

namespace Valori.Host.Operations;

internal sealed record ListCollectionsRequest;

/// <summary>What is left out is any in a collection that exists; one that exists must have the rest.</summary>
/// <param name="Dimension">Components of every vector. A new collection gets 384 without it.</param>
/// <param name="Metric">What searches order by. A new collection gets l2 without it.</param>
/// <param name="Scale">What vectors are multiplied by when they come in. A new collection gets 1 without it.</param>
internal sealed record CreateCollectionRequest(string Name, int? Dimension = null, Metric? Metric = null, double? Scale = null);

internal sealed record DropCollectionRequest(string Name);

/// <summary>Asks for something of a whole collection.</summary>
internal sealed record CollectionRequest(AsOf? AsOf = null);

/// <summary>Names of collections, in ordinal order.</summary>
internal sealed record CollectionsAnswer(IEnumerable<string> Collections);

/// <param name="Dropped">The name of the collection that is gone.</param>
internal sealed record DroppedAnswer(string Dropped);

/// <summary>What a collection holds and where it is in its history. Counts are of what is live; slots count deleted ones too.</summary>
internal record StatusAnswer(
    string Name, int Dimension, string Metric, double Scale, ulong RecordCount, ulong NodeCount, ulong EdgeCount, ulong RecordSlots, ulong NodeSlots, ulong EdgeSlots,
    string StateHash, string Chain, string HistoryRoot, long SequenceNr, string Time)
{
    public static StatusAnswer Of(EngineStatus status) => new(
        status.Name, status.Dimension, status.Schema.Metric.Name(), status.Schema.Scale, status.RecordCount, status.NodeCount, status.EdgeCount, status.RecordSlots, status.NodeSlots, status.EdgeSlots,
        status.StateHash.ToString(), status.Chain.ToString(), status.HistoryRoot.ToString(), status.SequenceNr, Iso8601.Format(status.UnixMicroseconds));
}

internal sealed record StateHashAnswer(string StateHash);

/// <param name="Filter">Counts only records that match it.</param>
internal sealed record CountRequest(Filter? Filter = null, AsOf? AsOf = null);

/// <summary>How many live records there are.</summary>
internal sealed record CountAnswer(ulong Count);

/// <summary>Collections, and each as a whole.</summary>
internal static class CollectionOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<ListCollectionsRequest, CollectionsAnswer>(OperationKind.Read, "list_collections", "GET /v1/collections",
            "Returns the names of all collections.",
            async (on, _, stop) => new CollectionsAnswer(await on.Collections.ListAsync(stop))),
        new Operation<CreateCollectionRequest, StatusAnswer>(OperationKind.Admin, "create_collection", "PUT /v1/collections/{name}",
            "Creates a collection if it does not exist, and returns its status.",
            async (on, request, stop) =>
            {
                ValoriEngine engine = await on.Collections.CreateAsync(request.Name, new WantedSchema(request.Dimension, request.Metric, request.Scale), stop);
                return StatusAnswer.Of(await engine.StatusAsync(cancellationToken: stop));
            }),
        new Operation<DropCollectionRequest, DroppedAnswer>(OperationKind.Admin, "drop_collection", "DELETE /v1/collections/{name}",
            "Drops a collection with its events and snapshots, which cannot be undone.",
            async (on, request, stop) =>
            {
                await on.Collections.DropAsync(request.Name, stop);
                return new DroppedAnswer(request.Name);
            }),
        new Operation<CollectionRequest, StatusAnswer>(OperationKind.Read, "status", "GET /v1/collections/{name}",
            "Returns what a collection holds and where it is in its history.",
            async (on, request, stop) => StatusAnswer.Of(await on.Engine.StatusAsync(request.AsOf, stop))),
        new Operation<CollectionRequest, StateHashAnswer>(OperationKind.Read, "get_state_hash", "GET /v1/collections/{name}/state-hash",
            "Returns the state hash, which depends only on the content.",
            async (on, request, stop) => new StateHashAnswer((await on.Engine.GetStateHashAsync(request.AsOf, stop)).ToString())),
        new Operation<CountRequest, CountAnswer>(OperationKind.Read, "record_count", "GET /v1/collections/{name}/count",
            "Returns the number of live records, or of those that match a filter.",
            async (on, request, stop) => new CountAnswer(request.Filter is { } filter
                ? await on.Engine.CountRecordsAsync(filter, request.AsOf, stop)
                : await on.Engine.RecordCountAsync(request.AsOf, stop))),
    ];
}
