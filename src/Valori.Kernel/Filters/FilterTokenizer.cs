using Superpower;
using Superpower.Model;

namespace Valori.Kernel.Filters;

/// <summary>Divides a filter's text into tokens.</summary>
internal sealed class FilterTokenizer : Tokenizer<FilterTokenKind>
{
    public static FilterTokenizer Instance { get; } = new();

    protected override IEnumerable<Result<FilterTokenKind>> Tokenize(TextSpan span)
    {
        for (TextSpan rest = SkipSpaces(span); !rest.IsAtEnd; rest = SkipSpaces(rest))
        {
            Result<FilterTokenKind> token = Next(rest);
            yield return token;
            if (!token.HasValue) yield break;
            rest = token.Remainder;
        }
    }

    private static Result<FilterTokenKind> Next(TextSpan rest)
    {
        char first = CharAt(rest, 0), second = CharAt(rest, 1);
        switch (first)
        {
            case '(': return Taken(FilterTokenKind.Open, rest, 1);
            case ')': return Taken(FilterTokenKind.Close, rest, 1);
            case ',': return Taken(FilterTokenKind.Comma, rest, 1);
            case '=': return Taken(FilterTokenKind.Operator, rest, 1);
            case '<' or '>': return Taken(FilterTokenKind.Operator, rest, second == '=' ? 2 : 1);
            case '!' when second == '=': return Taken(FilterTokenKind.Operator, rest, 2);
            case '\'': return Quoted(FilterTokenKind.String, rest, "the string that begins here has no end: it needs a closing '");
            case '`': return Quoted(FilterTokenKind.Name, rest, "the name that begins here has no end: it needs a closing `");
            case '"': return Result.Empty<FilterTokenKind>(rest, "strings have single quotes, and names with other characters have backticks");
        }
        if (char.IsAsciiDigit(first) || (first == '-' && char.IsAsciiDigit(second))) return Number(rest);
        if (!FilterToken.IsNameStart(first)) return Result.Empty<FilterTokenKind>(rest, $"unexpected '{rest.First(1)}', expected a name, an operator, a value or a bracket");
        int length = 1;
        while (FilterToken.IsNamePart(CharAt(rest, length))) length++;
        string word = rest.First(length).ToStringValue();
        bool isTimestamp = word is FilterToken.Timestamp or FilterToken.UpperTimestamp && CharAt(SkipSpaces(rest.Skip(length)), 0) == '\'';
        return Taken(isTimestamp ? FilterTokenKind.Timestamp : FilterToken.KindOf(word), rest, length);
    }

    private static Result<FilterTokenKind> Quoted(FilterTokenKind kind, TextSpan rest, string unclosed)
    {
        char quote = CharAt(rest, 0);
        int length = 1;
        for (; ; length++)
        {
            if (length >= rest.Length) return Result.Empty<FilterTokenKind>(rest, unclosed);
            if (CharAt(rest, length) != quote) continue;
            // Two of them are one within.
            if (CharAt(rest, length + 1) != quote) return Taken(kind, rest, length + 1);
            length++;
        }
    }

    private static Result<FilterTokenKind> Number(TextSpan rest)
    {
        int length = Digits(rest, CharAt(rest, 0) == '-' ? 1 : 0);
        if (CharAt(rest, length) == '.' && char.IsAsciiDigit(CharAt(rest, length + 1))) length = Digits(rest, length + 1);
        if (CharAt(rest, length) is 'e' or 'E')
        {
            int exponent = length + (CharAt(rest, length + 1) is '+' or '-' ? 2 : 1);
            if (char.IsAsciiDigit(CharAt(rest, exponent))) length = Digits(rest, exponent);
        }
        return FilterToken.IsNamePart(CharAt(rest, length))
            ? Result.Empty<FilterTokenKind>(rest.Skip(length), $"unexpected '{rest.Skip(length).First(1)}' in a number")
            : Taken(FilterTokenKind.Number, rest, length);
    }

    private static int Digits(TextSpan rest, int from)
    {
        while (char.IsAsciiDigit(CharAt(rest, from))) from++;
        return from;
    }

    private static Result<FilterTokenKind> Taken(FilterTokenKind kind, TextSpan rest, int length) => Result.Value(kind, rest, rest.Skip(length));

    private static TextSpan SkipSpaces(TextSpan span)
    {
        int length = 0;
        while (CharAt(span, length) is ' ' or '\t' or '\r' or '\n') length++;
        return span.Skip(length);
    }

    private static char CharAt(TextSpan span, int at) => at < span.Length ? span.Source![span.Position.Absolute + at] : '\0';
}
