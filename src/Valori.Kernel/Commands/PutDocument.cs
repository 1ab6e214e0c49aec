using Valori.Kernel.Commands;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>
/// Puts a document with its chunks: a node with a key for the document, the records of the chunks, a node <see cref="NodeKind.Chunk"/> for each of
/// them, and an edge <see cref="EdgeKind.ParentOf"/> from the document to each.
/// </summary>
/// <param name="Key">The name of the document, which its node has. No two live nodes have the same.</param>
/// <param name="Kind">Of the document's node.</param>
/// <param name="Fields">Of the document's node.</param>
/// <param name="Vectors">Of the chunks.</param>
/// <param name="Tags">One a chunk.</param>
/// <param name="Attributes">One a chunk.</param>
/// <param name="NextChunk">The kind of the edges from each chunk to the next; no such edges if null.</param>
/// <param name="Replace">
/// What happens if there is a document with the key. False: the command is refused. True: its node stays and gets these fields, and its old chunks
/// are deleted with their records. Nodes that stood for the record of an old chunk stand for that of the new chunk with the same key.
/// </param>
public sealed record PutDocument(
    RecordKey Key, NodeKind Kind, Fields Fields, VectorBlock Vectors, ReadOnlyMemory<ulong> Tags, IReadOnlyList<RecordAttributes> Attributes, EdgeKind? NextChunk = null, bool Replace = false)
    : Command, IWireReadable<PutDocument>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<PutDocument, DocumentPut>(
        35, 21,
        new EventText(EventText.OfDocument("added")) { Replaced = EventText.OfDocument("upserted") },
        creates: ContentKind.Record, standsAlone: true);

    // What the node and the edges of a chunk count besides its record.
    private const int BytesOfAChunk = 128;

    internal override CommandKind CommandKind => ThisKind;

    /// <summary>Of the records.</summary>
    internal override (ulong? FirstId, int Created) ExpectedIds => (null, Vectors.Count);

    internal override long ContentBytes => Key.Utf8.Length + Fields.Canonical.Length + Records.ContentBytes + (long)Vectors.Count * BytesOfAChunk;

    internal override string? MissingProperty => Key is null ? nameof(Key) : Fields is null ? nameof(Fields) : Records.MissingProperty;

    private PutRecords Records => new(Vectors, Tags, Attributes, Replace);

    internal override Outcome<Event> Decide(ITables tables)
    {
        KernelTables state = tables.State;
        if (Vectors.Count > Limits.MaximumChunks) return new Refusal(RefusalKind.LimitExceeded, $"document: {Vectors.Count} chunks; the limit of one document is {Limits.MaximumChunks}: split it");
        if (InsertRecords.Check(Vectors, Tags, tables) is { } wrong) return wrong;
        if (Attributes.Count != Vectors.Count)
            return new Refusal(RefusalKind.InvalidArgument, $"expected attributes for each chunk: {Vectors.Count} chunks, attributes for {Attributes.Count}");
        NodeId? existing = state.FindLiveNode(Key);
        if (existing is { } found && CheckExisting(state, found) is { } conflict) return conflict;
        if (CheckChunks(state, existing) is { } refusal) return refusal;
        NodeId firstNode = new(state.NodeSlots);
        return new DocumentPut(
            existing ?? firstNode, new RecordId(state.RecordSlots), firstNode, new EdgeId(state.EdgeSlots),
            Key, Kind, Fields, Vectors, Tags, Attributes, NextChunk, Replace);
    }

    internal override Command MapIds(IdMap map) => this;

    internal override void WriteFields(ref WireWriter writer) => Write(ref writer, 1);

    static PutDocument IWireReadable<PutDocument>.Read(ref WireReader reader) => Read(ref reader, 1);

    internal override void AddTo(ref DigestMaterial digest)
    {
        Records.AddTo(ref digest);
        digest.AddText(Key.Utf8);
        digest.Add([Kind.Value, (byte)(NextChunk is null ? 0 : 1), NextChunk?.Value ?? 0]);
        digest.Add(Fields.Canonical.Length);
        digest.Add(Fields.Canonical.Span);
    }

    /// <summary>Writes what the command and its event have, from a number on.</summary>
    internal void Write(ref WireWriter writer, int number)
    {
        writer.RecordKey(number, Key);
        writer.UInt64(number + 1, Kind.Value);
        writer.Fields(number + 2, Fields);
        writer.Message(number + 3, new VectorsField(Vectors));
        writer.UInt64s(number + 4, Tags.Span);
        foreach (RecordAttributes attributes in Attributes) writer.Message(number + 5, attributes);
        if (NextChunk is { } next) writer.SetUInt64(number + 6, next.Value);
        writer.Bool(number + 7, Replace);
    }

    internal static PutDocument Read(ref WireReader reader, int number)
    {
        RecordKey key = reader.RecordKey(number);
        NodeKind kind = new(reader.Byte(number + 1));
        Fields fields = reader.Fields(number + 2);
        VectorBlock vectors = reader.Message(number + 3, VectorsField.Read);
        ReadOnlyMemory<ulong> tags = reader.UInt64s(number + 4);
        List<RecordAttributes> attributes = AttributesField.Read(ref reader, number + 5);
        EdgeKind? next = reader.OptionalUInt64(number + 6) is { } kindOfNext
            ? new EdgeKind(kindOfNext <= byte.MaxValue ? (byte)kindOfNext : throw new FormatException($"field {number + 6} is {kindOfNext}; a kind is at most 255"))
            : null;
        return new PutDocument(key, kind, fields, vectors, tags, attributes, next, reader.Bool(number + 7));
    }

    private Refusal? CheckExisting(KernelTables tables, NodeId document)
    {
        string name = $"document {RecordKey.Show(Key.Utf8)}";
        if (!Replace) return new Refusal(RefusalKind.Conflict, $"{name} exists already as node {document}: use an upsert to replace it, or delete it first");
        return tables.Graph.Nodes[document.Value].Kind != Kind.Value
            ? new Refusal(RefusalKind.Conflict, $"{name} is node {document} of the kind {tables.Graph.Nodes[document.Value].Kind}, "
                + $"and the new one has the kind {Kind.Value}: a kind cannot change, so delete the document first")
            : DocumentChunks.CheckEdges(tables, tables.ChunksOf(document), name);
    }

    private Refusal? CheckChunks(KernelTables tables, NodeId? existing)
    {
        List<NodeId> oldChunks = existing is { } document ? tables.ChunksOf(document) : [];
        Dictionary<RecordId, int> oldRecords = [];
        foreach (NodeId chunk in oldChunks)
        {
            if (tables.RecordOf(chunk) is { } record) oldRecords[record] = oldRecords.GetValueOrDefault(record) + 1;
        }
        HashSet<RecordKey> keys = [];
        int nodesLeft = Limits.MaximumMovedNodes;
        for (int i = 0; i < Attributes.Count; i++)
        {
            if (Attributes[i].Fault() is { } fault) return At(i, fault);
            if (Attributes[i].Key is not { } key) continue;
            if (!keys.Add(key)) return At(i, new Refusal(RefusalKind.InvalidArgument, $"the key {RecordKey.Show(key.Utf8)} appears twice: a document has each key at most once"));
            if (tables.FindLive(key) is not { } id) continue;
            // The nodes of old chunks go, and the others move.
            if (!oldRecords.TryGetValue(id, out int going))
                return At(i, new Refusal(RefusalKind.Conflict, $"the key {RecordKey.Show(key.Utf8)} is already used by the record with id {id}, "
                    + "which is not of this document: choose another key, or delete that record first"));
            nodesLeft -= tables.CountNodes(id, nodesLeft + going + 1) - going;
            if (nodesLeft < 0)
                return At(i, new Refusal(RefusalKind.LimitExceeded, $"more than {Limits.MaximumMovedNodes} nodes stand for the records that would be replaced, "
                    + $"up to record {id}: delete some of its nodes"));
        }
        return (keys.Count == 0 ? null : tables.CheckReplacing(keys.Count) ?? tables.CheckNewKeys(keys.Count)) ?? tables.CheckReplacingInGraph(1) ?? tables.CheckNewNodeKey();
    }

    private static Refusal At(int i, Refusal refusal) => refusal with { Message = $"chunks[{i}]: {refusal.Message}" };
}

