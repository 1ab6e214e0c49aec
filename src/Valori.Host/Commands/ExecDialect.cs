using System.Diagnostics;
using System.Text.Json;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Actors.Text;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Commands;

/// <summary>The JSON-lines dialect of FORMATS section 9: one object in, one out, in order.</summary>
internal sealed class ExecDialect(ValoriEngine engine)
{
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RecoveryPollInterval = TimeSpan.FromMilliseconds(50);

    private static readonly (Operation Operation, CarryOut CarryOut)[] All =
    [
        (Operations.Insert, async (engine, c, stop) =>
        {
            Created<RecordId> record = await engine.InsertAsync(c.Vector("vector"), c.OptionalUInt64("tag") ?? 0, stop);
            return Answers.Created(record.Id.Value, record.Receipt);
        }),
        (Operations.InsertBatch, async (engine, c, stop) => Answers.Created(await engine.InsertBatchAsync(c.Vectors("vectors"), c.OptionalTags("tags"), stop))),
        (Operations.Search, SearchRequest.AnswerAsync),
        (Operations.SearchBatch, SearchRequest.AnswerBatchAsync),
        (Operations.GetRecord, async (engine, c, stop) => Answers.Record(await engine.GetRecordAsync(Record(c), c.OptionalAsOf(), stop))),
        (Operations.SoftDelete, async (engine, c, stop) => Answers.Done(await engine.SoftDeleteAsync(Record(c), stop))),
        (Operations.SetMetadata, async (engine, c, stop) => Answers.Done(await engine.SetMetadataAsync(Record(c), c.Base64("metadata"), stop))),
        (Operations.GetMetadata, async (engine, c, stop) => Answers.Metadata(await engine.GetMetadataAsync(Record(c), c.OptionalAsOf(), stop))),
        (Operations.CreateNode, async (engine, c, stop) =>
        {
            RecordId? record = c.OptionalUInt64("record_id") is { } id ? new RecordId(id) : null;
            Created<NodeId> node = await engine.CreateNodeAsync(new NodeKind(c.Byte("kind")), record, stop);
            return Answers.Created(node.Id.Value, node.Receipt);
        }),
        (Operations.CreateEdge, async (engine, c, stop) =>
        {
            NodeId from = new(c.UInt64("from_id")), to = new(c.UInt64("to_id"));
            Created<EdgeId> edge = await engine.CreateEdgeAsync(from, to, new EdgeKind(c.Byte("kind")), stop);
            return Answers.Created(edge.Id.Value, edge.Receipt);
        }),
        (Operations.GetNode, async (engine, c, stop) => Answers.Node(await engine.GetNodeAsync(Node(c), c.OptionalAsOf(), stop))),
        (Operations.GetEdge, async (engine, c, stop) => Answers.Edge(await engine.GetEdgeAsync(Edge(c), c.OptionalAsOf(), stop))),
        (Operations.GetEdges, async (engine, c, stop) => Answers.Edges(await engine.GetEdgesAsync(Node(c), c.OptionalAsOf(), stop))),
        (Operations.DeleteNode, async (engine, c, stop) => Answers.Done(await engine.DeleteNodeAsync(Node(c), stop))),
        (Operations.DeleteEdge, async (engine, c, stop) => Answers.Done(await engine.DeleteEdgeAsync(Edge(c), stop))),
        (Operations.Expand, async (engine, c, stop) => Answers.Nodes(await engine.ExpandAsync(Node(c), c.Int32("depth"), c.OptionalAsOf(), stop))),
        (Operations.GetStateHash, async (engine, c, stop) => new { state_hash = (await engine.GetStateHashAsync(c.OptionalAsOf(), stop)).ToString() }),
        (Operations.RecordCount, async (engine, c, stop) => new { count = await engine.RecordCountAsync(c.OptionalAsOf(), stop) }),
        (Operations.ProveRecord, async (engine, c, stop) => Answers.Proof(await engine.ProveRecordAsync(Record(c), c.OptionalAsOf(), stop))),
        (Operations.ProveNode, async (engine, c, stop) => Answers.Proof(await engine.ProveNodeAsync(Node(c), c.OptionalAsOf(), stop))),
        (Operations.ProveEdge, async (engine, c, stop) => Answers.Proof(await engine.ProveEdgeAsync(Edge(c), c.OptionalAsOf(), stop))),
        (Operations.ProveHistory, async (engine, c, stop) => new { proof = (await engine.ProveHistoryAsync(c.Int64("from"), c.Int64("to"), stop)).ToJson() }),
        (Operations.Timeline, async (engine, c, stop) =>
            Answers.Timeline(await engine.TimelineAsync(c.OptionalInt64("from") ?? Operations.DefaultFirstEvent, c.OptionalInt32("count") ?? Operations.DefaultEvents, stop))),
        (Operations.Status, async (engine, c, stop) => Answers.Status(await engine.StatusAsync(c.OptionalAsOf(), stop))),
        (Operations.Save, async (engine, _, stop) => new { path = await engine.SaveAsync(stop) }),
        (Operations.Restore, async (engine, c, stop) =>
        {
            await using FileStream snapshot = OpenSnapshot(c.String("path"));
            return Answers.Done(await engine.RestoreAsync(snapshot, stop));
        }),
    ];

    private static readonly Dictionary<string, (Operation Operation, CarryOut CarryOut)> ByName = All.ToDictionary(entry => entry.Operation.Name, StringComparer.Ordinal);

    private delegate Task<object> CarryOut(ValoriEngine engine, JsonFields fields, CancellationToken cancellationToken);

    /// <summary>What the dialect knows, in the order in which it is told.</summary>
    public static IEnumerable<Operation> Known => All.Select(entry => entry.Operation);

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
            string op = JsonFields.OfAny(document.RootElement).String("op");
            if (!ByName.TryGetValue(op, out (Operation Operation, CarryOut CarryOut) known)) throw Unknown(op);
            // Before anything is carried out: a field that is not read would not be missed.
            return await AnswerAsync(new JsonFields(document.RootElement, known.Operation.Line), known.CarryOut, cancellationToken);
        }
        catch (RequestException e)
        {
            return new ErrorAnswer(e.Message);
        }
        catch (RefusedException e)
        {
            return new ErrorAnswer(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ErrorAnswer(e.Message);
        }
    }

    private async Task<object> AnswerAsync(JsonFields command, CarryOut carryOut, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await carryOut(command.OptionalString(Operation.RequestId) is { } request ? engine.WithRequestId(request) : engine, command, cancellationToken);
            }
            catch (EngineException e) when (e.Kind == EngineFailureKind.Recovering && Stopwatch.GetElapsedTime(start) < RecoveryPatience)
            {
                // Nothing was done, so trying again cannot do it twice.
                await Task.Delay(RecoveryPollInterval, cancellationToken);
            }
        }
    }

    private static RequestException Unknown(string op) => new(
        $"unknown op '{Spelling.Shown(op)}'{(Spelling.Nearest(op, ByName.Keys) is { } near ? $": did you mean '{near}'" : "")}; "
        + $"known are {string.Join(", ", Known.Select(known => known.Name))}");

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

    private static NodeId Node(JsonFields c) => new(c.UInt64("node_id"));

    private static EdgeId Edge(JsonFields c) => new(c.UInt64("edge_id"));
}
