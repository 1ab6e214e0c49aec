namespace Valori.Testing;

/// <summary>A live node of the <see cref="NaiveModel"/>.</summary>
/// <param name="Fields">Canonical bytes; null without any.</param>
public readonly record struct NaiveNode(byte Kind, ulong? Record, byte[]? Fields = null, string? Key = null)
{
    /// <summary>What a View or a proof shows of a node.</summary>
    public static NaiveNode Of(NodeContent content) => new(content.Kind.Value, content.Record?.Value, content.Fields.IsEmpty ? null : content.Fields.Canonical.ToArray(), content.Key?.ToString());

    public bool HasAttributes => Fields is not null || Key is not null;

    public bool Equals(NaiveNode other) => Kind == other.Kind && Record == other.Record && NaiveGraph.AreEqual(Fields, other.Fields) && Key == other.Key;

    public override int GetHashCode() => HashCode.Combine(Kind, Record);
}

/// <summary>A live edge of the <see cref="NaiveModel"/>.</summary>
/// <param name="Fields">Canonical bytes; null without any.</param>
/// <param name="ValidFrom">Microseconds since 1970, as is the end.</param>
public readonly record struct NaiveEdge(ulong From, ulong To, byte Kind, byte[]? Fields = null, long? ValidFrom = null, long? ValidTo = null)
{
    /// <summary>What a View or a proof shows of an edge.</summary>
    public static NaiveEdge Of(EdgeContent content) => new(
        content.From.Value, content.To.Value, content.Kind.Value, content.Fields.IsEmpty ? null : content.Fields.Canonical.ToArray(),
        content.Valid.FromUnixMicroseconds, content.Valid.ToUnixMicroseconds);

    public bool HasAttributes => Fields is not null || ValidFrom is not null || ValidTo is not null;

    public bool Equals(NaiveEdge other) => From == other.From && To == other.To && Kind == other.Kind
        && NaiveGraph.AreEqual(Fields, other.Fields) && ValidFrom == other.ValidFrom && ValidTo == other.ValidTo;

    public override int GetHashCode() => HashCode.Combine(From, To, Kind, ValidFrom, ValidTo);
}

/// <summary>What nodes and edges of the <see cref="NaiveModel"/> share.</summary>
internal static class NaiveGraph
{
    private const long FirstTime = -62_135_596_800_000_000, LastTime = 253_402_300_799_999_999;

    public static bool AreEqual(byte[]? a, byte[]? b) => a is null ? b is null : b is not null && a.AsSpan().SequenceEqual(b);

    public static bool IsAllowed(long? from, long? to) =>
        from is null or >= FirstTime and <= LastTime && to is null or >= FirstTime and <= LastTime && (from is null || to is null || from < to);

    /// <summary>Packed attributes after docs/formats.md, section 3.</summary>
    public static void Write(BinaryWriter writer, byte[]? fields, long? from, long? to, string? key = null)
    {
        writer.Write((byte)((fields is null ? 0 : 1) + (from is null ? 0 : 2) + (to is null ? 0 : 4) + (key is null ? 0 : 8)));
        if (fields is not null) writer.Write((uint)fields.Length);
        if (fields is not null) writer.Write(fields);
        if (from is { } begin) writer.Write(begin);
        if (to is { } end) writer.Write(end);
        if (key is null) return;
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(key);
        writer.Write((ushort)utf8.Length);
        writer.Write(utf8);
    }
}