/// <summary>A document was put with its chunks, and what had been its chunks was deleted.</summary>
/// <param name="Node">The document: a new node, or the one that had the key.</param>
/// <param name="FirstRecord">Of the chunks, whose records follow each other.</param>
/// <param name="FirstNode">The first node that was created: the document's own if it is new, and then those of the chunks.</param>
/// <param name="FirstEdge">Of the edges: first those to the chunks, then those between them.</param>
public sealed record DocumentPut(
    NodeId Node, RecordId FirstRecord, NodeId FirstNode, EdgeId FirstEdge,
    RecordKey Key, NodeKind Kind, Fields Fields, VectorBlock Vectors, ReadOnlyMemory<ulong> Tags, IReadOnlyList<RecordAttributes> Attributes, EdgeKind? NextChunk, bool Replace)
    : Event, IWireReadable<DocumentPut>
{
    internal override CommandKind CommandKind => PutDocument.ThisKind;

    internal override EventManner Manner => Replace ? EventManner.Replaced : EventManner.Usual;

    /// <summary>Of the records.</summary>
    internal override (ulong First, int Count) Ids => (FirstRecord.Value, Vectors.Count);

    internal override Command Command => Put;

    private PutDocument Put => new(Key, Kind, Fields, Vectors, Tags, Attributes, NextChunk, Replace);

    /// <summary>Whether there was no such document.</summary>
    internal bool IsNew => Node == FirstNode;

    /// <summary>The node of the first chunk, if there is one. Those of the others follow it.</summary>
    internal NodeId FirstChunk => IsNew ? new NodeId(FirstNode.Value + 1) : FirstNode;

    private int Edges => Vectors.Count + (NextChunk is null ? 0 : Math.Max(0, Vectors.Count - 1));

    internal override NodeId? Document => Node;

    internal override bool HasMixedIds => true;

    internal override IdRange Created(ContentKind kind) => kind switch
    {
        ContentKind.Record => base.Created(kind),
        ContentKind.Node => (IsNew ? 1 : 0) + Vectors.Count is > 0 and var nodes ? new IdRange(FirstNode.Value, nodes) : default,
        _ => Edges == 0 ? default : new IdRange(FirstEdge.Value, Edges),
    };

    internal override (ulong First, int Count) ReplacedBy(KernelTables tables) =>
        IsNew ? default : DocumentDeleted.FirstOf(DocumentChunks.RecordsOf(tables, tables.ChunksOf(Node)));

    internal override void Apply(ITables tables) => tables.State.PutDocument(this);

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Node.Value);
        writer.UInt64(2, FirstRecord.Value);
        writer.UInt64(3, FirstNode.Value);
        writer.UInt64(4, FirstEdge.Value);
        Put.Write(ref writer, 5);
    }

    static DocumentPut IWireReadable<DocumentPut>.Read(ref WireReader reader)
    {
        NodeId node = new(reader.UInt64(1));
        RecordId record = new(reader.UInt64(2));
        NodeId firstNode = new(reader.UInt64(3));
        EdgeId edge = new(reader.UInt64(4));
        PutDocument put = PutDocument.Read(ref reader, 5);
        return new DocumentPut(node, record, firstNode, edge, put.Key, put.Kind, put.Fields, put.Vectors, put.Tags, put.Attributes, put.NextChunk, put.Replace);
    }
}
