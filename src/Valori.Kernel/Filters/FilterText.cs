using System.Globalization;
using System.Text;
using Superpower;
using Superpower.Model;
using Superpower.Parsers;
using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>
/// Reads a filter as a line of text (section 2 of docs/formats.md in Valori's repository), with Superpower. What the grammar takes and no
/// filter can be is a refusal with the column of its condition.
/// </summary>
internal static class FilterText
{
    // A level of a filter is a "not" and a bracket at most. The parser calls itself so deep.
    private const int MaximumNesting = 2 * Limits.MaximumFilterDepth;

    private static readonly TokenListParser<FilterTokenKind, Token<FilterTokenKind>> Name =
        Token.EqualTo(FilterTokenKind.Name);

    private static readonly TokenListParser<FilterTokenKind, Token<FilterTokenKind>[]> Value =
        Token.EqualTo(FilterTokenKind.String).Or(Token.EqualTo(FilterTokenKind.Number)).Or(Token.EqualTo(FilterTokenKind.True)).Or(Token.EqualTo(FilterTokenKind.False))
            .Select(token => new[] { token })
            .Or(from word in Token.EqualTo(FilterTokenKind.Timestamp) from text in Token.EqualTo(FilterTokenKind.String) select new[] { word, text })
            .Named("a value");

    private static readonly TokenListParser<FilterTokenKind, Token<FilterTokenKind>[][]> List =
        from open in Token.EqualTo(FilterTokenKind.Open)
        from values in Value.ManyDelimitedBy(Token.EqualTo(FilterTokenKind.Comma))
        from close in Token.EqualTo(FilterTokenKind.Close)
        select values;

    private static readonly TokenListParser<FilterTokenKind, Outcome<Filter>> Existing =
        from word in Token.EqualTo(FilterTokenKind.Exists)
        from open in Token.EqualTo(FilterTokenKind.Open)
        from name in Name
        from close in Token.EqualTo(FilterTokenKind.Close)
        select At(word, FilterFactory.Exists(NameOf(name)));

    private static readonly TokenListParser<FilterTokenKind, Outcome<Filter>> Condition =
        from name in Name
        from made in (
            from comparing in Token.EqualTo(FilterTokenKind.Operator).Or(Token.EqualTo(FilterTokenKind.Contains)).Or(Token.EqualTo(FilterTokenKind.StartsWith))
            from value in Value
            select Compare(name, comparing, value)).Or(
            from comparing in Token.EqualTo(FilterTokenKind.In).Or(Token.EqualTo(FilterTokenKind.ContainsAny))
            from values in List
            select Member(name, comparing, values))
        select made;

    private static readonly TokenListParser<FilterTokenKind, Outcome<Filter>> Bracketed =
        from open in Token.EqualTo(FilterTokenKind.Open)
        from inner in Superpower.Parse.Ref(() => Any!)
        from close in Token.EqualTo(FilterTokenKind.Close)
        select inner;

    private static readonly TokenListParser<FilterTokenKind, Outcome<Filter>> Negated =
        from word in Token.EqualTo(FilterTokenKind.Not)
        from inner in Superpower.Parse.Ref(() => Single!)
        select inner.Value is { } filter ? At(word, FilterFactory.Not(filter)) : inner;

    private static readonly TokenListParser<FilterTokenKind, Outcome<Filter>> Single = Negated.Or(Existing).Or(Bracketed).Or(Condition);

    private static readonly TokenListParser<FilterTokenKind, Outcome<Filter>> Every =
        Single.AtLeastOnceDelimitedBy(Token.EqualTo(FilterTokenKind.And)).Select(members => Join(members, FilterFactory.And));

    private static readonly TokenListParser<FilterTokenKind, Outcome<Filter>> Any =
        Every.AtLeastOnceDelimitedBy(Token.EqualTo(FilterTokenKind.Or)).Select(members => Join(members, FilterFactory.Or));

    private static readonly TokenListParser<FilterTokenKind, Outcome<Filter>> Whole = Any.AtEnd();

    public static Outcome<Filter> Parse(string text)
    {
        if (text.Length > Limits.MaximumFilterBytes)
            return FilterFactory.Refuse(string.Create(CultureInfo.InvariantCulture, $"the filter has {text.Length} characters; the maximum is {Limits.MaximumFilterBytes}"));
        if (string.IsNullOrWhiteSpace(text)) return FilterFactory.Refuse("the filter is empty: leave it out");
        Result<TokenList<FilterTokenKind>> tokens = FilterTokenizer.Instance.TryTokenize(text);
        if (!tokens.HasValue) return Unexpected(text, tokens.ErrorPosition, tokens.ErrorMessage ?? tokens.FormatErrorMessageFragment());
        if (TooDeep(tokens.Value) is { } deep) return deep;
        TokenListParserResult<FilterTokenKind, Outcome<Filter>> parsed = Whole.TryParse(tokens.Value);
        return parsed.HasValue ? parsed.Value : Unexpected(text, parsed.ErrorPosition.HasValue ? parsed.ErrorPosition : EndOf(text), parsed.FormatErrorMessageFragment());
    }

