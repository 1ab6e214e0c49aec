using Valori.Protocol;

namespace Valori;

/// <summary>A transaction was carried out and is durable: its receipt, and the ids of what its commands created.</summary>
public sealed class TransactionReceipt
{
    private readonly Transaction _transaction;

    // Of each command the ids that it created; none from 0 on if it created none.
    private readonly IdRange[] _created;

    internal TransactionReceipt(Transaction transaction, Transact command, Receipt receipt)
    {
        (_transaction, Receipt) = (transaction, receipt);
        _created = new IdRange[command.Parts.Count];
        (ulong record, ulong node, ulong edge) = (receipt.FirstId, receipt.Nodes.First, receipt.Edges.First);
        for (int i = 0; i < _created.Length; i++)
        {
            Command part = command.Parts[i].Command;
            switch (part.CommandKind.Creates)
            {
                case ContentKind.Record: _created[i] = Take(ref record, part); break;
                case ContentKind.Node: _created[i] = Take(ref node, part); break;
                case ContentKind.Edge: _created[i] = Take(ref edge, part); break;
            }
        }
    }

    public Receipt Receipt { get; }

    /// <summary>The id of a record.</summary>
    public RecordId this[TransactionRef<RecordId> record] => record.Of is null ? record.Id : new RecordId(IdOf(record));

    /// <summary>The id of a node.</summary>
    public NodeId this[TransactionRef<NodeId> node] => node.Of is null ? node.Id : new NodeId(IdOf(node));

    /// <summary>The id of an edge.</summary>
    public EdgeId this[TransactionRef<EdgeId> edge] => edge.Of is null ? edge.Id : new EdgeId(IdOf(edge));

    /// <summary>The ids that each command created, in order; none from 0 on if it created none.</summary>
    public IReadOnlyList<IdRange> Created => _created;

    private static IdRange Take(ref ulong next, Command command)
    {
        IdRange range = new(next, command.ExpectedIds.Created);
        next += (ulong)range.Count;
        return range.Count == 0 ? default : range;
    }

    private ulong IdOf<TId>(TransactionRef<TId> reference) where TId : struct => reference.Of == _transaction && reference.Command < _created.Length
        ? _created[reference.Command].First + (ulong)reference.Position
        : throw new ArgumentException($"{reference} is not what this transaction created", nameof(reference));
}
