using System.Globalization;

using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>
/// Makes filters and refuses those that no record can match. Every spelling comes here, so each has the same limits and equal filters
/// have one structure: junctions of one kind are joined, and a negation of a negation is what both negate.
/// </summary>
internal static class FilterFactory
{
    public static Outcome<Filter> And(IReadOnlyList<Filter> filters) => Join(FilterOperator.And, filters);

    public static Outcome<Filter> Or(IReadOnlyList<Filter> filters) =>
        filters.Any(filter => filter is Everything) ? Filter.All : Join(FilterOperator.Or, filters);

    public static Outcome<Filter> Not(Filter filter) => filter switch
    {
        Everything => Refuse("'not' of every record is none, which no search needs"),
        Negation negation => negation.Negated,
        _ => Checked(new Negation(filter)),
    };

    public static Outcome<Filter> Exists(string name)
    {
        if (FilterOperand.Parse(name, out string? fault) is not { } operand) return Refuse(fault!);
        return operand.IsWhole ? Refuse($"every record has the {operand.Name}: leave out this condition") : Checked(new Existence(operand));
    }

    public static Outcome<Filter> Compare(FilterOperator comparing, string name, FieldValue value) =>
        FilterOperand.Parse(name, out string? fault) is not { } operand ? Refuse(fault!)
        : Literal(operand, value, out fault) is not { } literal ? Refuse(fault!)
        : Compare(comparing, operand, literal);

    /// <param name="value">More than an int64 holds of a tag or an id only.</param>
    public static Outcome<Filter> Compare(FilterOperator comparing, string name, ulong value) =>
        FilterOperand.Parse(name, out string? fault) is not { } operand ? Refuse(fault!)
        : Literal(operand, value, out fault) is not { } literal ? Refuse(fault!)
        : Compare(comparing, operand, literal);

    public static Outcome<Filter> Member(string name, IReadOnlyList<ulong> values)
    {
        if (FilterOperand.Parse(name, out string? fault) is not { } operand) return Refuse(fault!);
        FilterLiteral[] literals = new FilterLiteral[values.Count];
        for (int i = 0; i < literals.Length; i++)
        {
            if (Literal(operand, values[i], out fault) is not { } literal) return Refuse(fault!);
            literals[i] = literal;
        }
        return Member(FilterOperator.In, operand, literals);
    }

    public static Outcome<Filter> Member(FilterOperator comparing, string name, IReadOnlyList<FieldValue> values)
    {
        if (FilterOperand.Parse(name, out string? fault) is not { } operand) return Refuse(fault!);
        FilterLiteral[] literals = new FilterLiteral[values.Count];
        for (int i = 0; i < literals.Length; i++)
        {
            if (Literal(operand, values[i], out fault) is not { } literal) return Refuse(fault!);
            literals[i] = literal;
        }
        return Member(comparing, operand, literals);
    }

    /// <summary>A value as one that the operand can be compared with; null with a fault if it cannot.</summary>
    public static FilterLiteral? Literal(FilterOperand operand, FieldValue value, out string? fault)
    {
        fault = null;
        if (!value.Type.IsScalar()) fault = $"'{operand.Text}' cannot be compared with an array: use contains or contains_any of arrays, and in for one of several values";
        else if (operand.IsWhole && !(value.Type == FieldValueType.Int64 && value.AsInt64() >= 0)) fault = WholeFault(operand, value.ToString());
        else if (operand.Kind == OperandKind.Key && value.Type != FieldValueType.String) fault = $"the key is a string, and {Shown(value)}";
        if (fault is not null) return null;
        return operand.IsWhole ? new FilterLiteral((ulong)value.AsInt64()) : new FilterLiteral(value);
    }

    private static FilterLiteral? Literal(FilterOperand operand, ulong value, out string? fault)
    {
        fault = null;
        if (operand.IsWhole) return new FilterLiteral(value);
        if (value <= long.MaxValue) return Literal(operand, (FieldValue)(long)value, out fault);
        fault = operand.Kind == OperandKind.Key ? $"the key is a string, and {value} is a number"
            : $"'{operand.Text}' is compared with {value}, which does not fit an int64: convert it to a double, or to a string";
        return null;
    }

