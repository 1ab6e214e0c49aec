using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Valori.Kernel.Filters;

/// <summary>Lets every record through. It stands alone, and never within another filter.</summary>
internal sealed class Everything : Filter
{
    internal override int Depth => 0;

    internal override int Terms => 0;

    internal override int Conditions => 0;

    internal override int ArrayConditions => 0;

    internal override int ElementComparisons => 0;

    internal override int Size => 0;

    internal override IEnumerable<FilterOperand> Operands => [];

    internal override bool Matches(in RecordFacts record) => true;

    internal override void WriteCanonical(ArrayBufferWriter<byte> bytes)
    {
    }

    internal override void WriteText(StringBuilder text) => text.Append("all");

    internal override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteEndObject();
    }
}
