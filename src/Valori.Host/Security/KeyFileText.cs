using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Valori.Host.Json;

namespace Valori.Host.Security;

/// <summary>
/// The keys file as text: a line of JSON that says what it is, a line for each key, and a line with the SHA-256 of all bytes before it. It
/// is read to the last byte or not at all: a key that was lost or changed by damage must not pass for one that was meant.
/// </summary>
internal static class KeyFileText
{
    public const int MaximumKeys = 10_000;

    private const string Format = "valori-keys";
    private const int Version = 1;

    private static readonly FieldNames Head = new("the first line", ["format", "version", "keys"]);
    private static readonly FieldNames Key = new("a key", ["id", "name", "role", "collections", "created_at", "expires_at", "hash"]);
    private static readonly FieldNames End = new("the last line", ["sha256"]);

    public static byte[] Write(IReadOnlyCollection<ApiKey> keys)
    {
        StringBuilder text = new();
        text.Append(AnswerJson.Line(new { Format, Version, Keys = keys.Count })).Append('\n');
        foreach (ApiKey key in keys)
        {
            Dictionary<string, object> line = new()
            {
                ["id"] = key.Id,
                ["name"] = key.Name,
                ["role"] = key.Role.Word(),
            };
            if (key.Collections is { } collections) line["collections"] = collections;
            line["created_at"] = KeyTime.Format(key.CreatedAt);
            if (key.ExpiresAt is { } end) line["expires_at"] = KeyTime.Format(end);
            line["hash"] = Convert.ToHexStringLower(key.Hash.Span);
            text.Append(AnswerJson.Line(line)).Append('\n');
        }
        byte[] body = Encoding.UTF8.GetBytes(text.ToString());
        return [.. body, .. Encoding.UTF8.GetBytes(AnswerJson.Line(new { Sha256 = Convert.ToHexStringLower(SHA256.HashData(body)) })), (byte)'\n'];
    }

    /// <exception cref="RequestException">The bytes are not what <see cref="Write"/> writes; the message says what is wrong.</exception>
    public static IReadOnlyList<ApiKey> Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length == 0) throw new RequestException("it is empty");
        if (bytes.Span[^1] != '\n') throw new RequestException("it does not end with a newline: it was cut off");
        int last = bytes.Span[..^1].LastIndexOf((byte)'\n') + 1;
        ReadOnlyMemory<byte>[] lines = [.. LinesOf(bytes)];
        int count = In(1, lines[0], Head, fields =>
        {
            if (fields.String("format") is not Format and var format) throw new RequestException($"its format is '{format}', not {Format}");
            return fields.Int64("version") is Version and var version
                ? fields.OptionalInt32("keys") ?? throw new RequestException("field 'keys' is missing")
                : throw new RequestException($"it has the version {fields.Int64("version")}; this release reads version {Version}");
        });
        string sum = In(lines.Length, lines[^1], End, fields => fields.String("sha256"));
        string found = Convert.ToHexStringLower(SHA256.HashData(bytes.Span[..last]));
        if (sum != found) throw new RequestException($"the SHA-256 of what is before its last line is {found}, and its last line says {sum}");
        if (count != lines.Length - 2) throw new RequestException($"it has {lines.Length - 2} keys, and its first line says {count}");
        List<ApiKey> keys = [.. lines[1..^1].Select((line, i) => In(i + 2, line, Key, KeyOf))];
        if (keys.Count > MaximumKeys) throw new RequestException($"it has {keys.Count} keys; the maximum is {MaximumKeys}");
        if (keys.GroupBy(key => key.Name, StringComparer.Ordinal).Any(same => same.Count() > 1) || keys.GroupBy(key => key.Id, StringComparer.Ordinal).Any(same => same.Count() > 1))
            throw new RequestException("two of its keys have the same name or id");
        return keys;
    }

    private static ApiKey KeyOf(JsonFields fields)
    {
        string id = fields.String("id"), name = fields.String("name"), role = fields.String("role");
        if (id.Length != KeyToken.IdLength || !KeyToken.IsHex(id)) throw new RequestException($"the id is not {KeyToken.IdLength} hex digits");
        if (KeyNames.Check(name) is { } wrong || !KeyNames.TryOrder(fields.OptionalStrings("collections"), out IReadOnlyList<string>? collections, out wrong))
            throw new RequestException(wrong.Message);
        return new ApiKey(
            id, name, KeyNames.FindRole(role) ?? throw new RequestException($"the role is '{role}'; it must be {KeyNames.Roles}"), collections,
            fields.OptionalTime("created_at") ?? throw new RequestException("field 'created_at' is missing"), fields.OptionalTime("expires_at"), fields.Digest("hash").ToArray());
    }

    private static T In<T>(int number, ReadOnlyMemory<byte> line, FieldNames names, Func<JsonFields, T> read)
    {
        try
        {
            using JsonDocument document = JsonFields.Parse(line);
            return read(new JsonFields(document.RootElement, names));
        }
        catch (Exception e) when (e is RequestException or RefusedException)
        {
            throw new RequestException($"line {number}: {e.Message}");
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> LinesOf(ReadOnlyMemory<byte> bytes)
    {
        for (int from = 0; from < bytes.Length;)
        {
            int length = bytes.Span[from..].IndexOf((byte)'\n');
            yield return bytes.Slice(from, length);
            from += length + 1;
        }
    }
}
