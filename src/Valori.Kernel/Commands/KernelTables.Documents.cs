using Valori.Kernel.Storage;
using Valori.Kernel.Values;
using Valori.Protocol;

namespace Valori.Kernel.Commands;

/// <content>Documents: nodes with keys, and their chunks.</content>
internal sealed partial class KernelTables
{
    // What an entry of _chunksAfter takes.
    private const int BytesOfAReplacement = 48;

    // Of documents that were replaced: the last edge before those to the chunks that they have now, plus one. The chunks before are deleted, so their
    // edges, of which there are more with every replacement, need not be walked again.
    private readonly Dictionary<NodeId, ulong> _chunksAfter = [];

    /// <summary>The live node with the key, or null.</summary>
    public NodeId? FindLiveNode(RecordKey key) =>
        Graph.Keys.TryFind(key.Utf8, Graph.Nodes.Count, Version, out ulong id) && Graph.Nodes[id].DeletedAt == 0 ? new NodeId(id) : null;

    /// <summary>The live node that an id or a key names; null, and why, if there is none.</summary>
    public NodeId? Find(NodeRef node, out Refusal? refusal)
    {
        NodeId? id = node.Key is { } key ? FindLiveNode(key) : node.Id;
        refusal = id is { } named ? CheckNode(named) : node.Missing;
        return refusal is null ? id : null;
    }

    /// <summary>Why there is no room for one more key of a node, or null.</summary>
    public Refusal? CheckNewNodeKey() => Graph.Keys.Count < KeyIndex.MaximumKeys && Graph.Keys.HasRoomToReplace(1)
        ? null
        : NoRoom("no more documents can have keys, which is the limit: save a snapshot and start again");

    /// <summary>The nodes of the chunks of a document.</summary>
    public List<NodeId> ChunksOf(NodeId document) => DocumentChunks.NodesOf(this, document, _chunksAfter.GetValueOrDefault(document));

    public void PutDocument(DocumentPut put)
    {
        if (put.IsNew) AppendNode(put.Kind, null, PackedGraphAttributes.Pack(put.Fields, default, put.Key.Utf8));
        else ReplaceDocument(put);
        PutRecords(put.Vectors, put.Tags, put.Attributes);
        for (ulong i = 0; i < (ulong)put.Vectors.Count; i++) AppendNode(NodeKind.Chunk, new RecordId(put.FirstRecord.Value + i));
        for (ulong i = 0; i < (ulong)put.Vectors.Count; i++) AppendEdge(put.Node, new NodeId(put.FirstChunk.Value + i), EdgeKind.ParentOf);
        if (put.NextChunk is not { } next) return;
        for (ulong i = 1; i < (ulong)put.Vectors.Count; i++) AppendEdge(new NodeId(put.FirstChunk.Value + i - 1), new NodeId(put.FirstChunk.Value + i), next);
    }

    /// <summary>Deletes a document with its chunks, their records, and the record that its node stands for.</summary>
    public void DeleteDocument(NodeId document)
    {
        List<NodeId> chunks = ChunksOf(document);
        foreach (RecordId record in Ordered(DocumentChunks.RecordsOf(this, [document, .. chunks]))) DeleteRecord(record);
        foreach (NodeId chunk in chunks) DeleteNode(chunk);
        DeleteNode(document);
    }

    /// <summary>Deletes the chunks that the document has, but not the records whose keys new ones have: those are replaced when the new ones are put.</summary>
    private void ReplaceDocument(DocumentPut put)
    {
        List<NodeId> chunks = ChunksOf(put.Node);
        HashSet<RecordId> replaced = [];
        foreach (RecordAttributes attributes in put.Attributes)
        {
            if (attributes.Key is { } key && FindLive(key) is { } record) replaced.Add(record);
        }
        HashSet<RecordId> records = DocumentChunks.RecordsOf(this, chunks);
        foreach (NodeId chunk in chunks) DeleteNode(chunk);
        records.ExceptWith(replaced);
        foreach (RecordId record in Ordered(records)) DeleteRecord(record);
        if (!FieldsOf(put.Node).Equals(put.Fields)) SetFields(put.Node, put.Fields);
        if (Graph.Nodes[put.Node.Value].LastOut is > 0 and var last) _chunksAfter[put.Node] = last;
    }

    private static IEnumerable<RecordId> Ordered(HashSet<RecordId> records) => records.Order();
}