    public static string WholeFault(FilterOperand operand, string value) => $"the {operand.Name} is a whole number from 0 to {ulong.MaxValue}, and {FieldValueJson.Shown(value)} is not";

    public static Outcome<Filter> Compare(FilterOperator comparing, FilterOperand operand, FilterLiteral literal)
    {
        FieldValueType? type = literal.Value?.Type;
        if (comparing.IsOrder() && type == FieldValueType.Bool) return Refuse($"'{operand.Text} {comparing.Text()}' with a bool: bools have no order, use = or !=");
        if (comparing == FilterOperator.StartsWith && type != FieldValueType.String) return Refuse($"'{operand.Text} starts_with' needs a string");
        if (comparing == FilterOperator.Contains && operand.Kind != OperandKind.Field) return Refuse(NoArray(operand));
        if (comparing is FilterOperator.Equal or FilterOperator.NotEqual && KeyFault(operand, literal) is { } fault) return Refuse(fault);
        return Checked(new OperandComparison(comparing, operand, literal));
    }

    public static Outcome<Filter> Member(FilterOperator comparing, FilterOperand operand, FilterLiteral[] literals)
    {
        if (literals.Length == 0) return Refuse($"'{operand.Text} {comparing.Text()}' has no values");
        if (comparing == FilterOperator.ContainsAny && operand.Kind != OperandKind.Field) return Refuse(NoArray(operand));
        foreach (FilterLiteral literal in literals)
        {
            if (KeyFault(operand, literal) is { } fault) return Refuse(fault);
            if (literal.Value is { } value && Family(value.Type) != Family(literals[0].Value!.Type))
                return Refuse($"'{operand.Text} {comparing.Text()}' mixes types: {Shown(literals[0].Value!)} and {Shown(value)}");
        }
        return Checked(new Membership(comparing, operand, literals));
    }

    public static Refusal Refuse(string message) => new(RefusalKind.InvalidArgument, message);

    private static Outcome<Filter> Join(FilterOperator joining, IReadOnlyList<Filter> filters)
    {
        List<Filter> members = [];
        foreach (Filter filter in filters)
        {
            if (filter is Junction { Joining: var other, Members: var inner } && other == joining) members.AddRange(inner);
            else if (filter is not Everything) members.Add(filter);
        }
        return members.Count switch { 0 => Filter.All, 1 => members[0], _ => Checked(new Junction(joining, [.. members])) };
    }

    private static Outcome<Filter> Checked(Filter filter)
    {
        if (filter.Depth > Limits.MaximumFilterDepth)
            return Refuse(string.Create(CultureInfo.InvariantCulture, $"the filter is {filter.Depth} levels deep; the maximum is {Limits.MaximumFilterDepth}"));
        if (filter.Terms > Limits.MaximumFilterTerms)
            return Refuse(string.Create(CultureInfo.InvariantCulture, $"the filter has {filter.Terms} conditions and values; the maximum is {Limits.MaximumFilterTerms}"));
        if (filter.ArrayConditions > Limits.MaximumFilterArrayConditions)
            return Refuse(string.Create(
                CultureInfo.InvariantCulture,
                $"the filter has {filter.ArrayConditions} conditions contains and contains_any; the maximum is {Limits.MaximumFilterArrayConditions}: contains_any takes several values"));
        if (filter.Size > Limits.MaximumFilterBytes)
            return Refuse(string.Create(CultureInfo.InvariantCulture, $"the filter has {filter.Size} bytes in canonical form; the maximum is {Limits.MaximumFilterBytes}"));
        return filter;
    }

    private static string Shown(FieldValue value) => $"{FieldValueJson.Shown(value.ToString())} is {value.Type.Shown()}";

    private static string NoArray(FilterOperand operand) => $"the {operand.Name} is not an array";

    private static string? KeyFault(FilterOperand operand, FilterLiteral literal)
    {
        if (operand.Kind != OperandKind.Key || literal.Utf8.Length is > 0 and <= RecordKey.MaximumBytes) return null;
        return $"a key of {literal.Utf8.Length} bytes: a key has 1 to {RecordKey.MaximumBytes} bytes of UTF-8";
    }

    // An int64 may equal a float64.
    private static FieldValueType Family(FieldValueType type) => type == FieldValueType.Float64 ? FieldValueType.Int64 : type;
}
