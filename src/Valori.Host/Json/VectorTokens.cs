using System.Text;
using System.Text.Json;

namespace Valori.Host.Json;

/// <summary>Components of vectors as tokens of JSON that arrives.</summary>
internal static class VectorTokens
{
    /// <summary>Adds the component that the reader is at; false if it is not one, which <see cref="Fault"/> explains.</summary>
    public static bool TryAdd(VectorBuffer vector, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetSingle(out float component)
            || vector.Length == Limits.MaximumDimension || !Float32.IsInRange(component)) return false;
        if (component == 0 && Float32.IsNotZero(reader.ValueSpan)) vector.Vanished = vector.Length;
        vector.Add(component);
        return true;
    }

    /// <summary>Ends the vector that was collected.</summary>
    /// <param name="array">What it is an item of, for the message; null if there is only one.</param>
    /// <param name="index">Of it there.</param>
    /// <exception cref="RefusedException">It is not zero, and nothing is left of it in float32.</exception>
    public static void End(VectorBuffer vector, string? array = null, int index = 0)
    {
        if (vector.Vanished is { } vanished && vector.IsZero) throw new RefusedException(Float32.RefuseVanished(array is null ? "" : $"{array}[{index}]: ", vanished));
        vector.EndVector();
    }

    /// <summary>Why the token that the reader is at cannot be the next component.</summary>
    /// <param name="name">Of the vector, for the message.</param>
    /// <param name="bytes">What the reader reads.</param>
    public static Exception Fault(VectorBuffer vector, string name, ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetSingle(out _))
            return new RequestException($"{name}[{vector.Length}] must be a number, got {Shown(ref reader, bytes)}");
        return vector.Length == Limits.MaximumDimension
            ? new RequestException($"{name} has more than {Limits.MaximumDimension} components, which is the largest dimension")
            : new RefusedException(new Refusal(RefusalKind.InvalidArgument, $"{name}[{vector.Length}] is {Shown(ref reader, bytes)}, {Float32.OutOfRange}"));
    }

    /// <summary>The token that the reader is at, for a message.</summary>
    public static string Shown(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        const int longest = 40;
        if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray) return "an array";
        if (reader.TokenType is JsonTokenType.StartObject) return "an object";
        ReadOnlySpan<byte> token = bytes[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
        string kind = reader.TokenType == JsonTokenType.Number ? "a number" : "a string";
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(token);
            return text.Length <= longest ? text : $"{kind} ({text.Length} characters)";
        }
        catch (ArgumentException)
        {
            return $"{kind} that is not UTF-8";
        }
    }
}
