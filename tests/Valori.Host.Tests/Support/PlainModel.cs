using Valori.Protocol;

namespace Valori.Host.Tests.Support;

internal sealed record PlainRecord(float[] Vector, ulong Tag)
{
    public byte[]? Metadata { get; set; }
    public string? Key { get; init; }
    public Fields Fields { get; set; } = Fields.Empty;
    public long? ExpiresAt { get; set; }
    public bool IsDeleted { get; set; }
}

internal sealed record PlainNode(NodeKind Kind)
{
    public string? Key { get; init; }
    public RecordId? Record { get; set; }
    public Fields Fields { get; set; } = Fields.Empty;
    public bool IsDeleted { get; set; }
}

internal sealed record PlainEdge(NodeId From, NodeId To, EdgeKind Kind)
{
    public Fields Fields { get; set; } = Fields.Empty;
    public long? ValidFrom { get; set; }
    public long? ValidTo { get; set; }
    public bool IsDeleted { get; set; }
}

/// <summary>What an engine must hold, in plain lists: nothing of the kernel's but the names of commands. Fields that are set have the same names everywhere.</summary>
internal sealed class PlainModel
{
    public List<PlainRecord> Records { get; } = [];

    public List<PlainNode> Nodes { get; } = [];

    public List<PlainEdge> Edges { get; } = [];

    /// <summary>Carries a command out; false, and nothing happened, where it has to be refused.</summary>
    public bool Apply(Command command)
    {
        if (IsRefused(command)) return false;
        switch (command)
        {
            case InsertRecords insert:
                Records.AddRange(CommandText.Rows(insert.Vectors).Select((row, i) => new PlainRecord(row, insert.Tags.Span[i])));
                break;
            case PutRecords put:
                string key = put.Attributes[0].Key!.ToString();
                RecordId next = new((ulong)Records.Count);
                if (IdOf(key) is { } old)
                {
                    At(Records, old.Value)!.IsDeleted = true;
                    foreach (PlainNode node in Nodes.Where(node => !node.IsDeleted && node.Record == old)) node.Record = next;
                }
                Records.Add(new PlainRecord(CommandText.Rows(put.Vectors)[0], put.Tags.Span[0]) { Key = key, Fields = put.Attributes[0].Fields });
                break;
            case SetFields { Record.Id: { } id } set:
                At(Records, id.Value)!.Fields = set.Fields;
                break;
            case DeleteKey(var deleted):
                At(Records, IdOf(deleted.ToString())!.Value.Value)!.IsDeleted = true;
                break;
            case SetMetadata(var id, var metadata):
                At(Records, id.Value)!.Metadata = metadata.ToArray();
                break;
            case DeleteRecord(var id):
                At(Records, id.Value)!.IsDeleted = true;
                break;
            case CreateNode(var kind, var record):
                Nodes.Add(new PlainNode(kind) { Record = record });
                break;
            case CreateEdge(var from, var to, var kind):
                Edges.Add(new PlainEdge(from, to, kind));
                break;
            case DeleteNode(var id):
                DeleteNode(id);
                break;
            case DeleteEdge(var id):
                At(Edges, id.Value)!.IsDeleted = true;
                break;
            case PutNode(var kind, var record, var fields):
                Nodes.Add(new PlainNode(kind) { Record = record, Fields = fields });
                break;
            case PutEdge(var from, var to, var kind, var fields, var valid):
                Edges.Add(new PlainEdge(from, to, kind) { Fields = fields, ValidFrom = valid.FromUnixMicroseconds, ValidTo = valid.ToUnixMicroseconds });
                break;
            case SetNodeFields set:
                At(Nodes, set.Id.Value)!.Fields = set.Fields;
                break;
            case SetEdgeFields set:
                At(Edges, set.Id.Value)!.Fields = set.Fields;
                break;
            case SetEdgeValidTime(var id, var set, var clear):
                PlainEdge changed = At(Edges, id.Value)!;
                changed.ValidFrom = set.FromUnixMicroseconds ?? ((clear & ValidTimeEnds.From) != 0 ? null : changed.ValidFrom);
                changed.ValidTo = set.ToUnixMicroseconds ?? ((clear & ValidTimeEnds.To) != 0 ? null : changed.ValidTo);
                break;
            case SetExpiry { Record.Id: { } id } set:
                At(Records, id.Value)!.ExpiresAt = set.ExpiresAtUnixMicroseconds;
                break;
            case DeleteWhere(var filter, _, _):
                foreach (PlainRecord record in Matching(filter)) record.IsDeleted = true;
                break;
            case SetFieldsWhere set:
                foreach (PlainRecord record in Matching(set.Filter)) record.Fields = set.Fields;
                break;
            case PutDocument put:
                PutDocument(put);
                break;
            case DeleteDocument(var named):
                DeleteDocument(NodeOf(named)!.Value);
                break;
            case Transact transaction:
                foreach (Command part in PartsOf(transaction)) Apply(part);
                break;
            default: throw new ArgumentException($"the model cannot carry out {command.GetType().Name}", nameof(command));
        }
        return true;
    }

