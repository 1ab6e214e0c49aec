namespace Valori;

/// <summary>Names a node by its id or by its key, which the nodes of documents have: <c>new NodeId(3)</c> and <c>(RecordKey)"handbook"</c> both convert to it.</summary>
public readonly record struct NodeRef
{
    private NodeRef(NodeId? id, RecordKey? key) => (Id, Key) = (id, key);

    /// <summary>The key, or null if it names the node by its id.</summary>
    public RecordKey? Key { get; }

    /// <summary>The id, or null if it names the node by its key.</summary>
    public NodeId? Id { get; }

    /// <summary>Whether it names no node: the default of the type, which is refused as null is.</summary>
    internal bool IsNothing => Key is null && Id is null;

    /// <summary>Why there is none, if no node has the key.</summary>
    internal Refusal Missing => Key is { } key ? Refusal.DocumentKey(RecordKey.Show(key.Utf8)) : Refusal.NoNodeNamed;

    public static implicit operator NodeRef(NodeId id) => new(id, null);

    public static implicit operator NodeRef(RecordKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new NodeRef(null, key);
    }

    public override string ToString() => Key is { } key ? $"key {RecordKey.Show(key.Utf8)}" : Id is { } id ? $"id {id}" : "no node";
}
