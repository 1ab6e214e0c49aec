using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>What filters are about, of one record at one version.</summary>
/// <param name="key">Its bytes; none if the record has no key.</param>
/// <param name="fields">Canonical; none if the record has no fields.</param>
/// <param name="starts">Where each field begins, if they are to be found without a walk over all before them.</param>
internal readonly ref struct RecordFacts(ulong id, ulong tag, ReadOnlySpan<byte> key, ReadOnlySpan<byte> fields, ReadOnlySpan<ushort> starts = default)
{
    private readonly ReadOnlySpan<byte> _fields = fields;
    private readonly ReadOnlySpan<ushort> _starts = starts;

    public ulong Id { get; } = id;

    public ulong Tag { get; } = tag;

    public ReadOnlySpan<byte> Key { get; } = key;

    /// <summary>The value of a field. False if the record does not have it.</summary>
    public bool TryFind(scoped ReadOnlySpan<byte> name, out PackedValue value)
    {
        if (!_starts.IsEmpty) return PackedFields.TryFind(_fields, _starts, name, out value);
        value = default;
        return !_fields.IsEmpty && PackedFields.TryFind(_fields, name, out value);
    }
}