    /// <summary>The live record that has the key, or null.</summary>
    public RecordId? IdOf(string key) => Records.FindLastIndex(record => record.Key == key) is >= 0 and var id && !Records[id].IsDeleted ? new RecordId((ulong)id) : null;

    /// <summary>The live node that has the key, or null.</summary>
    public NodeId? DocumentOf(string key) => Nodes.FindLastIndex(node => node.Key == key) is >= 0 and var id && !Nodes[id].IsDeleted ? new NodeId((ulong)id) : null;

    /// <summary>The live node that a command on a document names, or null.</summary>
    public NodeId? NodeOf(NodeRef document) => document.Key is { } key ? DocumentOf(key.ToString())
        : At(Nodes, document.Id!.Value.Value) is { IsDeleted: false } ? document.Id : null;

    /// <summary>The nodes that an edge of a parent leads to from a document.</summary>
    public List<NodeId> ChunksOf(NodeId document) =>
    [
        .. Edges.Where(edge => !edge.IsDeleted && edge.Kind == EdgeKind.ParentOf && edge.From == document && edge.To != document
                && Nodes[(int)edge.To.Value] is { IsDeleted: false } node && node.Kind == NodeKind.Chunk)
            .Select(edge => edge.To).Distinct(),
    ];

    /// <summary>The live records that nodes stand for.</summary>
    public List<RecordId> RecordsOf(IEnumerable<NodeId> nodes) =>
        [.. nodes.Select(node => Nodes[(int)node.Value].Record).OfType<RecordId>().Distinct().Where(record => !Records[(int)record.Value].IsDeleted)];

    /// <summary>The live records that the filter lets through.</summary>
    public List<PlainRecord> Matching(Filter filter)
    {
        Func<FilteredRecord, bool> matches = NaiveFilter.Of(filter);
        return [.. Records.Where((record, id) => !record.IsDeleted && matches(FilteredRecord.Of((ulong)id, record.Tag, record.Key, record.Fields)))];
    }

    private void DeleteNode(NodeId id)
    {
        Nodes[(int)id.Value].IsDeleted = true;
        foreach (PlainEdge edge in Edges.Where(edge => edge.From == id || edge.To == id)) edge.IsDeleted = true;
    }

