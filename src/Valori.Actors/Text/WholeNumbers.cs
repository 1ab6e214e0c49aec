using System.Globalization;
using System.Numerics;

namespace Valori.Actors.Text;

/// <summary>
/// Whole numbers as texts of decimal digits. .NET's own TryParse ignores NULs after a number, so <c>4\0</c> would be another spelling
/// of 4.
/// </summary>
internal static class WholeNumbers
{
    /// <summary>Reads digits and nothing else. False if the text has something else, or the number does not fit its type.</summary>
    public static bool TryParse<T>(ReadOnlySpan<char> text, out T number)
        where T : struct, IBinaryInteger<T>
    {
        number = default;
        return !text.ContainsAnyExceptInRange('0', '9') && T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The same, and a <c>-</c> or <c>+</c> may stand before the digits.</summary>
    public static bool TryParseSigned<T>(ReadOnlySpan<char> text, out T number)
        where T : struct, IBinaryInteger<T>, ISignedNumber<T>
    {
        number = default;
        ReadOnlySpan<char> digits = text is ['-' or '+', ..] ? text[1..] : text;
        return !digits.ContainsAnyExceptInRange('0', '9') && T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Reads the one spelling that JSON has too: no <c>+</c> and no zero before the digits, and no <c>-0</c>. Null if the text is something else.</summary>
    public static T? Canonical<T>(ReadOnlySpan<char> text)
        where T : struct, IBinaryInteger<T> =>
        text is not (['+' or '0', _, ..] or ['-', '0', ..]) && T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T number)
            && !text[(text[0] == '-' ? 1 : 0)..].ContainsAnyExceptInRange('0', '9')
            ? number
            : null;
}
