using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Http;

/// <summary>
/// Every operation under <c>/v1/collections/{name}</c>. An endpoint reads fields, calls the facade and writes the answer:
/// the fields are those of the <c>exec</c> dialect.
/// </summary>
internal static class CollectionEndpoints
{
    public static void MapCollections(this WebApplication app)
    {
        RouteGroupBuilder collections = app.MapGroup("/v1/collections");
        collections.MapGet("", async (Collections all, CancellationToken stop) => EngineRoutes.Json(new { collections = await all.ListAsync(stop) }));

        RouteGroupBuilder one = collections.MapGroup("/{name}");
        one.MapPut("", async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            bool hasBody = request.ContentLength != 0 && request.HttpContext.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody;
            using JsonDocument? body = hasBody ? await EngineRoutes.BodyAsync(request, stop) : null;
            int? dimension = body is null ? null : new JsonFields(body.RootElement).OptionalInt32("dimension");
            ValoriEngine engine = await all.CreateAsync(name, dimension, stop);
            return EngineRoutes.Json(Answers.Status(await engine.StatusAsync(cancellationToken: stop)));
        });
        one.MapEngineGet("", async (engine, asOf, stop) => Answers.Status(await engine.StatusAsync(asOf, stop)));
        one.MapEngineGet("/state-hash", async (engine, asOf, stop) => new { state_hash = (await engine.GetStateHashAsync(asOf, stop)).ToString() });
        one.MapEngineGet("/count", async (engine, asOf, stop) => new { count = await engine.RecordCountAsync(asOf, stop) });

        MapRecords(one);
        MapGraph(one);
        MapSnapshots(one);
        one.MapHistory();
    }

    private static void MapRecords(RouteGroupBuilder one)
    {
        one.MapEnginePost("/records", async (engine, body, stop) =>
        {
            Created<RecordId> record = await engine.InsertAsync(body.Vector("vector"), body.OptionalUInt64("tag") ?? 0, stop);
            return Answers.Created(record.Id.Value, record.Receipt);
        });
        one.MapEnginePost("/records/batch", async (engine, body, stop) =>
            Answers.Created(await engine.InsertBatchAsync(body.Vectors("vectors"), body.OptionalTags("tags"), stop)));
        one.MapEngineGet("/records/{id}", async (engine, id, asOf, stop) => Answers.Record(await engine.GetRecordAsync(new RecordId(id), asOf, stop)));
        one.MapEngineDelete("/records/{id}", (engine, id, stop) => engine.SoftDeleteAsync(new RecordId(id), stop));
        one.MapEngineGet("/records/{id}/metadata", async (engine, id, asOf, stop) =>
            Answers.Metadata(await engine.GetMetadataAsync(new RecordId(id), asOf, stop)));
        one.MapEnginePut("/records/{id}/metadata", async (engine, id, body, stop) =>
            Answers.Done(await engine.SetMetadataAsync(new RecordId(id), body.Base64("metadata"), stop)));
        one.MapEnginePost("/search", async (engine, body, stop) =>
        {
            float[] vector = body.Vector("vector");
            ulong? tag = body.OptionalUInt64("filter_tag");
            AsOf? asOf = body.OptionalAsOf();
            bool withReceipt = body.OptionalBoolean("receipt");
            return body.OptionalInt32("depth") switch
            {
                null when withReceipt => Answers.Found(await engine.SearchWithReceiptAsync(vector, body.Int32("k"), tag, asOf, stop)),
                null => Answers.Hits(await engine.SearchAsync(vector, body.Int32("k"), tag, asOf, stop)),
                _ when withReceipt => throw new RequestException("a search with 'depth' has no receipt: leave one of the two out"),
                { } depth => Answers.Hits(await engine.SearchExpandAsync(vector, body.Int32("k"), depth, tag, asOf, stop)),
            };
        });
        one.MapEnginePost("/search/batch", async (engine, body, stop) => Answers.Results(
            await engine.SearchBatchAsync(body.Vectors("vectors"), body.Int32("k"), body.OptionalUInt64("filter_tag"), body.OptionalAsOf(), stop)));
    }

    private static void MapGraph(RouteGroupBuilder one)
    {
        one.MapEnginePost("/nodes", async (engine, body, stop) =>
        {
            RecordId? record = body.OptionalUInt64("record_id") is { } id ? new RecordId(id) : null;
            Created<NodeId> node = await engine.CreateNodeAsync(new NodeKind(body.Byte("kind")), record, stop);
            return Answers.Created(node.Id.Value, node.Receipt);
        });
        one.MapEngineGet("/nodes/{id}", async (engine, id, asOf, stop) => Answers.Node(await engine.GetNodeAsync(new NodeId(id), asOf, stop)));
        one.MapEngineDelete("/nodes/{id}", (engine, id, stop) => engine.DeleteNodeAsync(new NodeId(id), stop));
        one.MapEngineGet("/nodes/{id}/edges", async (engine, id, asOf, stop) => Answers.Edges(await engine.GetEdgesAsync(new NodeId(id), asOf, stop)));
        one.MapGet("/nodes/{id}/expand", async (string name, ulong id, int depth, HttpRequest request, Collections all, CancellationToken stop) =>
            EngineRoutes.Json(Answers.Nodes(await (await all.GetAsync(name, stop)).ExpandAsync(new NodeId(id), depth, EngineRoutes.AsOfIn(request), stop))));
        one.MapEnginePost("/edges", async (engine, body, stop) =>
        {
            NodeId from = new(body.UInt64("from_id")), to = new(body.UInt64("to_id"));
            Created<EdgeId> edge = await engine.CreateEdgeAsync(from, to, new EdgeKind(body.Byte("kind")), stop);
            return Answers.Created(edge.Id.Value, edge.Receipt);
        });
        one.MapEngineGet("/edges/{id}", async (engine, id, asOf, stop) => Answers.Edge(await engine.GetEdgeAsync(new EdgeId(id), asOf, stop)));
        one.MapEngineDelete("/edges/{id}", (engine, id, stop) => engine.DeleteEdgeAsync(new EdgeId(id), stop));
    }

    private static void MapSnapshots(RouteGroupBuilder one)
    {
        one.MapPost("/save", async (string name, Collections all, CancellationToken stop) =>
            EngineRoutes.Json(new { path = await (await all.GetAsync(name, stop)).SaveAsync(stop) }));
        one.MapPost("/restore", async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            ValoriEngine engine = await all.GetAsync(name, stop);
            return EngineRoutes.Json(Answers.Done(await engine.RestoreAsync(request.Body, stop)));
        });
    }
}