    private void PutDocument(PutDocument put)
    {
        string key = put.Key.ToString();
        NodeId document = new((ulong)Nodes.Count);
        if (DocumentOf(key) is { } existing)
        {
            document = existing;
            DeleteChunks(document);
            At(Nodes, document.Value)!.Fields = put.Fields;
        }
        else
        {
            Nodes.Add(new PlainNode(put.Kind) { Key = key, Fields = put.Fields });
        }
        ulong firstRecord = (ulong)Records.Count, firstNode = (ulong)Nodes.Count, chunks = (ulong)put.Vectors.Count;
        Records.AddRange(CommandText.Rows(put.Vectors).Select((row, i) => new PlainRecord(row, put.Tags.Span[i]) { Fields = put.Attributes[i].Fields }));
        for (ulong i = 0; i < chunks; i++) Nodes.Add(new PlainNode(NodeKind.Chunk) { Record = new RecordId(firstRecord + i) });
        for (ulong i = 0; i < chunks; i++) Edges.Add(new PlainEdge(document, new NodeId(firstNode + i), EdgeKind.ParentOf));
        if (put.NextChunk is not { } next) return;
        for (ulong i = 1; i < chunks; i++) Edges.Add(new PlainEdge(new NodeId(firstNode + i - 1), new NodeId(firstNode + i), next));
    }

    private void DeleteDocument(NodeId document)
    {
        foreach (RecordId record in RecordsOf([document])) Records[(int)record.Value].IsDeleted = true;
        DeleteChunks(document);
        DeleteNode(document);
    }

    private void DeleteChunks(NodeId document)
    {
        List<NodeId> chunks = ChunksOf(document);
        foreach (RecordId record in RecordsOf(chunks)) Records[(int)record.Value].IsDeleted = true;
        foreach (NodeId chunk in chunks) DeleteNode(chunk);
    }

    /// <summary>With the ids that the references stand for. These tests have one form of transaction: a record, a node for it, and an edge to that node.</summary>
    private Command[] PartsOf(Transact transaction) => transaction.Parts switch
    {
        [{ Command: InsertRecords { Vectors.Count: 1 } insert }, { Command: PutNode node }, { Command: PutEdge edge }] =>
            [insert, node with { Record = new RecordId((ulong)Records.Count) }, edge with { To = new NodeId((ulong)Nodes.Count) }],
        _ => throw new ArgumentException($"the model cannot carry out {transaction}", nameof(transaction)),
    };

    private bool IsRefused(Command command) => command switch
    {
        SetFields { Record.Id: { } id } => At(Records, id.Value) is not { IsDeleted: false },
        DeleteKey(var key) => IdOf(key.ToString()) is null,
        SetMetadata(var id, _) => At(Records, id.Value) is not { IsDeleted: false },
        DeleteRecord(var id) => At(Records, id.Value) is not { IsDeleted: false },
        CreateNode(_, { } record) => At(Records, record.Value) is not { IsDeleted: false },
        PutNode(_, { } record, _) => At(Records, record.Value) is not { IsDeleted: false },
        CreateEdge(var from, var to, _) => At(Nodes, from.Value) is not { IsDeleted: false } || At(Nodes, to.Value) is not { IsDeleted: false },
        PutEdge(var from, var to, var kind, _, _) => IsRefused(new CreateEdge(from, to, kind)),
        SetNodeFields { Id: var id } => At(Nodes, id.Value) is not { IsDeleted: false },
        SetEdgeFields { Id: var id } => At(Edges, id.Value) is not { IsDeleted: false },
        SetEdgeValidTime(var id, _, _) => At(Edges, id.Value) is not { IsDeleted: false },
        SetExpiry { Record.Id: { } id } => At(Records, id.Value) is not { IsDeleted: false },
        // All of it, if the node that it did not create is gone.
        Transact transaction => PartsOf(transaction) is [.., PutEdge { From: var from }] && At(Nodes, from.Value) is not { IsDeleted: false },
        DeleteNode(var id) => At(Nodes, id.Value) is not { IsDeleted: false },
        DeleteDocument(var document) => NodeOf(document) is null,
        DeleteEdge(var id) => At(Edges, id.Value) is not { IsDeleted: false },
        _ => false,
    };

    private static T? At<T>(List<T> list, ulong id) where T : class => id < (ulong)list.Count ? list[(int)id] : null;
}
