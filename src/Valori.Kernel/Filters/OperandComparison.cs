using System.Buffers;
using System.Text;
using System.Text.Json;
using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>Compares one value of a record with a literal.</summary>
internal sealed class OperandComparison(FilterOperator comparing, FilterOperand operand, FilterLiteral literal) : Filter
{
    public FilterOperator Comparing => comparing;

    public FilterOperand Operand => operand;

    public FilterLiteral Literal => literal;

    internal override int Depth => 1;

    internal override int Terms => 1;

    internal override int Conditions => 1;

    internal override int ArrayConditions => comparing == FilterOperator.Contains ? 1 : 0;

    internal override int ElementComparisons => ArrayConditions;

    internal override int Size => 1 + operand.Size + literal.Size;

    internal override IEnumerable<FilterOperand> Operands => [operand];

    internal override bool Matches(in RecordFacts record)
    {
        switch (operand.Kind)
        {
            case OperandKind.Tag: return comparing.Holds(record.Tag.CompareTo(literal.Whole));
            case OperandKind.Id: return comparing.Holds(record.Id.CompareTo(literal.Whole));
            case OperandKind.Key when record.Key.IsEmpty: break;
            case OperandKind.Key when comparing == FilterOperator.StartsWith: return record.Key.StartsWith(literal.Utf8);
            case OperandKind.Key: return comparing.Holds(record.Key.SequenceCompareTo(literal.Utf8));
            case OperandKind.Field when record.TryFind(operand.Utf8, out PackedValue value): return MatchesValue(value);
        }
        return comparing == FilterOperator.NotEqual;
    }

    internal override void WriteCanonical(ArrayBufferWriter<byte> bytes)
    {
        bytes.Write([(byte)comparing]);
        operand.WriteCanonical(bytes);
        literal.WriteCanonical(bytes);
    }

    internal override void WriteText(StringBuilder text)
    {
        FilterToken.AppendName(text, operand);
        literal.WriteText(text.Append(' ').Append(comparing.Text()).Append(' '));
    }

    internal override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName(FilterJson.NameOf(operand));
        if (comparing == FilterOperator.Equal)
        {
            literal.WriteJson(json);
        }
        else
        {
            json.WriteStartObject();
            json.WritePropertyName(comparing.Text());
            literal.WriteJson(json);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private bool MatchesValue(in PackedValue value)
    {
        switch (comparing)
        {
            case FilterOperator.StartsWith: return value.Type == FieldValueType.String && value.Text.StartsWith(literal.Utf8);
            case FilterOperator.Contains:
                foreach (PackedValue element in value.Elements)
                {
                    if (literal.Equals(element)) return true;
                }
                return false;
            default: return literal.TryCompare(value, out int order) ? comparing.Holds(order) : comparing == FilterOperator.NotEqual;
        }
    }
}
