using Valori.Kernel.Wire;

namespace Valori.Kernel.Values;

/// <summary>Keys and fields as those of messages.</summary>
internal static class AttributeWire
{
    /// <summary>A key in a field that may be absent.</summary>
    /// <exception cref="FormatException">The bytes are not a key.</exception>
    public static RecordKey? OptionalRecordKey(this ref WireReader reader, int number)
    {
        if (reader.OptionalBytes(number) is not { } utf8) return null;
        return Valori.RecordKey.OfUtf8(utf8).TryGet(out RecordKey? key, out Refusal? refusal) ? key : throw new FormatException($"field {number}: {refusal.Message}");
    }

    /// <summary>A key.</summary>
    /// <exception cref="FormatException">It is not there, or the bytes are not a key.</exception>
    public static RecordKey RecordKey(this ref WireReader reader, int number) =>
        reader.OptionalRecordKey(number) ?? throw new FormatException($"field {number} is missing");

    /// <summary>Canonical fields, which are absent if there are none.</summary>
    /// <exception cref="FormatException">The bytes are not canonical fields, or none that would be left out.</exception>
    public static Fields Fields(this ref WireReader reader, int number)
    {
        if (reader.OptionalBytes(number) is not { } canonical) return Valori.Fields.Empty;
        Fields fields = Valori.Fields.Read(canonical.Span);
        return fields.IsEmpty ? throw new FormatException($"field {number} holds no fields, and would be left out") : fields;
    }

    /// <summary>A begin and an end in two fields, each of which may be absent.</summary>
    public static ValidTime ValidTime(this ref WireReader reader, int number)
    {
        long? from = (long?)reader.OptionalUInt64(number);
        return new ValidTime(from, (long?)reader.OptionalUInt64(number + 1));
    }

    public static void RecordKey(this ref WireWriter writer, int number, RecordKey? key)
    {
        if (key is not null) writer.SetBytes(number, key.Utf8);
    }

    public static void Fields(this ref WireWriter writer, int number, Fields fields)
    {
        if (!fields.IsEmpty) writer.SetBytes(number, fields.Canonical.Span);
    }

    public static void ValidTime(this ref WireWriter writer, int number, ValidTime valid)
    {
        if (valid.FromUnixMicroseconds is { } from) writer.SetUInt64(number, (ulong)from);
        if (valid.ToUnixMicroseconds is { } to) writer.SetUInt64(number + 1, (ulong)to);
    }
}
