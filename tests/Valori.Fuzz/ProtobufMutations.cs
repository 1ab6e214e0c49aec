namespace Valori.Fuzz;

/// <summary>
/// Changes single fields of a protobuf message, at any depth, and writes the lengths around them anew: what is wrong is one value,
/// and everything else still parses.
/// </summary>
internal sealed class ProtobufMutations(Random random, BinaryMutations binary)
{
    private const int VarintType = 0, Fixed64Type = 1, BytesType = 2, Fixed32Type = 5;

    private readonly record struct Field(ulong Number, int Type, ulong Varint, byte[] Bytes);

    public byte[] Change(byte[] message, byte[] other)
    {
        if (Read(message) is not { Count: > 0 } fields) return binary.Change(message, other);
        int at = random.Next(fields.Count);
        switch (random.Next(10))
        {
            case 0:
                fields.RemoveAt(at);
                break;
            case 1:
                fields.Insert(random.Next(fields.Count + 1), fields[at]);
                break;
            case 2:
                int with = random.Next(fields.Count);
                (fields[at], fields[with]) = (fields[with], fields[at]);
                break;
            case 3:
                fields[at] = fields[at] with { Number = (ulong)random.Next(1, 24) };
                break;
            case 4:
                fields[at] = new Field(fields[at].Number, VarintType, binary.Number(), []);
                break;
            default:
                fields[at] = Changed(fields[at], other);
                break;
        }
        return Write(fields);
    }

    private Field Changed(Field field, byte[] other) => field.Type switch
    {
        VarintType => field with { Varint = binary.Number() },
        BytesType => field with { Bytes = random.Next(4) > 0 ? Change(field.Bytes, other) : binary.Change(field.Bytes, other) },
        _ => field with { Bytes = [.. BitConverter.GetBytes(binary.Number()).AsSpan(0, field.Bytes.Length)] },
    };

    private byte[] Write(List<Field> fields)
    {
        List<byte> bytes = [];
        foreach (Field field in fields)
        {
            bytes.AddRange(binary.Varint(field.Number << 3 | (uint)field.Type));
            if (field.Type == VarintType) bytes.AddRange(binary.Varint(field.Varint));
            if (field.Type == BytesType) bytes.AddRange(binary.Varint((ulong)field.Bytes.Length));
            bytes.AddRange(field.Bytes);
        }
        return [.. bytes];
    }

    /// <summary>The fields, or null if the bytes are no message.</summary>
    private static List<Field>? Read(ReadOnlySpan<byte> rest)
    {
        List<Field> fields = [];
        while (rest.Length > 0)
        {
            if (!TryVarint(ref rest, out ulong tag)) return null;
            int type = (int)(tag & 7);
            ulong length = 0, varint = 0;
            bool isRead = type switch
            {
                VarintType => TryVarint(ref rest, out varint),
                BytesType => TryVarint(ref rest, out length),
                Fixed64Type or Fixed32Type => true,
                _ => false,
            };
            if (type is Fixed64Type or Fixed32Type) length = type == Fixed64Type ? 8UL : 4;
            if (!isRead || length > (ulong)rest.Length) return null;
            fields.Add(new Field(tag >> 3, type, varint, rest[..(int)length].ToArray()));
            rest = rest[(int)length..];
        }
        return fields;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (int i = 0; i < Math.Min(10, rest.Length); i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << 7 * i;
            if (rest[i] >= 0x80) continue;
            rest = rest[(i + 1)..];
            return true;
        }
        return false;
    }
}
