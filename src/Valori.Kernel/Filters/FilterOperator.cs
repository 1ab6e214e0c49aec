namespace Valori.Kernel.Filters;

/// <summary>
/// The kinds of condition. The numbers are those of the canonical bytes (section 2 of docs/formats.md in Valori's repository). Frozen.
/// </summary>
internal enum FilterOperator : byte
{
    And = 1,
    Or = 2,
    Not = 3,
    Exists = 4,
    Equal = 5,
    NotEqual = 6,
    Less = 7,
    LessOrEqual = 8,
    Greater = 9,
    GreaterOrEqual = 10,
    Contains = 11,
    StartsWith = 12,
    In = 13,
    ContainsAny = 14,
}

internal static class FilterOperators
{
    // In the order in which errors name them.
    private static readonly (FilterOperator Operator, string Text)[] Spellings =
    [
        (FilterOperator.Equal, "="), (FilterOperator.NotEqual, "!="), (FilterOperator.Less, "<"), (FilterOperator.LessOrEqual, "<="),
        (FilterOperator.Greater, ">"), (FilterOperator.GreaterOrEqual, ">="), (FilterOperator.In, "in"), (FilterOperator.Exists, "exists"),
        (FilterOperator.Contains, "contains"), (FilterOperator.ContainsAny, "contains_any"), (FilterOperator.StartsWith, "starts_with"),
    ];

    /// <summary>Those of one condition, for errors.</summary>
    public static string All { get; } = string.Join(", ", Spellings.Select(spelling => spelling.Text));

    public static string Text(this FilterOperator comparing) => Spellings.First(spelling => spelling.Operator == comparing).Text;

    /// <summary>The operator of one condition with this spelling, or null.</summary>
    public static FilterOperator? Find(string text)
    {
        foreach ((FilterOperator comparing, string spelling) in Spellings)
        {
            if (spelling == text) return comparing;
        }
        return null;
    }

    public static bool IsOrder(this FilterOperator comparing) => comparing is >= FilterOperator.Less and <= FilterOperator.GreaterOrEqual;

    public static bool TakesList(this FilterOperator comparing) => comparing is FilterOperator.In or FilterOperator.ContainsAny;

    /// <summary>Whether a comparison holds, of two values that can be compared.</summary>
    /// <param name="order">Negative if the record's value comes first, 0 if they are equal.</param>
    public static bool Holds(this FilterOperator comparing, int order) => comparing switch
    {
        FilterOperator.Equal => order == 0,
        FilterOperator.NotEqual => order != 0,
        FilterOperator.Less => order < 0,
        FilterOperator.LessOrEqual => order <= 0,
        FilterOperator.Greater => order > 0,
        _ => order >= 0,
    };
}