    private static Refusal? TooDeep(TokenList<FilterTokenKind> tokens)
    {
        // The negations in effect at each open bracket: they end with their operand.
        Stack<int> outer = [];
        int negations = 0, nesting = 0;
        foreach (Token<FilterTokenKind> token in tokens)
        {
            switch (token.Kind)
            {
                case FilterTokenKind.Not:
                    negations++;
                    nesting++;
                    break;
                case FilterTokenKind.Open:
                    outer.Push(negations);
                    negations = 0;
                    nesting++;
                    break;
                case FilterTokenKind.And or FilterTokenKind.Or:
                    nesting -= negations;
                    negations = 0;
                    break;
                case FilterTokenKind.Close when outer.Count > 0:
                    nesting -= negations + 1;
                    negations = outer.Pop();
                    break;
            }
            if (nesting > MaximumNesting) return Wrong(token.Position, $"brackets and negations are nested more than {MaximumNesting} levels deep");
        }
        return null;
    }

    private static Outcome<Filter> Compare(Token<FilterTokenKind> name, Token<FilterTokenKind> comparing, Token<FilterTokenKind>[] value)
    {
        if (FilterOperand.Parse(NameOf(name), out string? fault) is not { } operand) return Wrong(name.Position, fault!);
        if (LiteralOf(operand, value, out fault) is not { } literal) return Wrong(value[0].Position, fault!);
        return At(name, FilterFactory.Compare(OperatorOf(comparing), operand, literal));
    }

    private static Outcome<Filter> Member(Token<FilterTokenKind> name, Token<FilterTokenKind> comparing, Token<FilterTokenKind>[][] values)
    {
        if (FilterOperand.Parse(NameOf(name), out string? fault) is not { } operand) return Wrong(name.Position, fault!);
        FilterLiteral[] literals = new FilterLiteral[values.Length];
        for (int i = 0; i < literals.Length; i++)
        {
            if (LiteralOf(operand, values[i], out fault) is not { } literal) return Wrong(values[i][0].Position, fault!);
            literals[i] = literal;
        }
        return At(name, FilterFactory.Member(OperatorOf(comparing), operand, literals));
    }

    private static Outcome<Filter> Join(Outcome<Filter>[] members, Func<IReadOnlyList<Filter>, Outcome<Filter>> join)
    {
        foreach (Outcome<Filter> member in members)
        {
            if (member.Refusal is not null) return member;
        }
        return join([.. members.Select(member => member.Value!)]);
    }

    private static FilterOperator OperatorOf(Token<FilterTokenKind> token) => FilterOperators.Find(token.ToStringValue().ToLowerInvariant())!.Value;

    private static string NameOf(Token<FilterTokenKind> token)
    {
        string text = token.ToStringValue();
        return text[0] == '`' ? text[1..^1].Replace("``", "`", StringComparison.Ordinal) : text;
    }

    private static FilterLiteral? LiteralOf(FilterOperand operand, Token<FilterTokenKind>[] tokens, out string? fault)
    {
        fault = null;
        string text = tokens[^1].ToStringValue();
        if (tokens[0].Kind == FilterTokenKind.Number && operand.IsWhole)
        {
            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong whole)) return new FilterLiteral(whole);
            fault = FilterFactory.WholeFault(operand, text);
            return null;
        }
        FieldValue? value = tokens[0].Kind switch
        {
            FilterTokenKind.True => true,
            FilterTokenKind.False => false,
            FilterTokenKind.Number => NumberOf(text, out fault),
            FilterTokenKind.Timestamp => TimestampOf(Unquoted(text), out fault),
            _ => StringOf(Unquoted(text), out fault),
        };
        return value is null ? null : FilterFactory.Literal(operand, value, out fault);
    }

    private static FieldValue? NumberOf(string text, out string? fault)
    {
        FieldValue? number = FieldValueJson.ReadNumber(Encoding.UTF8.GetBytes(text), out fault);
        if (fault is not null) fault = $"the number {fault}";
        return number;
    }

    private static FieldValue? TimestampOf(string text, out string? fault)
    {
        bool isTime = TimeText.TryParse(text, out long unixMicroseconds);
        fault = isTime ? null : $"'{FieldValueJson.Shown(text)}' is not {TimeText.Expected}";
        return isTime ? FieldValue.Timestamp(unixMicroseconds) : null;
    }

    private static FieldValue? StringOf(string text, out string? fault)
    {
        fault = FieldValue.LoneSurrogate(text) is null ? null : "the string has half of a surrogate pair, which is not text";
        return fault is null ? (FieldValue)text : null;
    }

    private static string Unquoted(string text) => text[1..^1].Replace("''", "'", StringComparison.Ordinal);

    private static Outcome<Filter> At(Token<FilterTokenKind> token, Outcome<Filter> made) => made.Refusal is { } refusal ? Wrong(token.Position, refusal.Message) : made;

    private static Position EndOf(string text) => new TextSpan(text).Skip(text.Length).Position;

    private static Refusal Unexpected(string text, Position position, string message) => Wrong(position, $"{message}{FilterHints.Of(text, position.Absolute)}");

    private static Refusal Wrong(Position position, string message) => FilterFactory.Refuse(position.Line == 1
        ? string.Create(CultureInfo.InvariantCulture, $"the filter, column {position.Column}: {message}")
        : string.Create(CultureInfo.InvariantCulture, $"the filter, line {position.Line}, column {position.Column}: {message}"));
}
