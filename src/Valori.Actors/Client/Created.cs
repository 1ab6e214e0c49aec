using System.Collections;

namespace Valori;

/// <summary>What a command created, and the receipt for it. Converts to the id.</summary>
public readonly record struct Created<TId>(TId Id, Receipt Receipt) where TId : struct
{
    public static implicit operator TId(Created<TId> created) => created.Id;

    /// <summary>In a line, such as <c>record 3 at event 17</c>. Everything else is in <see cref="Receipt"/>.</summary>
    public override string ToString() => $"{Word} {Id} at event {Receipt?.SequenceNr ?? 0}";

    private static string Word => default(TId) switch
    {
        RecordId => "record",
        NodeId => "node",
        EdgeId => "edge",
        _ => "id",
    };
}

/// <summary>What an upsert created and replaced, and the receipt for it. Converts to the new id.</summary>
/// <param name="Replaced">The record that had the key; null if there was none.</param>
public readonly record struct Upserted(RecordId Id, RecordId? Replaced, Receipt Receipt)
{
    public static implicit operator RecordId(Upserted upserted) => upserted.Id;

    /// <summary>In a line, such as <c>record 3 in place of record 1 at event 17</c>. Everything else is in <see cref="Receipt"/>.</summary>
    public override string ToString() => $"record {Id}{(Replaced is { } old ? $" in place of record {old}" : "")} at event {Receipt?.SequenceNr ?? 0}";
}

/// <summary>The ids of a batch, counting up, and the receipt for it.</summary>
public sealed class CreatedRecords(Receipt receipt) : IReadOnlyList<RecordId>
{
    public Receipt Receipt => receipt;

    /// <summary>How many records an upsert replaced.</summary>
    public int Replaced => receipt.Replaced;

    public int Count => receipt.Count;

    public RecordId this[int index] => index >= 0 && index < Count
        ? new RecordId(receipt.FirstId + (ulong)index)
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"there are {Count} ids");

    /// <summary>In a line, such as <c>records 3 to 12 at event 17</c>.</summary>
    public override string ToString() => Count switch
    {
        0 => $"no records at event {receipt.SequenceNr}",
        1 => $"record {receipt.FirstId} at event {receipt.SequenceNr}",
        _ => $"records {receipt.FirstId} to {receipt.FirstId + (ulong)Count - 1} at event {receipt.SequenceNr}",
    };

    public IEnumerator<RecordId> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
