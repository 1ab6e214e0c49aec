using Valori.Kernel.Commands;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>
/// Deletes a document: its node, its chunks with their records, the record that its node stands for if it stands for one, and all edges of these
/// nodes.
/// </summary>
/// <param name="Document">Its node, or its key.</param>
public sealed record DeleteDocument(NodeRef Document) : Command, IWireReadable<DeleteDocument>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<DeleteDocument, DocumentDeleted>(36, 22, EventText.OfPart("document of node", "documents", "deleted"), standsAlone: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Document.Id?.Value, 0);

    internal override long ContentBytes => Document.Key?.Utf8.Length ?? 0;

    internal override string? MissingProperty => Document.IsNothing ? nameof(Document) : null;

    internal override Outcome<Event> Decide(ITables tables)
    {
        KernelTables state = tables.State;
        if (state.Find(Document, out Refusal? missing) is not { } node) return missing!;
        return DocumentChunks.CheckEdges(state, [node, .. state.ChunksOf(node)], $"the document of node {node}") is { } refusal ? refusal : new DocumentDeleted(node, Document.Key);
    }

    internal override Command MapIds(IdMap map) => this;

    internal override void WriteFields(ref WireWriter writer)
    {
        if (Document.Id is { } id) writer.SetUInt64(1, id.Value);
        writer.RecordKey(2, Document.Key);
    }

    static DeleteDocument IWireReadable<DeleteDocument>.Read(ref WireReader reader)
    {
        NodeId? id = reader.OptionalUInt64(1) is { } number ? new NodeId(number) : null;
        RecordKey? key = reader.OptionalRecordKey(2);
        if (id is null == key is null) throw new FormatException("a document is named by its node or by its key, one of them");
        return new DeleteDocument(key is not null ? key : id!.Value);
    }

    internal override void AddTo(ref DigestMaterial digest)
    {
        digest.Add(Document.Id?.Value ?? 0);
        digest.AddText(Document.Key is { } named ? named.Utf8 : []);
    }
}

/// <summary>A document was deleted with its chunks.</summary>
/// <param name="Key">The key, if the command named the document by it.</param>
public sealed record DocumentDeleted(NodeId Node, RecordKey? Key) : Event, IWireReadable<DocumentDeleted>
{
    internal override CommandKind CommandKind => DeleteDocument.ThisKind;

    internal override (ulong First, int Count) Ids => (Node.Value, 1);

    internal override Command Command => new DeleteDocument(Key is not null ? Key : Node);

    internal override NodeId? Document => Node;

    internal override (ulong First, int Count) ReplacedBy(KernelTables tables) => FirstOf(DocumentChunks.RecordsOf(tables, [Node, .. tables.ChunksOf(Node)]));

    internal override void Apply(ITables tables) => tables.State.DeleteDocument(Node);

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Node.Value);
        writer.RecordKey(2, Key);
    }

    static DocumentDeleted IWireReadable<DocumentDeleted>.Read(ref WireReader reader)
    {
        NodeId node = new(reader.UInt64(1));
        return new DocumentDeleted(node, reader.OptionalRecordKey(2));
    }

    /// <summary>The lowest of some records, and how many they are.</summary>
    internal static (ulong First, int Count) FirstOf(HashSet<RecordId> records) => records.Count == 0 ? default : (records.Min(record => record.Value), records.Count);
}
