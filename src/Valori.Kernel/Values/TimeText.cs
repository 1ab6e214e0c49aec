using System.Globalization;

namespace Valori.Kernel.Values;

/// <summary>
/// Timestamps as text (section 9 of docs/formats.md in Valori's repository): as <c>as_of</c> takes them, and as Valori writes its times.
/// </summary>
internal static class TimeText
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private const int DateLength = 10;
    private const int MicrosecondDigits = 6;
    private const int MaximumOffsetMinutes = 14 * 60;

    /// <summary>As errors name the form.</summary>
    public const string Expected = "a time such as 2026-11-25T13:00:00Z or 2026-11-25T14:00:00+01:00";

    /// <param name="unixMicroseconds">In the years 1 to 9999.</param>
    public static string Format(long unixMicroseconds) => DateTimeOffset.UnixEpoch.AddTicks(unixMicroseconds * TimeSpan.TicksPerMicrosecond).ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>
    /// Reads <c>yyyy-mm-dd</c>, or that, a <c>T</c> or a space, and <c>hh:mm</c>, <c>hh:mm:ss</c> or <c>hh:mm:ss.f</c> with any number of
    /// digits after the point, and then <c>Z</c>, <c>+hh:mm</c>, <c>-hh:mm</c>, or nothing, which is UTC. What is finer than a
    /// microsecond is cut off.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long unixMicroseconds)
    {
        unixMicroseconds = 0;
        if (!TryDate(text, out DateTime date)) return false;
        long microseconds = 0;
        if (text.Length > DateLength && (text[DateLength] is not ('T' or ' ') || !TryTimeOfDay(text[(DateLength + 1)..], out microseconds))) return false;
        unixMicroseconds = (date.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond + microseconds;
        return FieldValue.IsTimestamp(unixMicroseconds);
    }

    private static bool TryDate(ReadOnlySpan<char> text, out DateTime date)
    {
        date = default;
        if (text.Length < DateLength || text[4] != '-' || text[7] != '-'
            || !TryNumber(text[..4], 1, 9999, out int year) || !TryNumber(text.Slice(5, 2), 1, 12, out int month)
            || !TryNumber(text.Slice(8, 2), 1, DateTime.DaysInMonth(year, month), out int day))
        {
            return false;
        }
        date = new DateTime(year, month, day);
        return true;
    }

    /// <summary>What follows the date, as microseconds since its midnight in UTC.</summary>
    private static bool TryTimeOfDay(ReadOnlySpan<char> text, out long microseconds)
    {
        microseconds = 0;
        if (text.Length < 5 || text[2] != ':' || !TryNumber(text[..2], 0, 23, out int hour) || !TryNumber(text.Slice(3, 2), 0, 59, out int minute)) return false;
        text = text[5..];
        int second = 0;
        long fraction = 0;
        if (text is [':', ..])
        {
            if (text.Length < 3 || !TryNumber(text.Slice(1, 2), 0, 59, out second)) return false;
            text = text[3..];
            if (text is ['.', ..] && !TryFraction(ref text, out fraction)) return false;
        }
        if (!TryOffset(text, out int offset)) return false;
        microseconds = ((hour * 60L + minute - offset) * 60 + second) * 1_000_000 + fraction;
        return true;
    }

    /// <param name="text">Begins with the point. What follows the digits is left.</param>
    private static bool TryFraction(ref ReadOnlySpan<char> text, out long microseconds)
    {
        microseconds = 0;
        int digits = 0;
        while (digits + 1 < text.Length && char.IsAsciiDigit(text[digits + 1])) digits++;
        for (int i = 0; i < MicrosecondDigits; i++) microseconds = microseconds * 10 + (i < digits ? text[i + 1] - '0' : 0);
        text = text[(digits + 1)..];
        return digits > 0;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out int minutes)
    {
        minutes = 0;
        if (text is "" or "Z") return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !TryNumber(text.Slice(1, 2), 0, 23, out int hour) || !TryNumber(text.Slice(4, 2), 0, 59, out int minute))
        {
            return false;
        }
        minutes = (hour * 60 + minute) * (text[0] == '-' ? -1 : 1);
        return Math.Abs(minutes) <= MaximumOffsetMinutes;
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, int minimum, int maximum, out int number) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) && !digits.Contains('\0') && number >= minimum && number <= maximum;
}
