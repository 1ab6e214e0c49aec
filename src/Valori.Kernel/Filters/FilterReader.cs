using System.Buffers.Binary;
using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>Reads canonical bytes (section 2 of docs/formats.md in Valori's repository), as peers and stored commands bring them.</summary>
internal ref struct FilterReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    private FilterReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <exception cref="FormatException">They are not the canonical form of a filter.</exception>
    public static Filter Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Limits.MaximumFilterBytes) throw new FormatException($"a filter of {bytes.Length} bytes; the maximum is {Limits.MaximumFilterBytes}");
        FilterReader reader = new(bytes);
        Filter filter = reader.ReadFilter(1);
        // One form: junctions that were not joined, a value that is written otherwise, or bytes at the end are refused here.
        if (!filter.Canonical.Span.SequenceEqual(bytes)) throw new FormatException("a filter that is not in its canonical form");
        return filter;
    }

    private Filter ReadFilter(int depth)
    {
        if (depth > Limits.MaximumFilterDepth) throw new FormatException($"a filter more than {Limits.MaximumFilterDepth} levels deep");
        FilterOperator kind = (FilterOperator)Take(1)[0];
        switch (kind)
        {
            case FilterOperator.And or FilterOperator.Or:
                int count = TakeUInt16();
                List<Filter> members = [];
                for (int i = 0; i < count; i++) members.Add(ReadFilter(depth + 1));
                return Made(kind == FilterOperator.And ? FilterFactory.And(members) : FilterFactory.Or(members));
            case FilterOperator.Not: return Made(FilterFactory.Not(ReadFilter(depth + 1)));
            case FilterOperator.Exists: return Made(FilterFactory.Exists(ReadOperand().Text));
            case FilterOperator.In or FilterOperator.ContainsAny:
                FilterOperand operand = ReadOperand();
                count = TakeUInt16();
                List<FilterLiteral> literals = [];
                for (int i = 0; i < count; i++) literals.Add(ReadLiteral(operand));
                return Made(FilterFactory.Member(kind, operand, [.. literals]));
            case >= FilterOperator.Equal and <= FilterOperator.StartsWith:
                operand = ReadOperand();
                return Made(FilterFactory.Compare(kind, operand, ReadLiteral(operand)));
            default: throw new FormatException($"the unknown condition {(byte)kind} at byte {_at - 1} of a filter");
        }
    }

    private FilterOperand ReadOperand()
    {
        switch ((OperandKind)Take(1)[0])
        {
            case OperandKind.Key: return FilterOperand.Key;
            case OperandKind.Tag: return FilterOperand.Tag;
            case OperandKind.Id: return FilterOperand.Id;
            case OperandKind.Field:
                ReadOnlySpan<byte> name = Take(TakeUInt16());
                return FieldName.Fault(name) is { } fault ? throw new FormatException(fault) : FilterOperand.Field(name);
            default: throw new FormatException($"the unknown operand at byte {_at - 1} of a filter");
        }
    }

    private FilterLiteral ReadLiteral(FilterOperand operand)
    {
        byte type = Take(1)[0];
        if (operand.IsWhole)
            return type == FilterLiteral.WholeType ? new FilterLiteral(BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)))) : throw WrongType(type);
        if (!((FieldValueType)type).IsScalar()) throw WrongType(type);
        if (FieldsCheck.ScalarFault((FieldValueType)type, _bytes[_at..], out int length) is { } fault) throw new FormatException($"a filter's value at byte {_at} {fault}");
        FieldValue value = new PackedValue((FieldValueType)type, Take(length)).ToValue();
        return FilterFactory.Literal(operand, value, out string? reason) ?? throw new FormatException(reason);
    }

    private FormatException WrongType(byte type) => new($"the type {type} of a filter's value at byte {_at - 1}");

    private int TakeUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length - _at) throw new FormatException($"a filter ends at byte {_bytes.Length}, before what it should hold");
        _at += length;
        return _bytes.Slice(_at - length, length);
    }

    private static Filter Made(Outcome<Filter> made) => made.TryGet(out Filter? filter, out Refusal? refusal) ? filter : throw new FormatException(refusal.Message);
}
