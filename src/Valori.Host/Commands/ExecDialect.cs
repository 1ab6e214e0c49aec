using System.Diagnostics;
using System.Text.Json;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Commands;

/// <summary>The JSON-lines dialect of FORMATS section 9: one object in, one out, in order.</summary>
internal sealed class ExecDialect(ValoriEngine engine)
{
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RecoveryPollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The answer to one line. What is wrong with the line, or refused by the engine, is an answer too; only an engine that
    /// cannot answer throws.
    /// </summary>
    /// <exception cref="EngineException">The engine could not answer.</exception>
    public async Task<object> AnswerAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        try
        {
            using JsonDocument document = JsonFields.Parse(line);
            return await AnswerAsync(new JsonFields(document.RootElement), cancellationToken);
        }
        catch (RequestException e)
        {
            return new { error = e.Message };
        }
        catch (RefusedException e)
        {
            return new { error = e.Message };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new { error = e.Message };
        }
    }

    private async Task<object> AnswerAsync(JsonFields command, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await CarryOutAsync(
                    command.OptionalString("request_id") is { } request ? engine.WithRequestId(request) : engine, command, cancellationToken);
            }
            catch (EngineException e) when (e.Kind == EngineFailureKind.Recovering && Stopwatch.GetElapsedTime(start) < RecoveryPatience)
            {
                // Nothing was done, so trying again cannot do it twice.
                await Task.Delay(RecoveryPollInterval, cancellationToken);
            }
        }
    }

    private static async Task<object> CarryOutAsync(ValoriEngine engine, JsonFields c, CancellationToken cancellationToken)
    {
        string op = c.String("op");
        AsOf? asOf = c.OptionalAsOf();
        switch (op)
        {
            case "insert":
                Created<RecordId> inserted = await engine.InsertAsync(c.Vector("vector"), c.OptionalUInt64("tag") ?? 0, cancellationToken);
                return Answers.Created(inserted.Id.Value, inserted.Receipt);
            case "insert_batch":
                return Answers.Created(await engine.InsertBatchAsync(c.Vectors("vectors"), c.OptionalTags("tags"), cancellationToken));
            case "search":
                return await SearchAsync(engine, c, asOf, cancellationToken);
            case "search_batch":
                return Answers.Results(await engine.SearchBatchAsync(c.Vectors("vectors"), c.Int32("k"), c.OptionalUInt64("filter_tag"), asOf, cancellationToken));
            case "soft_delete":
                return Answers.Done(await engine.SoftDeleteAsync(Record(c), cancellationToken));
            case "set_metadata":
                return Answers.Done(await engine.SetMetadataAsync(Record(c), c.Base64("metadata"), cancellationToken));
            case "get_metadata":
                return Answers.Metadata(await engine.GetMetadataAsync(Record(c), asOf, cancellationToken));
            case "create_node":
                RecordId? record = c.OptionalUInt64("record_id") is { } id ? new RecordId(id) : null;
                Created<NodeId> node = await engine.CreateNodeAsync(new NodeKind(c.Byte("kind")), record, cancellationToken);
                return Answers.Created(node.Id.Value, node.Receipt);
            case "create_edge":
                NodeId from = new(c.UInt64("from_id")), to = new(c.UInt64("to_id"));
                Created<EdgeId> edge = await engine.CreateEdgeAsync(from, to, new EdgeKind(c.Byte("kind")), cancellationToken);
                return Answers.Created(edge.Id.Value, edge.Receipt);
            case "delete_node":
                return Answers.Done(await engine.DeleteNodeAsync(new NodeId(c.UInt64("node_id")), cancellationToken));
            case "delete_edge":
                return Answers.Done(await engine.DeleteEdgeAsync(new EdgeId(c.UInt64("edge_id")), cancellationToken));
            case "expand":
                return Answers.Nodes(await engine.ExpandAsync(new NodeId(c.UInt64("node_id")), c.Int32("depth"), asOf, cancellationToken));
            case "get_state_hash":
                return new { state_hash = (await engine.GetStateHashAsync(asOf, cancellationToken)).ToString() };
            case "record_count":
                return new { count = await engine.RecordCountAsync(asOf, cancellationToken) };
            case "prove_record":
                return Answers.Proof(await engine.ProveRecordAsync(Record(c), asOf, cancellationToken));
            case "prove_node":
                return Answers.Proof(await engine.ProveNodeAsync(new NodeId(c.UInt64("node_id")), asOf, cancellationToken));
            case "prove_edge":
                return Answers.Proof(await engine.ProveEdgeAsync(new EdgeId(c.UInt64("edge_id")), asOf, cancellationToken));
            case "prove_history":
                return new { proof = (await engine.ProveHistoryAsync(c.Int64("from"), c.Int64("to"), cancellationToken)).ToJson() };
            case "timeline":
                return Answers.Timeline(await engine.TimelineAsync(c.Int64("from"), c.Int32("count"), cancellationToken));
            case "status":
                return Answers.Status(await engine.StatusAsync(asOf, cancellationToken));
            case "save":
                return new { path = await engine.SaveAsync(cancellationToken) };
            case "restore":
                await using (FileStream snapshot = OpenSnapshot(c.String("path")))
                    return Answers.Done(await engine.RestoreAsync(snapshot, cancellationToken));
            default:
                throw new RequestException($"unknown op '{op}'; known are {KnownOps}");
        }
    }

    private const string KnownOps =
        "insert, insert_batch, search, search_batch, soft_delete, set_metadata, get_metadata, create_node, create_edge, delete_node, "
        + "delete_edge, expand, get_state_hash, record_count, prove_record, prove_node, prove_edge, prove_history, timeline, status, save, restore";

    private static async Task<object> SearchAsync(ValoriEngine engine, JsonFields c, AsOf? asOf, CancellationToken cancellationToken)
    {
        float[] vector = c.Vector("vector");
        ulong? tag = c.OptionalUInt64("filter_tag");
        return c.OptionalBoolean("receipt")
            ? Answers.Found(await engine.SearchWithReceiptAsync(vector, c.Int32("k"), tag, asOf, cancellationToken))
            : Answers.Hits(await engine.SearchAsync(vector, c.Int32("k"), tag, asOf, cancellationToken));
    }

    private static FileStream OpenSnapshot(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (ArgumentException e)
        {
            throw new RequestException($"field 'path' is no path: {e.Message}");
        }
    }

    private static RecordId Record(JsonFields c) => new(c.UInt64("record_id"));
}
