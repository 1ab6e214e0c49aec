using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Valori.Kernel.Filters;

/// <summary>Whether a record has a field, or a key.</summary>
internal sealed class Existence(FilterOperand operand) : Filter
{
    public FilterOperand Operand => operand;

    internal override int Depth => 1;

    internal override int Terms => 1;

    internal override int Conditions => 1;

    internal override int ArrayConditions => 0;

    internal override int ElementComparisons => 0;

    internal override int Size => 1 + operand.Size;

    internal override IEnumerable<FilterOperand> Operands => [operand];

    internal override bool Matches(in RecordFacts record) => operand.Kind == OperandKind.Key
        ? !record.Key.IsEmpty
        : record.TryFind(operand.Utf8, out _);

    internal override void WriteCanonical(ArrayBufferWriter<byte> bytes)
    {
        bytes.Write([(byte)FilterOperator.Exists]);
        operand.WriteCanonical(bytes);
    }

    internal override void WriteText(StringBuilder text)
    {
        text.Append("exists(");
        FilterToken.AppendName(text, operand);
        text.Append(')');
    }

    internal override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject(FilterJson.NameOf(operand));
        json.WriteBoolean("exists", true);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
