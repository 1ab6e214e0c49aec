using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
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
    private const string IdempotencyKey = "Idempotency-Key";

    public static void MapCollections(this WebApplication app)
    {
        RouteGroupBuilder collections = app.MapGroup("/v1/collections");
        collections.MapGet("", async (Collections all, CancellationToken stop) => Json(new { collections = await all.ListAsync(stop) }));

        RouteGroupBuilder one = collections.MapGroup("/{name}");
        one.MapPut("", async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            bool hasBody = request.ContentLength != 0 && request.HttpContext.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody;
            using JsonDocument? body = hasBody ? await BodyAsync(request, stop) : null;
            int? dimension = body is null ? null : new JsonFields(body.RootElement).OptionalInt32("dimension");
            ValoriEngine engine = await all.CreateAsync(name, dimension, stop);
            return Json(Answers.Status(await engine.StatusAsync(stop)));
        });
        one.MapGet("", async (string name, Collections all, CancellationToken stop) =>
            Json(Answers.Status(await (await all.GetAsync(name, stop)).StatusAsync(stop))));
        one.MapGet("/state-hash", async (string name, Collections all, CancellationToken stop) =>
            Json(new { state_hash = (await (await all.GetAsync(name, stop)).GetStateHashAsync(stop)).ToString() }));
        one.MapGet("/count", async (string name, Collections all, CancellationToken stop) =>
            Json(new { count = await (await all.GetAsync(name, stop)).RecordCountAsync(stop) }));

        MapRecords(one);
        MapGraph(one);
        MapSnapshots(one);
    }

    private static void MapRecords(RouteGroupBuilder one)
    {
        one.MapPost("/records", (string name, HttpRequest request, Collections all, CancellationToken stop) => WithBody(name, request, all, stop, async (engine, body) =>
            Answers.Id((await engine.InsertAsync(body.Vector("vector"), body.OptionalUInt64("tag") ?? 0, stop)).Value)));
        one.MapPost("/records/batch", (string name, HttpRequest request, Collections all, CancellationToken stop) => WithBody(name, request, all, stop, async (engine, body) =>
            Answers.Ids(await engine.InsertBatchAsync(body.Vectors("vectors"), body.OptionalTags("tags"), stop))));
        one.MapGet("/records/{id}", async (string name, ulong id, Collections all, CancellationToken stop) =>
            Json(Answers.Record(await (await all.GetAsync(name, stop)).GetRecordAsync(new RecordId(id), stop))));
        one.MapDelete("/records/{id}", async (string name, ulong id, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            await Named(await all.GetAsync(name, stop), request).SoftDeleteAsync(new RecordId(id), stop);
            return Results.NoContent();
        });
        one.MapGet("/records/{id}/metadata", async (string name, ulong id, Collections all, CancellationToken stop) =>
            Json(Answers.Metadata(await (await all.GetAsync(name, stop)).GetMetadataAsync(new RecordId(id), stop))));
        one.MapPut("/records/{id}/metadata", (string name, ulong id, HttpRequest request, Collections all, CancellationToken stop) => WithBody(name, request, all, stop, async (engine, body) =>
        {
            await engine.SetMetadataAsync(new RecordId(id), body.Base64("metadata"), stop);
            return new { };
        }));
        one.MapPost("/search", (string name, HttpRequest request, Collections all, CancellationToken stop) => WithBody(name, request, all, stop, async (engine, body) =>
        {
            float[] vector = body.Vector("vector");
            ulong? tag = body.OptionalUInt64("filter_tag");
            return body.OptionalInt32("depth") is { } depth
                ? Answers.Hits(await engine.SearchExpandAsync(vector, body.Int32("k"), depth, tag, stop))
                : Answers.Hits(await engine.SearchAsync(vector, body.Int32("k"), tag, stop));
        }));
        one.MapPost("/search/batch", (string name, HttpRequest request, Collections all, CancellationToken stop) => WithBody(name, request, all, stop, async (engine, body) =>
            Answers.Results(await engine.SearchBatchAsync(body.Vectors("vectors"), body.Int32("k"), body.OptionalUInt64("filter_tag"), stop))));
    }

    private static void MapGraph(RouteGroupBuilder one)
    {
        one.MapPost("/nodes", (string name, HttpRequest request, Collections all, CancellationToken stop) => WithBody(name, request, all, stop, async (engine, body) =>
        {
            RecordId? record = body.OptionalUInt64("record_id") is { } id ? new RecordId(id) : null;
            return Answers.Id((await engine.CreateNodeAsync(new NodeKind(body.Byte("kind")), record, stop)).Value);
        }));
        one.MapGet("/nodes/{id}", async (string name, ulong id, Collections all, CancellationToken stop) =>
            Json(Answers.Node(await (await all.GetAsync(name, stop)).GetNodeAsync(new NodeId(id), stop))));
        one.MapDelete("/nodes/{id}", async (string name, ulong id, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            await Named(await all.GetAsync(name, stop), request).DeleteNodeAsync(new NodeId(id), stop);
            return Results.NoContent();
        });
        one.MapGet("/nodes/{id}/edges", async (string name, ulong id, Collections all, CancellationToken stop) =>
            Json(Answers.Edges(await (await all.GetAsync(name, stop)).GetEdgesAsync(new NodeId(id), stop))));
        one.MapGet("/nodes/{id}/expand", async (string name, ulong id, int depth, Collections all, CancellationToken stop) =>
            Json(Answers.Nodes(await (await all.GetAsync(name, stop)).ExpandAsync(new NodeId(id), depth, stop))));
        one.MapPost("/edges", (string name, HttpRequest request, Collections all, CancellationToken stop) => WithBody(name, request, all, stop, async (engine, body) =>
        {
            NodeId from = new(body.UInt64("from_id")), to = new(body.UInt64("to_id"));
            return Answers.Id((await engine.CreateEdgeAsync(from, to, new EdgeKind(body.Byte("kind")), stop)).Value);
        }));
        one.MapGet("/edges/{id}", async (string name, ulong id, Collections all, CancellationToken stop) =>
            Json(Answers.Edge(await (await all.GetAsync(name, stop)).GetEdgeAsync(new EdgeId(id), stop))));
        one.MapDelete("/edges/{id}", async (string name, ulong id, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            await Named(await all.GetAsync(name, stop), request).DeleteEdgeAsync(new EdgeId(id), stop);
            return Results.NoContent();
        });
    }

    private static void MapSnapshots(RouteGroupBuilder one)
    {
        one.MapPost("/save", async (string name, Collections all, CancellationToken stop) =>
            Json(new { path = await (await all.GetAsync(name, stop)).SaveAsync(stop) }));
        one.MapPost("/restore", async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            ValoriEngine engine = await all.GetAsync(name, stop);
            await engine.RestoreAsync(request.Body, stop);
            return Json(Answers.Status(await engine.StatusAsync(stop)));
        });
    }

    private static async Task<IResult> WithBody(
        string name, HttpRequest request, Collections all, CancellationToken stop, Func<ValoriEngine, JsonFields, Task<object>> operation)
    {
        ValoriEngine engine = Named(await all.GetAsync(name, stop), request);
        using JsonDocument body = await BodyAsync(request, stop);
        return Json(await operation(engine, new JsonFields(body.RootElement)));
    }

    /// <summary>The engine, for a command with the request's idempotency key where it has one.</summary>
    private static ValoriEngine Named(ValoriEngine engine, HttpRequest request) =>
        request.Headers.TryGetValue(IdempotencyKey, out StringValues key) ? engine.WithRequestId(key.ToString()) : engine;

    private static async Task<JsonDocument> BodyAsync(HttpRequest request, CancellationToken stop)
    {
        try
        {
            return await JsonDocument.ParseAsync(request.Body, cancellationToken: stop);
        }
        catch (JsonException e)
        {
            throw new RequestException($"the body is no JSON object: {e.Message}");
        }
    }

    private static IResult Json(object value) => Results.Json(value, Answers.Options);
}
