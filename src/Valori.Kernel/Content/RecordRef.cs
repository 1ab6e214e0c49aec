namespace Valori;

/// <summary>Names a record by its id or by its key: <c>new RecordId(3)</c> and <c>(RecordKey)"ada"</c> both convert to it.</summary>
public readonly record struct RecordRef
{
    private RecordRef(RecordId? id, RecordKey? key) => (Id, Key) = (id, key);

    /// <summary>The key, or null if it names the record by its id.</summary>
    public RecordKey? Key { get; }

    /// <summary>The id, or null if it names the record by its key.</summary>
    public RecordId? Id { get; }

    /// <summary>Whether it names no record: the default of the type, which is refused as null is.</summary>
    internal bool IsNothing => Key is null && Id is null;

    public static implicit operator RecordRef(RecordId id) => new(id, null);

    public static implicit operator RecordRef(RecordKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new RecordRef(null, key);
    }

    public override string ToString() => Key is { } key ? $"key {RecordKey.Show(key.Utf8)}" : Id is { } id ? $"id {id}" : "no record";
}
