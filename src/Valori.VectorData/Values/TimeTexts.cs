using System.Globalization;

namespace Valori.VectorData.Values;

/// <summary>
/// Dates and times as text of ISO 8601 with all seven digits of a tick, so that its bytes have the order of time. The timestamps of fields end at
/// microseconds, which would make other values equal.
/// </summary>
internal static class TimeTexts
{
    private const string DateFormat = "yyyy-MM-dd", TimeFormat = "HH:mm:ss.fffffff", DateTimeFormat = "yyyy-MM-ddTHH:mm:ss.fffffff", Utc = "Z", Local = "L";

    /// <summary>What follows a DateTime: nothing if its kind is unspecified. Two that differ in it alone are equal for .NET.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["", Local, Utc];

    public static string KindOf(DateTime value) => value.Kind switch { DateTimeKind.Utc => Utc, DateTimeKind.Local => Local, _ => "" };

    public static string Write(DateTime value) => value.ToString(DateTimeFormat, CultureInfo.InvariantCulture);

    public static string Write(DateTimeOffset value) => Write(value.UtcDateTime) + Utc;

    public static string Write(DateOnly value) => value.ToString(DateFormat, CultureInfo.InvariantCulture);

    public static string Write(TimeOnly value) => value.ToString(TimeFormat, CultureInfo.InvariantCulture);

    public static DateTime? ReadDateTime(string text) =>
        text.EndsWith(Utc, StringComparison.Ordinal) ? Read(text.AsSpan(0, text.Length - 1), DateTimeKind.Utc)
        : text.EndsWith(Local, StringComparison.Ordinal) ? Read(text.AsSpan(0, text.Length - 1), DateTimeKind.Local)
        : Read(text, DateTimeKind.Unspecified);

    public static DateTimeOffset? ReadDateTimeOffset(string text) =>
        text.EndsWith(Utc, StringComparison.Ordinal) && Read(text.AsSpan(0, text.Length - 1), DateTimeKind.Utc) is { } value ? new DateTimeOffset(value) : null;

    public static DateOnly? ReadDateOnly(string text) => DateOnly.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly value) ? value : null;

    public static TimeOnly? ReadTimeOnly(string text) => TimeOnly.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly value) ? value : null;

    private static DateTime? Read(ReadOnlySpan<char> text, DateTimeKind kind)
    {
        // A tenth of the time that the parser of a format takes, and every hit of a search may have some.
        if (text.Length != DateTimeFormat.Length || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.') return null;
        int year = Digits(text[..4]), month = Digits(text[5..7]), day = Digits(text[8..10]);
        int hour = Digits(text[11..13]), minute = Digits(text[14..16]), second = Digits(text[17..19]), ticks = Digits(text[20..]);
        bool isDate = year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);
        bool isTime = hour is >= 0 and < 24 && minute is >= 0 and < 60 && second is >= 0 and < 60 && ticks >= 0;
        return isDate && isTime ? new DateTime(year, month, day, hour, minute, second, kind).AddTicks(ticks) : null;
    }

    /// <summary>The number that is written; -1 if something else is.</summary>
    private static int Digits(ReadOnlySpan<char> text)
    {
        int number = 0;
        foreach (char digit in text)
        {
            if (!char.IsAsciiDigit(digit)) return -1;
            number = 10 * number + digit - '0';
        }
        return number;
    }
}
