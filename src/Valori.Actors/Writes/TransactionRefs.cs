using System.Collections;
using Valori.Kernel;

namespace Valori.Actors;

/// <summary>The records of a batch of a <see cref="Transaction"/>, in its order.</summary>
public sealed class TransactionRefs : IReadOnlyList<TransactionRef<RecordId>>
{
    private readonly Transaction _of;
    private readonly int _command;

    internal TransactionRefs(Transaction of, int command, int count) => (_of, _command, Count) = (of, command, count);

    public int Count { get; }

    public TransactionRef<RecordId> this[int index] => index >= 0 && index < Count
        ? new TransactionRef<RecordId>(_of, _command, index)
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"there are {Count} records");

    public IEnumerator<TransactionRef<RecordId>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
