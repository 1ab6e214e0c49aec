namespace Valori;

/// <summary>
/// A record, node or edge that a command of a <see cref="Transaction"/> is about: one that exists, by its id, or one that an earlier command of
/// the same transaction creates. An id converts to it.
/// </summary>
public readonly record struct TransactionRef<TId> where TId : struct
{
    internal TransactionRef(Transaction of, int command, int position) => (Of, Command, Position) = (of, command, position);

    private TransactionRef(TId id) => Id = id;

    /// <summary>The id, if it exists already.</summary>
    internal TId Id { get; }

    /// <summary>The transaction that creates it; null if it exists already.</summary>
    internal Transaction? Of { get; }

    /// <summary>The place of the command that creates it.</summary>
    internal int Command { get; }

    /// <summary>Which of the things that the command creates.</summary>
    internal int Position { get; }

    public static implicit operator TransactionRef<TId>(TId id) => new(id);

    public override string ToString() => Of is null ? $"{Id}" : $"item {Position} of command {Command}";
}
