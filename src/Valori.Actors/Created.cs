using System.Collections;
using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors;

/// <summary>What a command created, and the receipt for it. Becomes the id where one is wanted.</summary>
public readonly record struct Created<TId>(TId Id, Receipt Receipt) where TId : struct
{
    public static implicit operator TId(Created<TId> created) => created.Id;
}

/// <summary>The ids of a batch, counting up, and the receipt for it.</summary>
public sealed class CreatedRecords(Receipt receipt) : IReadOnlyList<RecordId>
{
    public Receipt Receipt => receipt;

    public int Count => receipt.Count;

    public RecordId this[int index] => index >= 0 && index < Count
        ? new RecordId(receipt.FirstId + (ulong)index)
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"there are {Count} ids");

    public IEnumerator<RecordId> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
