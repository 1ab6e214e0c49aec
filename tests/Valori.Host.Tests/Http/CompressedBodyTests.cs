using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Bodies with <c>Content-Encoding: gzip</c>: taken whole, or refused without a trace.</summary>
public sealed class CompressedBodyTests(ValoriService service) : IClassFixture<ValoriService>
{
    private const string Insert = """{"vector":[1,2]}""";

    [Fact]
    public async Task A_body_that_ends_early_or_has_a_wrong_trailer_is_refused_and_nothing_is_inserted()
    {
        string path = await service.CreateCollectionAsync();
        byte[] whole = Compressed(Encoding.UTF8.GetBytes(Insert));
        for (int length = 1; length < whole.Length; length++) AssertRefused(await SendAsync($"{path}/records", whole[..length]), $"the first {length} of {whole.Length} bytes");
        // The checksum, then the length: four bytes each, at the end.
        for (int i = whole.Length - 8; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 1;
            AssertRefused(await SendAsync($"{path}/records", damaged), $"byte {i} of {whole.Length} changed");
        }
        Assert.Equal("""{"count":0}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
        Assert.Equal(200, (int)(await SendAsync($"{path}/records", whole)).Status);
    }

    [Fact]
    public async Task Members_one_after_another_are_one_body_and_the_last_must_be_whole_too()
    {
        string path = await service.CreateCollectionAsync();
        byte[] first = Compressed(Encoding.UTF8.GetBytes(Insert[..7])), second = Compressed(Encoding.UTF8.GetBytes(Insert[7..]));
        AssertRefused(await SendAsync($"{path}/records", [.. first, .. second[..^3]]), "the second cut off");
        Assert.Equal(200, (int)(await SendAsync($"{path}/records", [.. first, .. second])).Status);
    }

    [Fact]
    public async Task A_compressed_snapshot_without_its_trailer_is_not_restored()
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", Insert);
        string saved = (await service.DoneAsync(HttpMethod.Post, $"{path}/save")).GetProperty("path").GetString()!;
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", Insert);
        byte[] snapshot = Compressed(await File.ReadAllBytesAsync(saved));
        AssertRefused(await SendAsync($"{path}/restore", snapshot[..^8], "application/octet-stream"), "without a trailer");
        Assert.Equal("""{"count":2}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
        Assert.Equal(200, (int)(await SendAsync($"{path}/restore", snapshot, "application/octet-stream")).Status);
        Assert.Equal("""{"count":1}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
    }

    private static void AssertRefused(HttpAnswer answer, string what)
    {
        Assert.True((400, "invalid_request") == ((int)answer.Status, answer.Json.GetProperty("title").GetString()), $"{what}: {answer}");
        Assert.StartsWith("the body is not complete gzip data, although its Content-Encoding says gzip: it is truncated, damaged", answer.Detail);
    }

    private Task<HttpAnswer> SendAsync(string path, byte[] bytes, string type = "application/json") => service.SendAsync(HttpMethod.Post, path, new ByteArrayContent(bytes)
    {
        Headers = { ContentType = new MediaTypeHeaderValue(type), ContentEncoding = { "gzip" } },
    });

    private static byte[] Compressed(byte[] content)
    {
        using MemoryStream bytes = new();
        using (GZipStream gzip = new(bytes, CompressionLevel.Optimal)) gzip.Write(content);
        return bytes.ToArray();
    }
}
