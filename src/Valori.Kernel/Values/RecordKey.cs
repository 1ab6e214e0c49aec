using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Valori;

/// <summary>
/// The user's own name for a record, unique among the live records of a collection: 1 to 256 bytes of UTF-8. Keys are equal if their
/// bytes are. Nothing is normalised, so the same letter in two spellings of Unicode is two keys.
/// </summary>
public sealed class RecordKey : IEquatable<RecordKey>, IComparable<RecordKey>
{
    /// <summary>The maximum number of bytes in a key.</summary>
    public const int MaximumBytes = 256;

    // Shown in full nowhere but in answers: an error must stay a line.
    private const int MaximumShown = 64;

    private readonly ReadOnlyMemory<byte> _utf8;

    private RecordKey(ReadOnlyMemory<byte> utf8) => _utf8 = utf8;

    /// <summary>The key's bytes.</summary>
    public ReadOnlySpan<byte> Utf8 => _utf8.Span;

    /// <summary>The key of this text, or a refusal that says what is wrong with it.</summary>
    public static Outcome<RecordKey> Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1])) i++;
            else return Invalid($"the key has half of a surrogate pair (U+{(int)text[i]:X4}) as character {i + 1}; a key is text that UTF-8 can write");
        }
        int length = Encoding.UTF8.GetByteCount(text);
        return CheckLength(length) is { } refusal ? refusal : new RecordKey(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The key of these bytes, or a refusal that says what is wrong with them.</summary>
    /// <param name="utf8">Kept, and not to be changed.</param>
    public static Outcome<RecordKey> OfUtf8(ReadOnlyMemory<byte> utf8) => Fault(utf8.Span) is { } refusal ? refusal : new RecordKey(utf8);

    /// <summary>A key in the place of its text.</summary>
    /// <exception cref="ArgumentException">It is not a key; <see cref="Of"/> says so without an exception.</exception>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator RecordKey?(string? text) => text is null ? null
        : Of(text).TryGet(out RecordKey? key, out Refusal? refusal) ? key : throw new ArgumentException(refusal.Message, nameof(text));

    /// <summary>What is wrong with the bytes as a key, or null.</summary>
    internal static Refusal? Fault(ReadOnlySpan<byte> utf8) => CheckLength(utf8.Length)
        ?? (System.Text.Unicode.Utf8.IsValid(utf8) ? null : Invalid($"the key {Show(utf8)} is not UTF-8"));

    /// <summary>A key whose bytes were checked before, as those of every key that is stored were.</summary>
    internal static RecordKey Trusted(ReadOnlySpan<byte> utf8) => new(utf8.ToArray());

    /// <summary>A key in an error, shortened if it is long, and without characters that would break the line.</summary>
    internal static string Show(ReadOnlySpan<byte> utf8)
    {
        string text = Encoding.UTF8.GetString(utf8);
        StringBuilder shown = new("'");
        foreach (char c in text)
        {
            if (shown.Length > MaximumShown) return $"{shown}...' ({utf8.Length} bytes)";
            if (char.IsControl(c)) shown.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else shown.Append(c);
        }
        return shown.Append('\'').ToString();
    }

    public bool Equals(RecordKey? other) => other is not null && Utf8.SequenceEqual(other.Utf8);

    public override bool Equals(object? obj) => Equals(obj as RecordKey);

    public override int GetHashCode()
    {
        HashCode hash = new();
        hash.AddBytes(Utf8);
        return hash.ToHashCode();
    }

    /// <summary>By bytes, which is the order of their code points.</summary>
    public int CompareTo(RecordKey? other) => other is null ? 1 : Utf8.SequenceCompareTo(other.Utf8);

    /// <summary>The key's text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8);

    private static Refusal? CheckLength(int bytes) => bytes switch
    {
        0 => Invalid("the key is empty; a key has 1 to 256 bytes. Leave it out for a record without a key"),
        > MaximumBytes => Invalid($"the key is {bytes} bytes; the limit is {MaximumBytes}"),
        _ => null,
    };

    private static Refusal Invalid(string message) => new(RefusalKind.InvalidArgument, message);
}
