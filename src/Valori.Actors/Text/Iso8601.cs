using System.Globalization;
using Valori.Kernel.Values;

namespace Valori.Actors.Text;

/// <summary>Times as people and other programs read them.</summary>
internal static class Iso8601
{
    private const string Suffix = " microseconds since 1970";

    /// <summary>The first microsecond of the year 1, in microseconds since 1970.</summary>
    internal static long MinimumUnixMicroseconds => FieldValue.MinimumTimestamp;

    /// <summary>The last microsecond of the year 9999.</summary>
    internal static long MaximumUnixMicroseconds => FieldValue.MaximumTimestamp;

    /// <summary>
    /// ISO 8601 in UTC with microseconds, as in <c>2026-11-25T13:00:00.000000Z</c>: nothing of an event's time is lost. Outside the years
    /// 1 to 9999, as in <c>253402300800000000 microseconds since 1970</c>; no event is stamped with that, but journals and clients may
    /// hold any number.
    /// </summary>
    public static string Format(long unixMicroseconds) => FieldValue.IsTimestamp(unixMicroseconds)
        ? TimeText.Format(unixMicroseconds)
        : unixMicroseconds.ToString(CultureInfo.InvariantCulture) + Suffix;

    /// <summary>
    /// Reads a time as requests have it (section 9 of docs/formats.md in Valori's repository), and whatever <see cref="Format"/> writes. False if it is none.
    /// What is finer than a microsecond is cut off.
    /// </summary>
    public static bool TryParse(string text, out long unixMicroseconds) => text.EndsWith(Suffix, StringComparison.Ordinal)
        ? WholeNumbers.TryParseSigned(text.AsSpan(..^Suffix.Length), out unixMicroseconds)
        : TimeText.TryParse(text, out unixMicroseconds);
}
