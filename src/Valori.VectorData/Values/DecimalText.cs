using System.Globalization;

namespace Valori.VectorData.Values;

/// <summary>
/// decimal as text whose bytes have the order of the numbers: 29 digits, and if there is a fraction a point and its digits without zeros at the
/// end. A negative number has a minus, each digit taken from 9, and a ~ at the end, which comes after every digit and the point.
/// </summary>
internal static class DecimalText
{
    private const int WholeDigits = 29;
    private const char Negative = '-', End = '~';

    public static string Write(decimal value)
    {
        string text = Math.Abs(value).ToString("F28", CultureInfo.InvariantCulture).TrimEnd('0').TrimEnd('.');
        int point = text.IndexOf('.', StringComparison.Ordinal);
        text = text.PadLeft(text.Length + WholeDigits - (point < 0 ? text.Length : point), '0');
        return value < 0 ? Negative + Complement(text) + End : text;
    }

    public static decimal? Read(string text)
    {
        bool isNegative = text.StartsWith(Negative);
        if (isNegative && !text.EndsWith(End)) return null;
        string digits = isNegative ? Complement(text[1..^1]) : text;
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)) return null;
        value = isNegative ? -value : value;
        // Only what was written is read: another spelling would not be found by its value.
        return Write(value) == text ? value : null;
    }

    private static string Complement(string digits) => string.Create(digits.Length, digits, static (complement, digits) =>
    {
        for (int i = 0; i < digits.Length; i++) complement[i] = char.IsAsciiDigit(digits[i]) ? (char)('0' + '9' - digits[i]) : digits[i];
    });
}
