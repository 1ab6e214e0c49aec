using System.Buffers;
using System.Buffers.Binary;
using System.Collections;
using System.Text;
using Valori.Kernel.Values;

namespace Valori.Kernel;

/// <summary>
/// Makes <see cref="Fields"/>: <c>new FieldsBuilder { ["user"] = "ada", ["at"] = DateTimeOffset.UtcNow }.Build()</c>. Dots in a name
/// separate nested names. Not thread-safe.
/// </summary>
public sealed class FieldsBuilder : IEnumerable<KeyValuePair<string, FieldValue>>
{
    // By the order of UTF-8 bytes, which differs from the ordinal order of strings in surrogate pairs.
    private readonly SortedDictionary<byte[], FieldValue> _values = new(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));

    public FieldsBuilder()
    {
    }

    /// <summary>Begins with the fields that there are.</summary>
    public FieldsBuilder(Fields fields)
    {
        foreach ((string name, FieldValue value) in fields) this[name] = value;
    }

    /// <summary>Sets a field, or replaces its value.</summary>
    /// <exception cref="ArgumentException">The name is not a field's.</exception>
    public FieldValue this[string name]
    {
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _values[FieldName.Utf8Of(name)] = value;
        }
    }

    /// <summary>Sets a field that is not set yet.</summary>
    /// <exception cref="ArgumentException">The name is not a field's, or the field is already set.</exception>
    public void Add(string name, FieldValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!_values.TryAdd(FieldName.Utf8Of(name), value)) throw new ArgumentException($"the field '{name}' is already set", nameof(name));
    }

    /// <returns>Whether the field was set.</returns>
    /// <exception cref="ArgumentException">The name is not a field's.</exception>
    public bool Remove(string name) => _values.Remove(FieldName.Utf8Of(name));

    /// <exception cref="ArgumentException">
    /// There are too many fields, they are larger than <see cref="Limits.MaximumFieldsBytes"/>, or one is the parent of another.
    /// </exception>
    public Fields Build() => TryBuild(out string? fault) ?? throw new ArgumentException(fault);

    /// <returns>Null if they cannot be fields together; then the fault says why.</returns>
    internal Fields? TryBuild(out string? fault)
    {
        if (_values.Count == 0)
        {
            fault = null;
            return Fields.Empty;
        }
        fault = _values.Count > Limits.MaximumFields ? FieldsCheck.CountFault(_values.Count) : null;
        if (fault is not null) return null;
        ArrayBufferWriter<byte> bytes = new(256);
        Write(bytes, (ushort)_values.Count);
        foreach ((byte[] name, FieldValue value) in _values)
        {
            Write(bytes, (ushort)name.Length);
            bytes.Write(name);
            bytes.Write([(byte)value.Type]);
            WriteValue(bytes, value);
        }
        // It also finds a field that is the parent of another, and a size over the limit.
        fault = FieldsCheck.Fault(bytes.WrittenSpan);
        return fault is null ? Fields.OfChecked(bytes.WrittenSpan.ToArray()) : null;
    }

    public IEnumerator<KeyValuePair<string, FieldValue>> GetEnumerator() =>
        _values.Select(field => KeyValuePair.Create(Encoding.UTF8.GetString(field.Key), field.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static void WriteValue(ArrayBufferWriter<byte> bytes, FieldValue value)
    {
        switch (value.Type)
        {
            case FieldValueType.Bool:
                bytes.Write([(byte)value.ScalarBits]);
                return;
            case FieldValueType.String:
                byte[] utf8 = Encoding.UTF8.GetBytes(value.AsString());
                WriteCount(bytes, utf8.Length);
                bytes.Write(utf8);
                return;
            case FieldValueType.Int64 or FieldValueType.Float64 or FieldValueType.Timestamp:
                BinaryPrimitives.WriteInt64LittleEndian(bytes.GetSpan(sizeof(long)), value.ScalarBits);
                bytes.Advance(sizeof(long));
                return;
            case FieldValueType.EmptyArray:
                return;
        }
        WriteCount(bytes, value.Elements.Count);
        foreach (FieldValue element in value.Elements) WriteValue(bytes, element);
    }

    private static void Write(ArrayBufferWriter<byte> bytes, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.GetSpan(sizeof(ushort)), value);
        bytes.Advance(sizeof(ushort));
    }

    private static void WriteCount(ArrayBufferWriter<byte> bytes, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.GetSpan(sizeof(int)), value);
        bytes.Advance(sizeof(int));
    }
}
