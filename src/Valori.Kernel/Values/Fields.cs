using System.Buffers;
using System.Buffers.Binary;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Valori.Kernel.Values;

namespace Valori;

/// <summary>
/// The fields of a record: an immutable map of names to values, in the order of the names' UTF-8 bytes. It is its canonical bytes
/// (section 3 of docs/formats.md in Valori's repository), so equal fields have equal bytes. Made by a <see cref="FieldsBuilder"/>.
/// </summary>
public sealed class Fields : IReadOnlyDictionary<string, FieldValue>, IEquatable<Fields>
{
    private readonly ReadOnlyMemory<byte> _canonical;

    private Fields(ReadOnlyMemory<byte> canonical) => _canonical = canonical;

    /// <summary>No fields. A record that has none is the same as one that never had any.</summary>
    public static Fields Empty { get; } = new(new byte[sizeof(ushort)]);

    /// <summary>The canonical bytes: at most <see cref="Limits.MaximumFieldsBytes"/>, and two zero bytes if there are no fields.</summary>
    public ReadOnlyMemory<byte> Canonical => _canonical;

    public bool IsEmpty => Count == 0;

    public int Count => BinaryPrimitives.ReadUInt16LittleEndian(_canonical.Span);

    public IEnumerable<string> Keys => this.Select(pair => pair.Key);

    public IEnumerable<FieldValue> Values => this.Select(pair => pair.Value);

    /// <exception cref="KeyNotFoundException">There is no such field.</exception>
    public FieldValue this[string key] => TryGetValue(key, out FieldValue? value) ? value : throw new KeyNotFoundException($"there is no field '{key}'");

    /// <summary>Reads canonical bytes, and checks all of them.</summary>
    /// <param name="canonical">They are copied.</param>
    /// <exception cref="FormatException">They are not canonical fields. The message says what is wrong, and where.</exception>
    public static Fields Read(ReadOnlySpan<byte> canonical) =>
        FieldsCheck.Fault(canonical) is { } fault ? throw new FormatException(fault) : OfChecked(canonical.ToArray());

    /// <summary>
    /// Reads a JSON object: nested objects become dotted names, a number without point and exponent is an int64, and
    /// <c>{"$timestamp":"2026-01-01T00:00:00Z"}</c> is a timestamp (section 3 of docs/formats.md in Valori's repository).
    /// </summary>
    public static Outcome<Fields> FromJson(JsonElement json) => FieldsJson.Read(json);

    /// <inheritdoc cref="FromJson(JsonElement)"/>
    public static Outcome<Fields> FromJson(string json) => JsonText.Read(json, "the fields are", FromJson);

    /// <summary>Takes bytes that were checked, without copying them: they must not be changed.</summary>
    internal static Fields OfChecked(ReadOnlyMemory<byte> canonical) => canonical.Length == sizeof(ushort) ? Empty : new Fields(canonical);

    public bool ContainsKey(string key) => PackedFields.TryFind(_canonical.Span, Encoding.UTF8.GetBytes(key), out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out FieldValue value)
    {
        value = PackedFields.TryFind(_canonical.Span, Encoding.UTF8.GetBytes(key), out PackedValue packed) ? packed.ToValue() : null;
        return value is not null;
    }

    public IEnumerator<KeyValuePair<string, FieldValue>> GetEnumerator()
    {
        List<KeyValuePair<string, FieldValue>> all = new(Count);
        PackedFields fields = new(_canonical.Span);
        while (fields.MoveNext()) all.Add(new(Encoding.UTF8.GetString(fields.Name), fields.Value.ToValue()));
        return all.GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>These fields with others set: a name that both have takes the other's value. Linear, as both ascend.</summary>
    /// <returns>A refusal if they exclude each other, or are too many or too large together.</returns>
    internal Outcome<Fields> With(Fields others)
    {
        byte[] merged = new byte[_canonical.Length + others._canonical.Length - sizeof(ushort)];
        PackedFields mine = new(_canonical.Span), theirs = new(others._canonical.Span);
        bool isMine = mine.MoveNext(), isTheirs = theirs.MoveNext();
        int length = sizeof(ushort), count = 0;
        for (; isMine || isTheirs; count++)
        {
            int order = !isMine ? 1 : !isTheirs ? -1 : mine.Name.SequenceCompareTo(theirs.Name);
            ReadOnlySpan<byte> next = order < 0 ? mine.Whole : theirs.Whole;
            next.CopyTo(merged.AsSpan(length));
            length += next.Length;
            if (order <= 0) isMine = mine.MoveNext();
            if (order >= 0) isTheirs = theirs.MoveNext();
        }
        if (count > Limits.MaximumFields) return new Refusal(RefusalKind.InvalidArgument, FieldsCheck.CountFault(count));
        BinaryPrimitives.WriteUInt16LittleEndian(merged, (ushort)count);
        ReadOnlyMemory<byte> canonical = merged.AsMemory(0, length);
        // It also finds a field that is the parent of another, and a size over the limit.
        return FieldsCheck.Fault(canonical.Span) is { } fault ? new Refusal(RefusalKind.InvalidArgument, fault) : OfChecked(canonical);
    }

    /// <summary>These fields without those names and what is below them. Names that are not there are ignored. Linear, as both ascend.</summary>
    internal Fields Without(RemovedNames names)
    {
        byte[] rest = new byte[_canonical.Length];
        PackedFields fields = new(_canonical.Span);
        int length = sizeof(ushort), count = 0, at = 0;
        while (fields.MoveNext())
        {
            if (names.Cover(fields.Name, ref at)) continue;
            fields.Whole.CopyTo(rest.AsSpan(length));
            length += fields.Whole.Length;
            count++;
        }
        BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)count);
        return OfChecked(rest.AsMemory(0, length));
    }

    /// <summary>A JSON object that <see cref="FromJson(string)"/> reads as the same fields.</summary>
    public string ToJson()
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json)) WriteTo(writer);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    /// <summary>Writes the object of <see cref="ToJson"/>.</summary>
    public void WriteTo(Utf8JsonWriter writer) => FieldsJson.Write(writer, this);

    public bool Equals(Fields? other) => other is not null && _canonical.Span.SequenceEqual(other._canonical.Span);

    public override bool Equals(object? obj) => Equals(obj as Fields);

    public override int GetHashCode()
    {
        HashCode hash = new();
        hash.AddBytes(_canonical.Span);
        return hash.ToHashCode();
    }

    public override string ToString() => ToJson();
}
