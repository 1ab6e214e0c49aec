using Valori.Kernel.Values;

namespace Valori.Kernel.Snapshots;

/// <summary>
/// Reads the attributes of one node or edge after another from a snapshot's body (section 12 of docs/formats.md in Valori's repository),
/// and checks them.
/// </summary>
internal sealed class GraphAttributesReader(SnapshotBodyReader body)
{
    private readonly byte[] _fields = new byte[Limits.MaximumFieldsBytes];
    private readonly byte[] _key = new byte[RecordKey.MaximumBytes];

    /// <summary>The packed form, which is a copy.</summary>
    /// <param name="allowed">The flags that there may be.</param>
    /// <exception cref="CorruptionException">The bytes are not attributes.</exception>
    public byte[] Read(byte allowed)
    {
        byte flags = body.ReadByte();
        if (flags == 0 || (flags & ~allowed) != 0) throw body.Corrupt($"flags of attributes, some of {(allowed == PackedGraphAttributes.OfNodes ? "1, 8" : "1, 2, 4")}", flags.ToString(), -1);
        int length = (flags & PackedGraphAttributes.HasFields) != 0 ? AttributesReader.ReadFields(body, _fields) : 0;
        long? from = (flags & PackedGraphAttributes.HasFrom) != 0 ? (long)body.ReadUInt64() : null;
        long? to = (flags & PackedGraphAttributes.HasTo) != 0 ? (long)body.ReadUInt64() : null;
        ValidTime valid = new(from, to);
        if (valid.Fault() is { } fault) throw body.Corrupt("a valid time", fault.Message, from is null || to is null ? -8 : -16);
        int keyLength = (flags & PackedGraphAttributes.HasKey) != 0 ? AttributesReader.ReadKey(body, _key) : 0;
        return PackedGraphAttributes.Pack(_fields.AsSpan(0, length), valid, _key.AsSpan(0, keyLength));
    }
}
