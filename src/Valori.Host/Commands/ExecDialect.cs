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
        switch (op)
        {
            case "insert":
                return Answers.Id((await engine.InsertAsync(c.Vector("vector"), c.OptionalUInt64("tag") ?? 0, cancellationToken)).Value);
            case "insert_batch":
                return Answers.Ids(await engine.InsertBatchAsync(c.Vectors("vectors"), c.OptionalTags("tags"), cancellationToken));
            case "search":
                return Answers.Hits(await engine.SearchAsync(c.Vector("vector"), c.Int32("k"), c.OptionalUInt64("filter_tag"), cancellationToken));
            case "search_batch":
                return Answers.Results(await engine.SearchBatchAsync(c.Vectors("vectors"), c.Int32("k"), c.OptionalUInt64("filter_tag"), cancellationToken));
            case "soft_delete":
                await engine.SoftDeleteAsync(Record(c), cancellationToken);
                return Empty;
            case "set_metadata":
                await engine.SetMetadataAsync(Record(c), c.Base64("metadata"), cancellationToken);
                return Empty;
            case "get_metadata":
                return Answers.Metadata(await engine.GetMetadataAsync(Record(c), cancellationToken));
            case "create_node":
                RecordId? record = c.OptionalUInt64("record_id") is { } id ? new RecordId(id) : null;
                return Answers.Id((await engine.CreateNodeAsync(new NodeKind(c.Byte("kind")), record, cancellationToken)).Value);
            case "create_edge":
                NodeId from = new(c.UInt64("from_id")), to = new(c.UInt64("to_id"));
                return Answers.Id((await engine.CreateEdgeAsync(from, to, new EdgeKind(c.Byte("kind")), cancellationToken)).Value);
            case "delete_node":
                await engine.DeleteNodeAsync(new NodeId(c.UInt64("node_id")), cancellationToken);
                return Empty;
            case "delete_edge":
                await engine.DeleteEdgeAsync(new EdgeId(c.UInt64("edge_id")), cancellationToken);
                return Empty;
            case "expand":
                return Answers.Nodes(await engine.ExpandAsync(new NodeId(c.UInt64("node_id")), c.Int32("depth"), cancellationToken));
            case "get_state_hash":
                return new { state_hash = (await engine.GetStateHashAsync(cancellationToken)).ToString() };
            case "record_count":
                return new { count = await engine.RecordCountAsync(cancellationToken) };
            case "save":
                return new { path = await engine.SaveAsync(cancellationToken) };
            case "restore":
                await using (FileStream snapshot = OpenSnapshot(c.String("path")))
                    await engine.RestoreAsync(snapshot, cancellationToken);
                return Empty;
            default:
                throw new RequestException($"unknown op '{op}'; known are {KnownOps}");
        }
    }

    private const string KnownOps =
        "insert, insert_batch, search, search_batch, soft_delete, set_metadata, get_metadata, create_node, create_edge, delete_node, "
        + "delete_edge, expand, get_state_hash, record_count, save, restore";

    private static readonly object Empty = new { };

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
