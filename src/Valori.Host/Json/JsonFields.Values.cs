using System.Text.Json;
using Valori.Actors.Text;
using Valori.Kernel.Values;

namespace Valori.Host.Json;

/// <content>Numbers, texts, times and bytes.</content>
internal readonly partial struct JsonFields
{
    public const string WholeNumber64 = "a whole number of 64 bits", WholeNumber32 = "a whole number of 32 bits";
    public const string UnsignedNumber64 = "a whole number from 0 to 18446744073709551615", UnsignedNumber8 = "a whole number from 0 to 255";

    public const string FiniteNumber = "a number that a float64 can hold";

    public string String(string name) => OptionalText(Required(name)) ?? throw Wrong(name, "a string");

    public string? OptionalString(string name) => Optional(name) is null ? null : String(name);

    public ulong? OptionalUInt64(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out ulong number)
            ? number
            : throw Wrong(name, UnsignedNumber64);
    }

    public int? OptionalInt32(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Wrong(name, WholeNumber32);
    }

    public long Int64(string name) => OptionalInt64(name) ?? throw Missing(name);

    public long? OptionalInt64(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : throw Wrong(name, WholeNumber64);
    }

    public double? OptionalDouble(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Wrong(name, FiniteNumber);
    }

    public bool? OptionalBoolean(string name) => Optional(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false"),
    };

    public byte? OptionalByte(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetByte(out byte number) ? number : throw Wrong(name, UnsignedNumber8);
    }

    public byte[]? OptionalBase64(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String
            && TryRead(value, element => element.TryGetBytesFromBase64(out byte[]? decoded) ? decoded : null) is { } bytes
                ? bytes
                : throw Wrong(name, "base64 text");
    }

    /// <summary>32 bytes as 64 hex digits.</summary>
    public Digest Digest(string name) => Valori.Digest.TryParse(String(name), out Digest digest) ? digest : throw Wrong(name, "64 hex digits");

    /// <summary>The time of a place in the history, in microseconds since 1970: whatever number it is, as answers write it.</summary>
    public long TimeOfPlace(string name) =>
        OptionalText(Required(name)) is { } text && Iso8601.TryParse(text, out long unixMicroseconds) ? unixMicroseconds : throw Wrong(name, TimeText.Expected);

    /// <summary>A time in the form that <see cref="TimeOf"/> reads; null if missing.</summary>
    public DateTimeOffset? OptionalTime(string name)
    {
        if (Optional(name) is not { } value) return null;
        return OptionalText(value) is { } text && TimeOf(text) is { } time ? time : throw Wrong(name, TimeText.Expected);
    }

    /// <summary>
    /// A time as every request has it (section 9 of docs/formats.md), in a body and in a query; null if the text is none. What .NET takes
    /// for a time beyond that, such as <c>03-04-2027</c>, means one day to one reader and another day to the next.
    /// </summary>
    public static DateTimeOffset? TimeOf(string text) =>
        TimeText.TryParse(text, out long unixMicroseconds) ? DateTimeOffset.UnixEpoch.AddTicks(unixMicroseconds * TimeSpan.TicksPerMicrosecond) : null;

    /// <summary>An array of texts; null if missing.</summary>
    public string[]? OptionalStrings(string name)
    {
        if (Optional(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "an array of texts");
        List<string> texts = [];
        foreach (JsonElement element in value.EnumerateArray())
        {
            texts.Add(element.ValueKind == JsonValueKind.String && TryRead(element, one => one.GetString()) is { } text
                ? text
                : throw new RequestException($"{name}[{texts.Count}] must be a text, got {Shorten(element)}"));
        }
        return [.. texts];
    }
}
