using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>The value of a condition, prepared for comparing it with packed ones.</summary>
internal sealed class FilterLiteral
{
    /// <summary>The type of a tag or an id in canonical bytes.</summary>
    public const byte WholeType = 6;

    private readonly byte[] _utf8 = [];

    // What a string means if it is compared with a timestamp; null if it is not a time.
    private readonly long? _time;

    public FilterLiteral(ulong whole) => Whole = whole;

    public FilterLiteral(FieldValue scalar)
    {
        Value = scalar;
        if (scalar.Type != FieldValueType.String) return;
        _utf8 = Encoding.UTF8.GetBytes(scalar.AsString());
        _time = TimeText.TryParse(scalar.AsString(), out long unixMicroseconds) ? unixMicroseconds : null;
    }

    /// <summary>Of a field or a key; null of a tag or an id.</summary>
    public FieldValue? Value { get; }

    /// <summary>Of a tag or an id.</summary>
    public ulong Whole { get; }

    /// <summary>A string as UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8 => _utf8;

    /// <summary>A string that is a time too, in microseconds since 1970.</summary>
    public long? Time => _time;

    public int Size => 1 + Value?.Type switch { FieldValueType.Bool => 1, FieldValueType.String => sizeof(uint) + _utf8.Length, _ => sizeof(long) };

    /// <summary>Compares a packed value with this. False if their types cannot be compared.</summary>
    /// <param name="order">Negative if the packed value comes first, 0 if they are equal.</param>
    public bool TryCompare(in PackedValue packed, out int order)
    {
        order = 0;
        FieldValueType wanted = Value!.Type;
        switch (packed.Type)
        {
            case FieldValueType.String when wanted == FieldValueType.String:
                order = packed.Text.SequenceCompareTo(_utf8);
                return true;
            case FieldValueType.Int64 when wanted == FieldValueType.Int64:
            case FieldValueType.Timestamp when wanted == FieldValueType.Timestamp:
            case FieldValueType.Bool when wanted == FieldValueType.Bool:
                order = packed.Bits.CompareTo(Value.ScalarBits);
                return true;
            case FieldValueType.Timestamp when wanted == FieldValueType.String && _time is { } time:
                order = packed.Bits.CompareTo(time);
                return true;
            case FieldValueType.Float64 when wanted == FieldValueType.Float64:
                order = BitConverter.Int64BitsToDouble(packed.Bits).CompareTo(Value.AsFloat64());
                return true;
            case FieldValueType.Int64 when wanted == FieldValueType.Float64:
                order = ExactNumbers.Compare(packed.Bits, Value.AsFloat64());
                return true;
            case FieldValueType.Float64 when wanted == FieldValueType.Int64:
                order = -ExactNumbers.Compare(Value.ScalarBits, BitConverter.Int64BitsToDouble(packed.Bits));
                return true;
            default:
                return false;
        }
    }

    public bool Equals(in PackedValue packed) => TryCompare(packed, out int order) && order == 0;

    public void WriteCanonical(ArrayBufferWriter<byte> bytes)
    {
        bytes.Write([Value is null ? WholeType : (byte)Value.Type]);
        if (Value is not null)
        {
            PackedWriter.WriteValue(bytes, Value);
            return;
        }
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.GetSpan(sizeof(ulong)), Whole);
        bytes.Advance(sizeof(ulong));
    }

    public void WriteText(StringBuilder text)
    {
        if (Value is null) text.Append(Whole.ToString(CultureInfo.InvariantCulture));
        else if (Value.Type == FieldValueType.String) AppendQuoted(text, Value.AsString());
        else if (Value.Type == FieldValueType.Timestamp) AppendQuoted(text.Append(FilterToken.Timestamp).Append(' '), Value.ToString());
        else text.Append(Value);
    }

    public void WriteJson(Utf8JsonWriter json)
    {
        if (Value is null) json.WriteNumberValue(Whole);
        else FieldValueJson.Write(json, Value);
    }

    private static void AppendQuoted(StringBuilder text, string value) => text.Append('\'').Append(value.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
}
