using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Valori.Host.Security;

/// <summary>
/// The text of a key: <c>valori_</c>, an id of 16 hex digits, <c>_</c>, and a secret of 64 hex digits, which are 256 random bits. The
/// prefix lets scanners find a key that was published, and hex digits have one spelling only.
/// </summary>
internal static class KeyToken
{
    public const int IdLength = 16;

    private const string Prefix = "valori_";
    private const int SecretLength = 64;
    private const int Length = 7 + IdLength + 1 + SecretLength;

    /// <summary>A new key, and its id.</summary>
    public static (string Token, string Id) Create()
    {
        string id = RandomNumberGenerator.GetHexString(IdLength, lowercase: true);
        return ($"{Prefix}{id}_{RandomNumberGenerator.GetHexString(SecretLength, lowercase: true)}", id);
    }

    /// <summary>The id of a text that has the form of a key.</summary>
    public static bool TryReadId(string text, [NotNullWhen(true)] out string? id)
    {
        id = null;
        if (text.Length != Length || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + IdLength] != '_') return false;
        string found = text.Substring(Prefix.Length, IdLength);
        if (!IsHex(found) || !IsHex(text.AsSpan(Length - SecretLength))) return false;
        id = found;
        return true;
    }

    /// <summary>What is kept of a key. A secret of 256 random bits cannot be guessed, so the hash need not be slow.</summary>
    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));

    public static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept("0123456789abcdef");
}
