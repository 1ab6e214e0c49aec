using System.Buffers;
using System.Text;
using System.Text.Json;
using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>Two or more filters with <c>and</c> or <c>or</c> between them, none of which is one of the same kind.</summary>
internal sealed class Junction(FilterOperator joining, Filter[] members) : Filter
{
    public FilterOperator Joining => joining;

    public Filter[] Members => members;

    internal override int Depth { get; } = 1 + members.Max(member => member.Depth);

    internal override int Terms { get; } = members.Sum(member => member.Terms);

    internal override int Conditions { get; } = members.Sum(member => member.Conditions);

    internal override int ArrayConditions { get; } = members.Sum(member => member.ArrayConditions);

    internal override int ElementComparisons { get; } = members.Sum(member => member.ElementComparisons);

    internal override int Size { get; } = 1 + sizeof(ushort) + members.Sum(member => member.Size);

    internal override IEnumerable<FilterOperand> Operands => members.SelectMany(member => member.Operands);

    private string Word => joining == FilterOperator.And ? "and" : "or";

    internal override bool Matches(in RecordFacts record)
    {
        bool isAnd = joining == FilterOperator.And;
        foreach (Filter member in members)
        {
            if (member.Matches(record) != isAnd) return !isAnd;
        }
        return isAnd;
    }

    internal override void WriteCanonical(ArrayBufferWriter<byte> bytes)
    {
        bytes.Write([(byte)joining]);
        PackedWriter.WriteUInt16(bytes, members.Length);
        foreach (Filter member in members) member.WriteCanonical(bytes);
    }

    internal override void WriteText(StringBuilder text)
    {
        for (int i = 0; i < members.Length; i++)
        {
            if (i > 0) text.Append(' ').Append(Word).Append(' ');
            // "and" binds closer than "or".
            bool isWeaker = members[i] is Junction { Joining: FilterOperator.Or };
            if (isWeaker) text.Append('(');
            members[i].WriteText(text);
            if (isWeaker) text.Append(')');
        }
    }

    internal override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray(Word);
        foreach (Filter member in members) member.WriteJson(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
