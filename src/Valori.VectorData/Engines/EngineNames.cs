using System.Globalization;
using System.Text;

namespace Valori.VectorData.Engines;

/// <summary>
/// Names of collections of VectorData, which may be any text, as names of engines: 1 to 64 of a-z, 0-9, '-' and '_'. A name that an engine can have
/// is that engine's. Any other one is 'vd--' and its characters, with '_' and the small letter for a capital one, '__' for '_', and '_0' with two
/// hexadecimal digits for each byte of UTF-8 of what else there is. Frozen: collections are found by these names.
/// </summary>
internal static class EngineNames
{
    private const string Prefix = "vd--";
    private const int MaximumLength = 64;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The engine's name.</summary>
    /// <exception cref="ArgumentException">The name is empty, is not text, or is too long.</exception>
    public static string Of(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (IsPlain(name) && !name.StartsWith(Prefix, StringComparison.Ordinal)) return name;
        // Throws if it has half of a surrogate pair, which would be replaced below.
        StrictUtf8.GetByteCount(name);
        StringBuilder text = new(Prefix);
        foreach (Rune character in name.EnumerateRunes())
        {
            if (character.IsAscii && (char.IsAsciiLetterLower((char)character.Value) || char.IsAsciiDigit((char)character.Value) || character.Value == '-')) text.Append((char)character.Value);
            else if (character.Value == '_') text.Append("__");
            else if (character.IsAscii && char.IsAsciiLetterUpper((char)character.Value)) text.Append('_').Append(char.ToLowerInvariant((char)character.Value));
            else AppendBytes(text, character);
        }
        return text.Length <= MaximumLength ? text.ToString()
            : throw new ArgumentException($"the name '{name}' of a collection is too long: it becomes the name '{text}' of an engine, of {text.Length} characters, and the maximum is {MaximumLength}. "
                + "A name of small letters, digits, '-' and '_' stays as it is", nameof(name));
    }

    /// <summary>The name of the collection that an engine has.</summary>
    public static string CollectionOf(string engine)
    {
        if (!engine.StartsWith(Prefix, StringComparison.Ordinal)) return engine;
        List<byte> utf8 = [];
        ReadOnlySpan<char> rest = engine.AsSpan(Prefix.Length);
        while (rest.Length > 0)
        {
            int taken = 1;
            if (rest[0] != '_') utf8.Add((byte)rest[0]);
            else if (rest.Length >= 4 && char.IsAsciiDigit(rest[1]) && byte.TryParse(rest[2..4], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte value))
            {
                utf8.Add(value);
                taken = 4;
            }
            else if (rest.Length >= 2)
            {
                utf8.Add((byte)char.ToUpperInvariant(rest[1]));
                taken = 2;
            }
            else return engine;
            rest = rest[taken..];
        }
        string name = Encoding.UTF8.GetString([.. utf8]);
        // Somebody else's engine may begin so too.
        try
        {
            return Of(name) == engine ? name : engine;
        }
        catch (ArgumentException)
        {
            return engine;
        }
    }

    private static bool IsPlain(string name) =>
        name.Length <= MaximumLength && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0])) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');

    private static void AppendBytes(StringBuilder text, Rune character)
    {
        Span<byte> utf8 = stackalloc byte[4];
        // A digit after '_' says that two of hexadecimal follow: no capital letter begins so.
        foreach (byte value in utf8[..character.EncodeToUtf8(utf8)]) text.Append("_0").Append(value.ToString("x2", CultureInfo.InvariantCulture));
    }
}
