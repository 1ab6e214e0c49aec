using System.Globalization;

namespace Valori;

/// <summary>
/// When the fact that an edge states holds: from one time up to another, which is not part of it. Microseconds since 1970 (UTC), in the
/// years 1 to 9999. The default is always.
/// </summary>
/// <param name="FromUnixMicroseconds">The first moment; null if it has always held.</param>
/// <param name="ToUnixMicroseconds">The first moment after it; null if no end is known.</param>
public readonly record struct ValidTime(long? FromUnixMicroseconds, long? ToUnixMicroseconds)
{
    /// <summary>Holds at all times, as an edge without a valid time does.</summary>
    public static ValidTime Always => default;

    public bool IsAlways => FromUnixMicroseconds is null && ToUnixMicroseconds is null;

    /// <summary>Of times; what is finer than a microsecond is cut off, as in fields.</summary>
    public static ValidTime Of(DateTimeOffset? from, DateTimeOffset? to) => new(MicrosecondsOf(from), MicrosecondsOf(to));

    /// <summary>Whether it holds at a time.</summary>
    public bool Contains(long unixMicroseconds) =>
        (FromUnixMicroseconds is not { } from || from <= unixMicroseconds) && (ToUnixMicroseconds is not { } to || unixMicroseconds < to);

    internal static long? MicrosecondsOf(DateTimeOffset? time) => time is { } some ? ((FieldValue)some).AsUnixMicroseconds() : null;

    /// <summary>The time, or null if there is none, or none in the years 1 to 9999: a getter must not throw.</summary>
    internal static DateTimeOffset? TimeOf(long? unixMicroseconds) =>
        unixMicroseconds is { } time && FieldValue.IsTimestamp(time) ? FieldValue.Timestamp(time).AsTimestamp() : null;

    /// <summary>What no valid time may be, or null.</summary>
    internal Refusal? Fault()
    {
        if ((Fault("valid_from", FromUnixMicroseconds) ?? Fault("valid_to", ToUnixMicroseconds)) is { } wrong) return wrong;
        return FromUnixMicroseconds is { } from && ToUnixMicroseconds is { } to && from >= to
            ? Invalid($"valid_from is {Kernel.Values.TimeText.Format(from)} and valid_to is {Kernel.Values.TimeText.Format(to)}: the end must be later")
            : null;
    }

    private static Refusal? Fault(string name, long? time) => time is { } microseconds && !FieldValue.IsTimestamp(microseconds)
        ? Invalid(string.Create(CultureInfo.InvariantCulture, $"{name} is {microseconds} microseconds since 1970; it must be in the years 1 to 9999"))
        : null;

    private static Refusal Invalid(string message) => new(RefusalKind.InvalidArgument, message);
}
