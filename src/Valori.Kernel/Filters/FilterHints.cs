using System.Text.RegularExpressions;

namespace Valori.Kernel.Filters;

/// <summary>
/// What to write instead of what other query languages call it. The parser knows only which token it did not expect; the cure is in what
/// stands around it.
/// </summary>
internal static partial class FilterHints
{
    // A name that is repeated in an error must stay part of a line.
    private const int MaximumName = 64;

    private const string Times = "times are in quotes, as in timestamp '2026-11-01', or '2026-11-01' for a field that is a string";

    /// <summary>The cure, with a colon before it; empty if there is none.</summary>
    /// <param name="at">Where in the text the parser or the tokenizer stopped.</param>
    public static string Of(string text, int at) => CureOf(text, at) is { } cure ? $": {cure}" : "";

    /// <summary>The operator of a JSON filter that was meant with a word of another language, or null.</summary>
    public static string? OperatorMeant(string word) => word.TrimStart('$').ToLowerInvariant() switch
    {
        "eq" or "==" or "is" or "equals" or "match" => "=",
        "ne" or "neq" or "<>" => "!=",
        "lt" => "<",
        "lte" or "le" => "<=",
        "gt" => ">",
        "gte" or "ge" => ">=",
        "in" or "any" => "in",
        "exists" => "exists",
        "contains" => "contains",
        _ => null,
    };

    /// <summary>The member of a JSON filter that joins or negates others and was meant with a word of another language, or null.</summary>
    public static string? JunctionMeant(string word) => word.TrimStart('$').ToLowerInvariant() switch
    {
        "and" or "must" or "all" => "\"and\"",
        "or" or "should" or "any" => "\"or\"",
        "not" => "\"not\" with one filter",
        "must_not" or "nor" => "\"not\" with an \"or\" in it",
        _ => null,
    };

    private static string? CureOf(string text, int at)
    {
        if (IsTime(text, at)) return Times;
        if (at >= text.Length) return null;
        string before = text[..at].TrimEnd(), word = WordAt(text, at), lower = word.ToLowerInvariant();
        Match field = FieldBefore().Match(before);
        string name = field.Groups["name"] is { Success: true, Length: <= MaximumName } named ? named.Value : "field";
        string comparing = field.Groups["operator"].Value;
        switch (text[at])
        {
            case '[': return "lists are in round brackets, as in in ('a', 'b')";
            case '&': return "write and";
            case '|': return "write or";
            case '=' when before.EndsWith('='): return "equality is a single =";
            case '>' when before.EndsWith('<'): return "write !=";
        }
        if (lower.Length == 0) return null;
        if (lower == FilterToken.Timestamp) return Times;
        if (lower == "not" && comparing.Length == 0 && field.Success) return $"not stands before a condition, as in not ({name} in ('a', 'b'))";
        if (lower is "null" or "none" or "nil" && comparing.Length > 0) return NullCure(name, isThere: comparing == "!=");
        if (lower == "is" && field.Success) return IsNull().Match(text, at) is { Success: true } isNull ? NullCure(name, isNull.Groups["not"].Success) : "write =";
        if (lower is "like" or "ilike") return "write starts_with for the beginning of a string";
        if (FilterToken.KindOf(word) != FilterTokenKind.Name) return null;
        if (FilterToken.KindOf(lower) != FilterTokenKind.Name) return $"write {lower} or {word.ToUpperInvariant()}";
        return comparing.Length > 0 ? $"strings are in single quotes, as in '{(word.Length <= MaximumName ? word : "text")}'" : null;
    }

    private static string NullCure(string name, bool isThere) => $"there is no null: write {(isThere ? "" : "not ")}exists({name})";

    /// <summary>Whether the characters around a place are a date without quotes.</summary>
    private static bool IsTime(string text, int at)
    {
        int begin = at;
        while (begin > 0 && IsTimePart(text[begin - 1])) begin--;
        return Date().IsMatch(text.AsSpan(begin));
    }

    private static bool IsTimePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or ':' or '.' or '+';

    private static string WordAt(string text, int at)
    {
        int end = at;
        while (end < text.Length && FilterToken.IsNamePart(text[end])) end++;
        return text[at..end];
    }

    [GeneratedRegex("^[0-9]{4}-[0-9]{1,2}-", RegexOptions.ExplicitCapture)]
    private static partial Regex Date();

    // From the right: a long text has only one end.
    [GeneratedRegex(@"(?<name>[A-Za-z0-9_.$]+)[ \t\r\n]*(?<operator>starts_with|contains|[=<>!]*)$", RegexOptions.RightToLeft | RegexOptions.ExplicitCapture)]
    private static partial Regex FieldBefore();

    [GeneratedRegex(@"\Gis[ \t\r\n]+(?<not>not[ \t\r\n]+)?null", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex IsNull();
}
