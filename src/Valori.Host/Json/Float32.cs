namespace Valori.Host.Json;

/// <summary>Numbers of files and requests as float32, without a loss that nobody sees.</summary>
internal static class Float32
{
    /// <summary>The end of a message about a number that no float32 is near.</summary>
    public const string OutOfRange = "out of the range of float32; a component must be at least -32768 and less than 32768";

    /// <summary>Whether a number that was finite still is.</summary>
    public static bool IsInRange(float value) => !float.IsInfinity(value);

    /// <summary>
    /// The nearest float32; of a number that is not zero and would become zero, the smallest float32 of its sign. Its raw value
    /// is zero all the same, but a vector of such numbers is refused: not zero, but rounded to zero (docs/formats.md, section 1).
    /// </summary>
    public static float FromDouble(double value)
    {
        float nearest = (float)value;
        return nearest == 0 && value != 0 ? float.CopySign(float.Epsilon, nearest) : nearest;
    }

    /// <summary>The same of a number's text in JSON, which may be too small for a float64 too.</summary>
    /// <param name="nearest">What the text was read to.</param>
    public static float FromText(float nearest, ReadOnlySpan<byte> text)
    {
        if (nearest != 0) return nearest;
        int exponent = text.IndexOfAny((byte)'e', (byte)'E');
        return (exponent < 0 ? text : text[..exponent]).ContainsAnyInRange((byte)'1', (byte)'9') ? float.CopySign(float.Epsilon, nearest) : nearest;
    }
}
