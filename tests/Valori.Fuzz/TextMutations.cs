using System.Globalization;
using System.Text;

namespace Valori.Fuzz;

/// <summary>Changes that hurt readers of JSON and of lines: tokens in each other's place, nesting, numbers, text that is none.</summary>
internal sealed class TextMutations(IReadOnlyList<byte[]> corpus)
{
    private const int DeepestNesting = 3000;

    private static readonly byte[][] Numbers = Ascii(
        "0", "-0", "-1", "1", "255", "256", "2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807",
        "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e999", "-1e999", "1e-999", "3.4028236e38", "1.0", "1e0", "0.1",
        "32768", "-32768.1", "1E400", "00", "01", "+1", ".5", "1.", "NaN", "Infinity", "1e2147483648", "1e99999999999999999999",
        new string('9', 400), "0." + new string('0', 400) + "1");

    private static readonly byte[][] Texts = Ascii(
        "\"\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\ud800\\ud800\"", "\"\\u0000\"", "\"AA==\"", "\"AAA\"", "\"A A=\"", "\"=\"", "\"..\"", "\"/\"",
        "\"2026-11-25T13:00:00Z\"",
        "\"9999-12-31T23:59:59.9999999+14:00\"", "\"0001-01-01T00:00:00+14:00\"", "\"-\"", "\"\\u0061\"",
        "\"" + new string('f', 64) + "\"", "\"" + new string('x', 300) + "\"");

    private static readonly byte[][] Others =
    [
        .. Ascii("null", "true", "false", "[]", "{}", "[[]]", "[{}]", "{\"\":null}", "{\"\\ud800\":1}", "[null]", "//", "/**/"),
        .. Ascii("\r", "\n", "\r\n", "\n\n", "\t", " ", ",", ":", "\"", "\\", "\\u"),
        "\0"u8.ToArray(), [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0xFE, 0xFF],
        [0xE2, 0x80, 0xA8], [0xC2, 0x85], [0xF0, 0x9F],
    ];

    private readonly byte[][] _tokens = [.. corpus.SelectMany(input => TokensOf(input).Select(token => input[token])).Distinct(ByContent.Instance)];

    public byte[] Change(Random random, byte[] input, byte[] other)
    {
        List<Range> tokens = TokensOf(input);
        if (tokens.Count == 0) return Word(random);
        Range token = tokens[random.Next(tokens.Count)];
        switch (random.Next(8))
        {
            case 0: // a token less
                return Replaced(input, token, []);
            case 1: // a token of another input
                return Replaced(input, token, _tokens[random.Next(_tokens.Length)]);
            case 2: // two tokens change places
                return Swapped(input, token, tokens[random.Next(tokens.Count)]);
            case 3: // deep nesting
                return Replaced(input, token, Nested(random, input[token]));
            case 4: // a token twice, or a piece many times
                return Replaced(input, token, [.. input[token], (byte)",; \n"[random.Next(4)], .. input[token]]);
            case 5: // lines or pieces of two inputs
                List<Range> others = TokensOf(other);
                return others.Count == 0 ? input : [.. input[..token.End.Value], .. other[others[random.Next(others.Count)].Start.Value..]];
            default:
                return Replaced(input, token, Word(random));
        }
    }

    private byte[] Word(Random random) => random.Next(4) switch
    {
        0 => Numbers[random.Next(Numbers.Length)],
        1 => Texts[random.Next(Texts.Length)],
        2 when random.Next(3) == 0 => Encoding.ASCII.GetBytes(random.NextInt64(-1000, 1000).ToString(CultureInfo.InvariantCulture)),
        2 => _tokens[random.Next(_tokens.Length)],
        _ => Others[random.Next(Others.Length)],
    };

    private static byte[] Nested(Random random, byte[] inner)
    {
        int depth = random.Next(3) == 0 ? random.Next(DeepestNesting) : random.Next(70);
        (string open, string close) = random.Next(3) switch { 0 => ("[", "]"), 1 => ("{\"a\":", "}"), _ => ("[", "") };
        StringBuilder before = new(), behind = new();
        for (int i = 0; i < depth; i++)
        {
            before.Append(open);
            behind.Append(close);
        }
        return [.. Encoding.ASCII.GetBytes(before.ToString()), .. inner, .. Encoding.ASCII.GetBytes(behind.ToString())];
    }

    private static byte[] Swapped(byte[] input, Range one, Range other)
    {
        (Range first, Range second) = one.Start.Value <= other.Start.Value ? (one, other) : (other, one);
        if (first.Equals(second)) return input;
        return [.. input[..first.Start.Value], .. input[second], .. input[first.End.Value..second.Start.Value], .. input[first], .. input[second.End.Value..]];
    }

    private static byte[] Replaced(byte[] input, Range token, byte[] by) => [.. input[..token.Start.Value], .. by, .. input[token.End.Value..]];

    /// <summary>Words, numbers and whole strings; each punctuation mark by itself. White space is between tokens.</summary>
    private static List<Range> TokensOf(byte[] text)
    {
        List<Range> tokens = [];
        for (int at = 0; at < text.Length;)
        {
            int start = at++;
            if (text[start] == (byte)'"')
            {
                while (at < text.Length && text[at] != (byte)'"') at += text[at] == (byte)'\\' ? 2 : 1;
                at = Math.Min(text.Length, at + 1);
            }
            else if (IsWord(text[start]))
            {
                while (at < text.Length && IsWord(text[at])) at++;
            }
            else if (char.IsWhiteSpace((char)text[start]))
            {
                continue;
            }
            tokens.Add(start..at);
        }
        return tokens;
    }

    private static bool IsWord(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)'.' or (byte)'-' or (byte)'+';

    private static byte[][] Ascii(params string[] texts) => [.. texts.Select(Encoding.ASCII.GetBytes)];

    private sealed class ByContent : IEqualityComparer<byte[]>
    {
        public static readonly ByContent Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes)
        {
            HashCode hash = default;
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }
    }
}
