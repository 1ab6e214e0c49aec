using System.Globalization;
using System.Text;

namespace Valori.Fuzz.Targets;

/// <summary>An input as a request: a line of method and path, lines of headers, an empty line, the body.</summary>
internal sealed record HttpRequestBytes(string Method, byte[] Bytes)
{
    // Framing is Kestrel's, not ours, and a frame that promises more than comes is waited for.
    private static readonly string[] FramingHeaders = ["content-length", "transfer-encoding", "connection", "expect", "upgrade", "host"];

    public static HttpRequestBytes Of(ReadOnlySpan<byte> input)
    {
        int end = input.IndexOf("\n\n"u8);
        ReadOnlySpan<byte> head = end < 0 ? input : input[..end], body = end < 0 ? [] : input[(end + 2)..];
        List<byte> bytes = [];
        string method = "";
        bool isFirst = true;
        foreach (Range range in head.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = head[range];
            if (isFirst)
            {
                int space = line.IndexOf((byte)' ');
                method = Encoding.Latin1.GetString(space < 0 ? line : line[..space]);
                bytes.AddRange(line);
                string framing = string.Create(CultureInfo.InvariantCulture, $" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {body.Length}\r\n");
                bytes.AddRange(Encoding.ASCII.GetBytes(framing));
                isFirst = false;
                continue;
            }
            if (line.IsEmpty || IsFraming(line)) continue;
            bytes.AddRange(line);
            bytes.AddRange("\r\n"u8);
        }
        bytes.AddRange("\r\n"u8);
        bytes.AddRange(body);
        return new HttpRequestBytes(method, [.. bytes]);
    }

    private static bool IsFraming(ReadOnlySpan<byte> line)
    {
        string text = Encoding.Latin1.GetString(line).Trim();
        return FramingHeaders.Any(header => text.StartsWith(header, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>What came back, taken apart as far as the target looks at it.</summary>
internal sealed record HttpResponseBytes(int Status, string ContentType, string Allow, byte[] Body)
{
    /// <exception cref="BrokenPromiseException">It is no HTTP response.</exception>
    public static HttpResponseBytes Of(byte[] bytes)
    {
        int end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        BrokenPromiseException.ThrowIf(end < 0, $"no response: {Encoding.Latin1.GetString(bytes)}");
        string[] head = Encoding.Latin1.GetString(bytes, 0, end).Split("\r\n");
        bool isStatusLine = head[0].StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && head[0].Length >= 12 && !head[0].AsSpan(9, 3).ContainsAnyExceptInRange('0', '9');
        BrokenPromiseException.ThrowIf(!isStatusLine, $"no status line: {head[0]}");
        string Header(string name) =>
            head.FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase)) is { } line ? line[(name.Length + 1)..].Trim() : "";
        byte[] body = bytes[(end + 4)..];
        return new HttpResponseBytes(
            int.Parse(head[0].AsSpan(9, 3), CultureInfo.InvariantCulture), Header("Content-Type"), Header("Allow"), Header("Transfer-Encoding") == "chunked" ? Joined(body) : body);
    }

    public string Text => Encoding.UTF8.GetString(Body);

    private static byte[] Joined(byte[] chunks)
    {
        List<byte> body = [];
        for (int at = 0; at < chunks.Length;)
        {
            int end = chunks.AsSpan(at).IndexOf("\r\n"u8);
            BrokenPromiseException.ThrowIf(end < 0, "the body ends inside a chunk");
            int length = int.Parse(chunks.AsSpan(at, end), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0) return [.. body];
            BrokenPromiseException.ThrowIf(at + end + 2 + length > chunks.Length, "the body ends inside a chunk");
            body.AddRange(chunks.AsSpan(at + end + 2, length));
            at += end + 2 + length + 2;
        }
        throw new BrokenPromiseException("the body has no last chunk");
    }
}
