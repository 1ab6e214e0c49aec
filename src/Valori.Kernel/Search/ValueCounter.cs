using Valori.Kernel.Values;

namespace Valori.Kernel.Search;

/// <summary>Counts the records that have each value of a field.</summary>
/// <param name="maximumValues">Values that there is room for.</param>
/// <param name="maximumBytes">And their bytes.</param>
internal sealed class ValueCounter(int maximumValues, long maximumBytes)
{
    private readonly Dictionary<byte[], Counted> _values = new(new ByContent());
    private long _bytes;

    /// <summary>Values so far.</summary>
    public int Total => _values.Count;

    /// <summary>Counts what a record has. False if there is no room.</summary>
    public bool TryAdd(uint row, in PackedValue value)
    {
        if (value.Type.IsScalar()) return TryAddScalar(row, value);
        foreach (PackedValue element in value.Elements)
        {
            if (!TryAddScalar(row, element)) return false;
        }
        return true;
    }

    /// <summary>The most frequent values.</summary>
    public IReadOnlyList<ValueCount> First(int count)
    {
        KeyValuePair<byte[], Counted>[] all = [.. _values];
        Array.Sort(all, static (a, b) => a.Value.Count != b.Value.Count ? b.Value.Count.CompareTo(a.Value.Count) : Order(a.Key, b.Key));
        return [.. all.Take(count).Select(pair => new ValueCount(ValueOf(pair.Key).ToValue(), pair.Value.Count))];
    }

    private static int Order(byte[] a, byte[] b)
    {
        int values = SortValue.Of(ValueOf(a)).CompareTo(SortValue.Of(ValueOf(b)));
        return values != 0 ? values : a[0].CompareTo(b[0]);
    }

    private static PackedValue ValueOf(ReadOnlySpan<byte> typed) => PackedValue.Whole((FieldValueType)typed[0], typed[1..]);

    private bool TryAddScalar(uint row, in PackedValue value)
    {
        Dictionary<byte[], Counted>.AlternateLookup<ReadOnlySpan<byte>> lookup = _values.GetAlternateLookup<ReadOnlySpan<byte>>();
        int length = 1 + value.Bytes.Length;
        Span<byte> typed = length <= 256 ? stackalloc byte[length] : new byte[length];
        typed[0] = (byte)value.Type;
        value.Bytes.CopyTo(typed[1..]);
        if (!lookup.TryGetValue(typed, out Counted? counted))
        {
            _bytes += length;
            if (_values.Count == maximumValues || _bytes > maximumBytes) return false;
            lookup[typed] = counted = new Counted();
        }
        // An array may have it twice.
        if (counted.Count > 0 && counted.LastRow == row) return true;
        counted.LastRow = row;
        counted.Count++;
        return true;
    }

    private sealed class Counted
    {
        public ulong Count { get; set; }

        public uint LastRow { get; set; }
    }

    private sealed class ByContent : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] value) => GetHashCode(value.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate) => Storage.SeededHash.Of(alternate);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
