namespace Valori.Kernel.Filters;

/// <summary>What filters are about, of one record at one version.</summary>
/// <param name="key">Its bytes; none if the record has no key.</param>
/// <param name="fields">Canonical; none if the record has no fields.</param>
internal readonly ref struct RecordFacts(ulong id, ulong tag, ReadOnlySpan<byte> key, ReadOnlySpan<byte> fields)
{
    public ulong Id { get; } = id;

    public ulong Tag { get; } = tag;

    public ReadOnlySpan<byte> Key { get; } = key;

    public ReadOnlySpan<byte> Fields { get; } = fields;
}
