using System.Buffers;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>Whether a value of a record, or an element of one, is among literals.</summary>
/// <param name="comparing"><see cref="FilterOperator.In"/> or <see cref="FilterOperator.ContainsAny"/>.</param>
internal sealed class Membership(FilterOperator comparing, FilterOperand operand, FilterLiteral[] literals) : Filter
{
    private readonly LiteralSet _set = new(literals);

    public FilterOperator Comparing => comparing;

    public FilterOperand Operand => operand;

    public FilterLiteral[] Literals => literals;

    internal override int Depth => 1;

    internal override int Terms => literals.Length;

    internal override int Conditions => 1;

    internal override int ArrayConditions => comparing == FilterOperator.ContainsAny ? 1 : 0;

    internal override int ElementComparisons => comparing == FilterOperator.ContainsAny ? 1 + BitOperations.Log2((uint)literals.Length) : 0;

    internal override int Size { get; } = 1 + operand.Size + sizeof(ushort) + literals.Sum(literal => literal.Size);

    internal override IEnumerable<FilterOperand> Operands => [operand];

    internal override bool Matches(in RecordFacts record)
    {
        switch (operand.Kind)
        {
            case OperandKind.Tag: return _set.Contains(record.Tag);
            case OperandKind.Id: return _set.Contains(record.Id);
            case OperandKind.Key: return _set.Contains(record.Key);
        }
        if (!record.TryFind(operand.Utf8, out PackedValue value)) return false;
        if (comparing == FilterOperator.In) return _set.Contains(value);
        foreach (PackedValue element in value.Elements)
        {
            if (_set.Contains(element)) return true;
        }
        return false;
    }

    internal override void WriteCanonical(ArrayBufferWriter<byte> bytes)
    {
        bytes.Write([(byte)comparing]);
        operand.WriteCanonical(bytes);
        PackedWriter.WriteUInt16(bytes, literals.Length);
        foreach (FilterLiteral literal in literals) literal.WriteCanonical(bytes);
    }

    internal override void WriteText(StringBuilder text)
    {
        FilterToken.AppendName(text, operand);
        text.Append(' ').Append(comparing.Text()).Append(" (");
        for (int i = 0; i < literals.Length; i++) literals[i].WriteText(i == 0 ? text : text.Append(", "));
        text.Append(')');
    }

    internal override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject(FilterJson.NameOf(operand));
        json.WriteStartArray(comparing.Text());
        foreach (FilterLiteral literal in literals) literal.WriteJson(json);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
