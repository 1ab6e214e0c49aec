using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Valori;

/// <content>JSON token by token: nothing is built that the proof does not need, and every token is one that it calls for.</content>
public static partial class ProofVerifier
{
    /// <summary>Bytes of the longest leaf: a record's of the largest dimension with the longest metadata.</summary>
    private const int MaximumLeafBytes = 22 + Limits.MaximumDimension * sizeof(int) + sizeof(uint) + Limits.MaximumMetadataBytes
        + 3 + sizeof(ushort) + RecordKey.MaximumBytes + sizeof(uint) + Limits.MaximumFieldsBytes + sizeof(long);

    /// <summary>Bytes of an escaped ASCII character, as in <c>\u002b</c>.</summary>
    private const int EscapedBytes = 6;

    private const int DigestDigits = 2 * Digest.SizeBytes;

    private static readonly SearchValues<byte> LowerHexDigits = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>
    /// The first refusal stays, and from then on nothing is read. Throws JsonException and InvalidOperationException if the bytes
    /// are not JSON.
    /// </summary>
    private ref struct JsonReader(ReadOnlySpan<byte> json)
    {
        private Utf8JsonReader _reader = new(json);

        public Refusal? Refusal { get; private set; }

        public void Refuse(string message) => Refusal ??= Invalid(message);

        public void ReadObject(string what) => Read(JsonTokenType.StartObject, what, "an object");

        /// <summary>Goes to the value of the object's next field. Null after the last one.</summary>
        /// <param name="seen">A bit for each of the names that was there.</param>
        public string? ReadField(scoped ReadOnlySpan<string> names, ref uint seen)
        {
            if (Refusal is not null) return null;
            _reader.Read();
            if (_reader.TokenType == JsonTokenType.EndObject) return null;
            int field = Find(names);
            if (field < 0) Refuse($"expected one of the fields {string.Join(", ", names!)}; found {Found()}");
            else if ((seen >> field & 1) == 1) Refuse($"expected the field {names[field]} once, found it twice");
            if (Refusal is not null) return null;
            seen |= 1u << field;
            return names[field];
        }

        public void Require(scoped ReadOnlySpan<string> names, uint seen)
        {
            for (int field = 0; field < names.Length; field++)
            {
                if ((seen >> field & 1) == 0) Refuse($"expected the field {names[field]}, found none of that name");
            }
        }

        /// <returns>Index of the text among those expected.</returns>
        public int ReadOneOf(string what, scoped ReadOnlySpan<string> expected)
        {
            int found = Read(JsonTokenType.String, what, "a string") ? Find(expected) : -1;
            if (found < 0) Refuse($"expected {string.Join(" or ", expected!)} as {what}, found {Found()}");
            return found;
        }

        /// <summary>A number of decimal digits alone: 1.0 and 1e0 are the same to JSON, but not a form of an integer here.</summary>
        public ulong ReadNumber(string what, ulong maximum)
        {
            ulong value = 0;
            if (Read(JsonTokenType.Number, what, "a number")
                && !(ulong.TryParse(_reader.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= maximum))
                Refuse($"expected an integer of 0 to {maximum} as {what}, found {Found()}");
            return value;
        }

        /// <summary>As <see cref="ReadNumber"/>, with a minus in front if it is below 0.</summary>
        public sbyte ReadSByte(string what)
        {
            sbyte value = 0;
            if (Read(JsonTokenType.Number, what, "a number")
                && !(sbyte.TryParse(_reader.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && !_reader.ValueSpan.SequenceEqual("-0"u8)))
                Refuse($"expected an integer of {sbyte.MinValue} to {sbyte.MaxValue} as {what}, found {Found()}");
            return value;
        }

        public Digest ReadDigest(string what)
        {
            Span<byte> bytes = stackalloc byte[Digest.SizeBytes];
            return Read(JsonTokenType.String, what, "a string") && IsDigest(what, bytes) ? Digest.Read(bytes) : default;
        }

        /// <summary>An array of digests, as their bytes one after the other.</summary>
        public ReadOnlySpan<byte> ReadDigests(string what)
        {
            if (!Read(JsonTokenType.StartArray, what, "an array")) return default;
            byte[] bytes = new byte[MaximumPathLength * Digest.SizeBytes];
            int length = 0;
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                if (length == bytes.Length) Refuse($"expected at most {MaximumPathLength} digests in {what}, found more");
                else if (_reader.TokenType != JsonTokenType.String) Refuse($"expected digests in {what}, found {Found()}");
                if (Refusal is not null || !IsDigest(what, bytes.AsSpan(length, Digest.SizeBytes))) return default;
                length += Digest.SizeBytes;
            }
            return bytes.AsSpan(0, length);
        }

        /// <summary>Bytes in the one form of base64 that they have: padded, no white space, the bits after the last byte 0.</summary>
        public ReadOnlySpan<byte> ReadBase64(string what, int maximumBytes)
        {
            if (!Read(JsonTokenType.String, what, "a string")) return default;
            if (_reader.ValueSpan.Length > Base64.GetMaxEncodedToUtf8Length(maximumBytes) * EscapedBytes)
            {
                Refuse($"expected at most {maximumBytes} bytes in base64 as {what}, found {_reader.ValueSpan.Length} characters");
                return default;
            }
            byte[] copy = new byte[_reader.ValueSpan.Length];
            ReadOnlySpan<byte> text = copy.AsSpan(0, _reader.CopyString(copy));
            byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
            // .NET reads more forms than it writes, so what it writes is compared.
            byte[] again = new byte[Base64.GetMaxEncodedToUtf8Length(bytes.Length)];
            bool isRead = Base64.DecodeFromUtf8(text, bytes, out _, out int length) == OperationStatus.Done;
            Base64.EncodeToUtf8(bytes.AsSpan(0, length), again, out _, out int written);
            if (!isRead || !text.SequenceEqual(again.AsSpan(0, written))) Refuse($"expected canonical base64 as {what}, found {Found()}");
            return bytes.AsSpan(0, length);
        }

        public void ReadEnd()
        {
            if (Refusal is null && _reader.Read()) Refuse($"expected the end of the proof, found {Found()}");
        }

        private bool Read(JsonTokenType type, string what, string expected)
        {
            if (Refusal is not null) return false;
            _reader.Read();
            if (_reader.TokenType != type) Refuse($"expected {expected} as {what}, found {Found()}");
            return Refusal is null;
        }

        private readonly int Find(scoped ReadOnlySpan<string> texts)
        {
            for (int i = 0; i < texts.Length; i++)
            {
                if (_reader.ValueTextEquals(texts[i])) return i;
            }
            return -1;
        }

        private bool IsDigest(string what, scoped Span<byte> bytes)
        {
            Span<byte> text = stackalloc byte[DigestDigits * EscapedBytes];
            int length = _reader.ValueSpan.Length <= text.Length ? _reader.CopyString(text) : 0;
            bool isDigest = length == DigestDigits && !text[..length].ContainsAnyExcept(LowerHexDigits)
                && Convert.FromHexString(text[..length], bytes, out _, out _) == OperationStatus.Done;
            if (!isDigest) Refuse($"expected {DigestDigits} lower-case hex digits in {what}, found {Found()}");
            return isDigest;
        }

        /// <summary>The present token, human-readable: a string or a number as it stands in the JSON, up to some length.</summary>
        private readonly string Found()
        {
            const int MaximumShown = 80;
            ReadOnlySpan<byte> value = _reader.ValueSpan;
            string shown = Encoding.UTF8.GetString(value[..Math.Min(value.Length, MaximumShown)]);
            return _reader.TokenType switch
            {
                JsonTokenType.StartObject => "an object",
                JsonTokenType.StartArray => "an array",
                _ => value.Length > MaximumShown ? $"{shown}... ({value.Length} bytes)" : shown,
            };
        }
    }
}
