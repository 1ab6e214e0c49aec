using Valori.Host.Json;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Host.Tests.Support;

/// <summary>
/// The commands that an engine is known to have carried out, and what follows from them: a plain model of the content, and
/// a kernel of its own for the state hash.
/// </summary>
/// <param name="place">To say in failures: the seed and the like.</param>
internal sealed class Ledger(int dimension, Func<string> place)
{
    private readonly List<Command> _carriedOut = [];
    private readonly ValoriKernel _kernel = new(dimension);

    public PlainModel Model { get; } = new();

    public string StateHash => _kernel.StateHash.ToString();

    public int CarriedOut => _carriedOut.Count;

    /// <summary>Carries a command out; returns the answer in the dialect, which is null for a path that is not known.</summary>
    public string? Add(Command command)
    {
        if (command == MixedCommands.Save) return null;
        ulong records = (ulong)Model.Records.Count, nodes = (ulong)Model.Nodes.Count, edges = (ulong)Model.Edges.Count;
        int matching = command switch
        {
            DeleteWhere(var filter, _, _) => Model.Matching(filter).Count,
            SetFieldsWhere { Filter: var filter } => Model.Matching(filter).Count,
            _ => 0,
        };
        ulong? replaced = command is PutRecords put ? Model.IdOf(put.Attributes[0].Key!.ToString())?.Value : null;
        NodeId? document = command switch
        {
            PutDocument one => Model.DocumentOf(one.Key.ToString()),
            DeleteDocument(var named) => Model.NodeOf(named),
            _ => null,
        };
        List<NodeId> chunks = document is { } parent ? Model.ChunksOf(parent) : [];
        int goingRecords = (document is { } going ? Model.RecordsOf(command is DeleteDocument ? [going, .. chunks] : chunks) : []).Count;
        bool isDecided = _kernel.Decide(command).TryGet(out Event? happened, out Refusal? refusal);
        Assert.True(Model.Apply(command) == isDecided, $"{place()}: kernel and model disagree about {command}: {refusal?.Message ?? "accepted"}");
        if (!isDecided) return Json(new { error = refusal!.Message });
        _kernel.Apply(happened!);
        _carriedOut.Add(command);
        return Json(command switch
        {
            InsertRecords { Vectors.Count: 1 } => new { id = records },
            PutRecords => new { id = records, replaced_id = replaced },
            InsertRecords many => new { ids = IdsFrom(records, many.Vectors.Count) },
            CreateNode or PutNode => new { id = nodes },
            CreateEdge or PutEdge => new { id = edges },
            Transact => new { results = new[] { new { id = records }, new { id = nodes }, new { id = edges } } },
            PutDocument upserted => new
            {
                node_id = document?.Value ?? nodes,
                record_ids = IdsFrom(records, upserted.Vectors.Count),
                node_ids = IdsFrom(document is null ? nodes + 1 : nodes, upserted.Vectors.Count),
                replaced = document is not null,
                replaced_records = goingRecords,
            },
            DeleteDocument => new { node_id = document!.Value.Value, deleted_records = goingRecords },
            DeleteWhere or SetFieldsWhere => new { count = matching, is_complete = true },
            _ => new { },
        });
    }

    /// <summary>The state hash of another, fresh kernel that is given all commands anew.</summary>
    public string StateHashOfFreshKernel()
    {
        ValoriKernel fresh = new(dimension);
        foreach (Command command in _carriedOut) fresh.Apply(fresh.Decide(command).Value!);
        return fresh.StateHash.ToString();
    }

    private static IEnumerable<ulong> IdsFrom(ulong first, int count) => Enumerable.Range(0, count).Select(row => first + (ulong)row);

    private static string Json(object answer) => AnswerJson.Line(answer);
}
