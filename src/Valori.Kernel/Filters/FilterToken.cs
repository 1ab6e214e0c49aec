using System.Buffers;
using System.Text;
using Superpower.Display;

namespace Valori.Kernel.Filters;

/// <summary>The tokens of a filter's text, with what errors call them.</summary>
internal enum FilterTokenKind
{
    None,

    [Token(Description = "a name")]
    Name,

    [Token(Description = "a string in single quotes")]
    String,

    [Token(Description = "a number")]
    Number,

    [Token(Description = "a timestamp")]
    Timestamp,

    [Token(Description = "an operator (= != < <= > >=)")]
    Operator,

    [Token(Example = "(")]
    Open,

    [Token(Example = ")")]
    Close,

    [Token(Example = ",")]
    Comma,

    [Token(Example = "and")]
    And,

    [Token(Example = "or")]
    Or,

    [Token(Example = "not")]
    Not,

    [Token(Example = "in")]
    In,

    [Token(Example = "exists")]
    Exists,

    [Token(Example = "contains")]
    Contains,

    [Token(Example = "contains_any")]
    ContainsAny,

    [Token(Example = "starts_with")]
    StartsWith,

    [Token(Example = "true")]
    True,

    [Token(Example = "false")]
    False,
}

/// <summary>Words and names in a filter's text.</summary>
internal static class FilterToken
{
    /// <summary>The word before a string that is a timestamp and nothing else. Elsewhere it is a name.</summary>
    public const string Timestamp = "timestamp", UpperTimestamp = "TIMESTAMP";

    private static readonly SearchValues<char> NameParts =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");

    private static readonly Dictionary<string, FilterTokenKind> Words = new(StringComparer.Ordinal)
    {
        ["and"] = FilterTokenKind.And,
        ["or"] = FilterTokenKind.Or,
        ["not"] = FilterTokenKind.Not,
        ["in"] = FilterTokenKind.In,
        ["exists"] = FilterTokenKind.Exists,
        ["contains"] = FilterTokenKind.Contains,
        ["contains_any"] = FilterTokenKind.ContainsAny,
        ["starts_with"] = FilterTokenKind.StartsWith,
        ["true"] = FilterTokenKind.True,
        ["false"] = FilterTokenKind.False,
    };

    /// <summary>The kind of a word, which is in lower or in upper case; a name if it is not a keyword.</summary>
    public static FilterTokenKind KindOf(string word) =>
        Words.TryGetValue(word, out FilterTokenKind kind) ? kind
        : word.Any(char.IsAsciiLetterLower) ? FilterTokenKind.Name
        : Words.GetValueOrDefault(word.ToLowerInvariant(), FilterTokenKind.Name);

    /// <summary>Whether a name without backticks may begin so.</summary>
    public static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c is '_' or '$';

    public static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.';

    /// <summary>Appends an operand's name, in backticks if it needs them.</summary>
    public static void AppendName(StringBuilder text, FilterOperand operand)
    {
        string name = operand.Text;
        if (IsNameStart(name[0]) && name.AsSpan(1).IndexOfAnyExcept(NameParts) < 0 && KindOf(name) == FilterTokenKind.Name) text.Append(name);
        else text.Append('`').Append(name.Replace("`", "``", StringComparison.Ordinal)).Append('`');
    }
}
