using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Valori.Kernel.Filters;

/// <summary>Lets through what another filter does not, which is not a negation itself.</summary>
internal sealed class Negation(Filter negated) : Filter
{
    public Filter Negated => negated;

    internal override int Depth { get; } = 1 + negated.Depth;

    internal override int Terms => negated.Terms;

    internal override int Conditions => negated.Conditions;

    internal override int ArrayConditions => negated.ArrayConditions;

    internal override int ElementComparisons => negated.ElementComparisons;

    internal override int Size { get; } = 1 + negated.Size;

    internal override IEnumerable<FilterOperand> Operands => negated.Operands;

    internal override bool Matches(in RecordFacts record) => !negated.Matches(record);

    internal override void WriteCanonical(ArrayBufferWriter<byte> bytes)
    {
        bytes.Write([(byte)FilterOperator.Not]);
        negated.WriteCanonical(bytes);
    }

    internal override void WriteText(StringBuilder text)
    {
        if (negated is Existence)
        {
            negated.WriteText(text.Append("not "));
            return;
        }
        negated.WriteText(text.Append("not ("));
        text.Append(')');
    }

    internal override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("not");
        negated.WriteJson(json);
        json.WriteEndObject();
    }
}
