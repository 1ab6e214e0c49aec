using Microsoft.AspNetCore.Http.Features;
using Valori.Actors;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Http;

/// <summary>
/// Every operation under <c>/v1/collections/{name}</c>. An endpoint reads fields, calls the facade and writes the answer:
/// the fields are those of the <c>exec</c> dialect.
/// </summary>
internal static class CollectionEndpoints
{
    private static readonly FieldNames Dimension = FieldNames.OfRequest("dimension");

    public static void MapCollections(this WebApplication app)
    {
        RouteGroupBuilder collections = app.MapGroup("/v1/collections").AddEndpointFilter(EngineRoutes.RefuseUnusedKeyAsync);
        collections.MapRead("", async (Collections all, CancellationToken stop) => EngineRoutes.Json(new { collections = await all.ListAsync(stop) }));

        RouteGroupBuilder one = collections.MapGroup("/{name}");
        one.MapPut("", async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            using RequestBody? body = await RequestBody.ReadOptionalJsonAsync(request, Dimension, stop);
            int? dimension = body?.Fields.OptionalInt32("dimension");
            ValoriEngine engine = await all.CreateAsync(name, dimension, stop);
            return EngineRoutes.Json(Answers.Status(await engine.StatusAsync(cancellationToken: stop)));
        });
        one.MapEngineGet("", Operations.Status, async (engine, query, stop) => Answers.Status(await engine.StatusAsync(query.OptionalAsOf(), stop)));
        one.MapEngineGet("/state-hash", Operations.GetStateHash, async (engine, query, stop) => new { state_hash = (await engine.GetStateHashAsync(query.OptionalAsOf(), stop)).ToString() });
        one.MapEngineGet("/count", Operations.RecordCount, async (engine, query, stop) => new { count = await engine.RecordCountAsync(query.OptionalAsOf(), stop) });

        MapRecords(one);
        MapGraph(one);
        MapSnapshots(one);
        one.MapHistory();
    }

    private static void MapRecords(RouteGroupBuilder one)
    {
        one.MapEnginePost("/records", Operations.Insert, async (engine, body, stop) =>
        {
            Created<RecordId> record = await engine.InsertAsync(body.Vector("vector"), body.OptionalUInt64("tag") ?? 0, stop);
            return Answers.Created(record.Id.Value, record.Receipt);
        });
        one.MapEnginePost("/records/batch", Operations.InsertBatch, async (engine, body, stop) =>
            Answers.Created(await engine.InsertBatchAsync(body.Vectors("vectors"), body.OptionalTags("tags"), stop)));
        one.MapEngineGet("/records/{id}", Operations.GetRecord, async (engine, id, query, stop) => Answers.Record(await engine.GetRecordAsync(new RecordId(id), query.OptionalAsOf(), stop)));
        one.MapEngineDelete("/records/{id}", (engine, id, stop) => engine.SoftDeleteAsync(new RecordId(id), stop));
        one.MapEngineGet("/records/{id}/metadata", Operations.GetMetadata, async (engine, id, query, stop) =>
            Answers.Metadata(await engine.GetMetadataAsync(new RecordId(id), query.OptionalAsOf(), stop)));
        one.MapEnginePut("/records/{id}/metadata", Operations.SetMetadata, async (engine, id, body, stop) =>
            Answers.Done(await engine.SetMetadataAsync(new RecordId(id), body.Base64("metadata"), stop)));
        one.MapEngineSearch("/search", Operations.Search, SearchRequest.AnswerAsync);
        one.MapEngineSearch("/search/batch", Operations.SearchBatch, SearchRequest.AnswerBatchAsync);
    }

    private static void MapGraph(RouteGroupBuilder one)
    {
        one.MapEnginePost("/nodes", Operations.CreateNode, async (engine, body, stop) =>
        {
            RecordId? record = body.OptionalUInt64("record_id") is { } id ? new RecordId(id) : null;
            Created<NodeId> node = await engine.CreateNodeAsync(new NodeKind(body.Byte("kind")), record, stop);
            return Answers.Created(node.Id.Value, node.Receipt);
        });
        one.MapEngineGet("/nodes/{id}", Operations.GetNode, async (engine, id, query, stop) => Answers.Node(await engine.GetNodeAsync(new NodeId(id), query.OptionalAsOf(), stop)));
        one.MapEngineDelete("/nodes/{id}", (engine, id, stop) => engine.DeleteNodeAsync(new NodeId(id), stop));
        one.MapEngineGet("/nodes/{id}/edges", Operations.GetEdges, async (engine, id, query, stop) => Answers.Edges(await engine.GetEdgesAsync(new NodeId(id), query.OptionalAsOf(), stop)));
        one.MapEngineGet("/nodes/{id}/expand", Operations.Expand, async (engine, id, query, stop) =>
            Answers.Nodes(await engine.ExpandAsync(new NodeId(id), query.Int32("depth"), query.OptionalAsOf(), stop)));
        one.MapEnginePost("/edges", Operations.CreateEdge, async (engine, body, stop) =>
        {
            NodeId from = new(body.UInt64("from_id")), to = new(body.UInt64("to_id"));
            Created<EdgeId> edge = await engine.CreateEdgeAsync(from, to, new EdgeKind(body.Byte("kind")), stop);
            return Answers.Created(edge.Id.Value, edge.Receipt);
        });
        one.MapEngineGet("/edges/{id}", Operations.GetEdge, async (engine, id, query, stop) => Answers.Edge(await engine.GetEdgeAsync(new EdgeId(id), query.OptionalAsOf(), stop)));
        one.MapEngineDelete("/edges/{id}", (engine, id, stop) => engine.DeleteEdgeAsync(new EdgeId(id), stop));
    }

    private static void MapSnapshots(RouteGroupBuilder one)
    {
        one.MapPost("/save", async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            ValoriEngine engine = await all.GetAsync(name, stop);
            using RequestBody? body = await RequestBody.ReadOptionalJsonAsync(request, Operations.Save.Request, stop);
            return EngineRoutes.Json(new { path = await engine.SaveAsync(stop) });
        });
        one.MapPost("/restore", async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            ValoriEngine engine = await all.GetAsync(name, stop);
            await using Stream snapshot = RequestBody.OpenBytes(request);
            return EngineRoutes.Json(Answers.Done(await engine.RestoreAsync(snapshot, stop)));
        });
    }
}
