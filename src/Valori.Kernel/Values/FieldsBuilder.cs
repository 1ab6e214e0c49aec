using System.Buffers;
using System.Collections;
using System.Text;
using Valori.Kernel.Values;

namespace Valori;

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
            CheckValue(name, value);
            _values[FieldName.Utf8Of(name)] = value;
        }
    }

    /// <summary>Sets a field that is not set yet.</summary>
    /// <exception cref="ArgumentException">The name is not a field's, or the field is already set.</exception>
    public void Add(string name, FieldValue value)
    {
        CheckValue(name, value);
        if (!TryAdd(name, value)) throw new ArgumentException($"the field '{name}' is already set", nameof(name));
    }

    /// <returns>Whether the field was set.</returns>
    /// <exception cref="ArgumentException">The name is not a field's.</exception>
    public bool Remove(string name) => _values.Remove(FieldName.Utf8Of(name));

    /// <exception cref="ArgumentException">
    /// There are too many fields, they are larger than <see cref="Limits.MaximumFieldsBytes"/>, or one is the parent of another.
    /// </exception>
    public Fields Build() => TryBuild(out string? fault) ?? throw new ArgumentException(fault);

    private static void CheckValue(string name, FieldValue? value)
    {
        if (value is null) throw new ArgumentNullException(nameof(value), $"the field {FieldName.Shown(FieldName.Utf8Of(name))} is null: "
            + "leave out what has no value. To remove a field, use RemoveFieldsAsync");
    }

    /// <summary>False if the field is already set.</summary>
    internal bool TryAdd(string name, FieldValue value) => _values.TryAdd(FieldName.Utf8Of(name), value);

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
        PackedWriter.WriteUInt16(bytes, _values.Count);
        foreach ((byte[] name, FieldValue value) in _values)
        {
            PackedWriter.WriteUInt16(bytes, name.Length);
            bytes.Write(name);
            bytes.Write([(byte)value.Type]);
            PackedWriter.WriteValue(bytes, value);
        }
        // It also finds a field that is the parent of another, and a size over the limit.
        fault = FieldsCheck.Fault(bytes.WrittenSpan);
        return fault is null ? Fields.OfChecked(bytes.WrittenSpan.ToArray()) : null;
    }

    public IEnumerator<KeyValuePair<string, FieldValue>> GetEnumerator() =>
        _values.Select(field => KeyValuePair.Create(Encoding.UTF8.GetString(field.Key), field.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
