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
        text.EndsWith(Utc, StringComparison.Ordinal) ? Read(text[..^1], DateTimeKind.Utc)
        : text.EndsWith(Local, StringComparison.Ordinal) ? Read(text[..^1], DateTimeKind.Local)
        : Read(text, DateTimeKind.Unspecified);

    public static DateTimeOffset? ReadDateTimeOffset(string text) =>
        text.EndsWith(Utc, StringComparison.Ordinal) && Read(text[..^1], DateTimeKind.Utc) is { } value ? new DateTimeOffset(value) : null;

    public static DateOnly? ReadDateOnly(string text) => DateOnly.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly value) ? value : null;

    public static TimeOnly? ReadTimeOnly(string text) => TimeOnly.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly value) ? value : null;

    private static DateTime? Read(string text, DateTimeKind kind) =>
        DateTime.TryParseExact(text, DateTimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime value) ? DateTime.SpecifyKind(value, kind) : null;
}
