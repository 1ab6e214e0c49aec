using System.Text;

namespace Valori.Testing;

/// <summary>The canonical form of fields after docs/formats.md, section 3, as a map of names to the bytes of type and value.</summary>
public sealed class NaiveFields
{
    // By the bytes of the names, two hex digits each.
    private readonly SortedDictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    /// <param name="canonical">Null for none.</param>
    public static NaiveFields Read(byte[]? canonical)
    {
        NaiveFields fields = new();
        if (canonical is null) return fields;
        BinaryReader reader = new(new MemoryStream(canonical));
        for (int left = reader.ReadUInt16(); left > 0; left--)
        {
            string name = Convert.ToHexString(reader.ReadBytes(reader.ReadUInt16()));
            long start = reader.BaseStream.Position;
            Skip(reader, reader.ReadByte());
            fields._values.Add(name, canonical[(int)start..(int)reader.BaseStream.Position]);
        }
        return fields;
    }

    public bool AreAllowed => !_values.Keys.Any(name => _values.Keys.Any(other => other.StartsWith($"{name}2E", StringComparison.Ordinal)))
        && _values.Count <= 1_024 && (ToBytes()?.Length ?? 0) <= 65_536;

    public void Set(NaiveFields others)
    {
        foreach ((string name, byte[] value) in others._values) _values[name] = value;
    }

    public void Remove(IEnumerable<string> names)
    {
        foreach (string hex in names.Select(name => Convert.ToHexString(Encoding.UTF8.GetBytes(name))))
        {
            foreach (string name in _values.Keys.Where(name => name == hex || name.StartsWith($"{hex}2E", StringComparison.Ordinal)).ToArray()) _values.Remove(name);
        }
    }

    /// <summary>The canonical form; null without any.</summary>
    public byte[]? ToBytes()
    {
        if (_values.Count == 0) return null;
        MemoryStream bytes = new();
        BinaryWriter writer = new(bytes);
        writer.Write((ushort)_values.Count);
        foreach ((string name, byte[] value) in _values)
        {
            writer.Write((ushort)(name.Length / 2));
            writer.Write(Convert.FromHexString(name));
            writer.Write(value);
        }
        return bytes.ToArray();
    }

    private static void Skip(BinaryReader reader, int type)
    {
        if (type == 16) return;
        for (uint left = type > 16 ? reader.ReadUInt32() : 1; left > 0; left--) reader.BaseStream.Seek((type % 16) switch { 1 => 1, 4 => reader.ReadUInt32(), _ => 8 }, SeekOrigin.Current);
    }
}
