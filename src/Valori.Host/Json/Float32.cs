namespace Valori.Host.Json;

/// <summary>Numbers of files and requests as float32, without an unseen loss.</summary>
/// <remarks>
/// A number that is not zero and too small for a float32 becomes zero, which is what it counts as in every vector that has another
/// component: any replacement would be a direction to cosine. A vector of which nothing else is left is refused here, because afterwards
/// it could not be told from a vector of zeros (docs/formats.md, section 1).
/// </remarks>
internal static class Float32
{
    /// <summary>The end of a message about a number that no float32 is near.</summary>
    public const string OutOfRange = "out of the range of float32; a component must be at most 3.4028235E+38 in magnitude";

    /// <summary>Whether a number that was finite still is.</summary>
    public static bool IsInRange(float value) => !float.IsInfinity(value);

    /// <summary>Whether the text of a number in JSON that was read to zero has a digit other than 0 before its exponent.</summary>
    public static bool IsNotZero(ReadOnlySpan<byte> text)
    {
        int exponent = text.IndexOfAny((byte)'e', (byte)'E');
        return (exponent < 0 ? text : text[..exponent]).ContainsAnyInRange((byte)'1', (byte)'9');
    }

    /// <summary>Why a vector is refused that is not zero, but of which every component became zero.</summary>
    /// <param name="where">The vector's place, with a colon and a space; empty if there is only one.</param>
    /// <param name="index">Of a component that was not zero.</param>
    public static Refusal RefuseVanished(string where, int index) => new(RefusalKind.InvalidArgument,
        $"{where}the vector is not zero, but all of its components round to zero: component {index} is not zero, and nearer to zero than any float32. "
        + "Multiply all vectors and all queries by the same factor");
}
