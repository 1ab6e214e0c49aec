using System.Buffers.Binary;
using System.Text;

namespace Valori.Kernel.Tests.Values;

/// <summary>The canonical bytes of fields, written once more from docs/formats.md and not from the code.</summary>
internal static class NaiveFields
{
    public static byte[] Encode(IEnumerable<KeyValuePair<string, FieldValue>> fields)
    {
        (byte[] Name, FieldValue Value)[] all = [.. fields.Select(field => (Encoding.UTF8.GetBytes(field.Key), field.Value))];
        Array.Sort(all, (a, b) => string.CompareOrdinal(Convert.ToHexString(a.Name), Convert.ToHexString(b.Name)));
        List<byte> bytes = [.. Number(2, all.Length)];
        foreach ((byte[] name, FieldValue value) in all) bytes.AddRange([.. Number(2, name.Length), .. name, (byte)value.Type, .. Value(value)]);
        return [.. bytes];
    }

    private static IEnumerable<byte> Value(FieldValue value) => value.Type switch
    {
        FieldValueType.Bool => [(byte)(value.AsBool() ? 1 : 0)],
        FieldValueType.Int64 => Number(8, value.AsInt64()),
        FieldValueType.Float64 => BitConverter.GetBytes(value.AsFloat64()),
        FieldValueType.String => [.. Number(4, Encoding.UTF8.GetByteCount(value.AsString())), .. Encoding.UTF8.GetBytes(value.AsString())],
        FieldValueType.Timestamp => Number(8, (value.AsTimestamp() - DateTimeOffset.UnixEpoch).Ticks / 10),
        FieldValueType.EmptyArray => [],
        _ => [.. Number(4, value.Elements.Count), .. value.Elements.SelectMany(Value)],
    };

    private static byte[] Number(int size, long value)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes[..size];
    }
}
