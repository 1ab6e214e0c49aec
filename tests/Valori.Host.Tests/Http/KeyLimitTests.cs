using System.IO.Compression;
using System.Net;
using System.Text;
using Valori.Host.Http;
using Valori.Host.Security;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>A key that asks too much is told so, and the others do not notice.</summary>
public sealed class KeyLimitTests
{
    [Fact]
    public async Task A_key_over_its_rate_is_429_with_the_time_to_wait_and_another_one_is_answered()
    {
        ValoriService service = await ValoriService.StartWithKeyAsync("valori.http.keys { requests-per-second = 1, burst = 3 }");
        try
        {
            string busy = service.AddKey("busy", KeyRole.Read), other = service.AddKey("other", KeyRole.Read);
            HttpStatusCode[] statuses = new HttpStatusCode[20];
            string detail = "";
            for (int i = 0; i < statuses.Length; i++)
            {
                using HttpResponseMessage response = await service.AskAsync(HttpMethod.Get, "/v1/collections", busy);
                statuses[i] = response.StatusCode;
                if (response.StatusCode != HttpStatusCode.TooManyRequests) continue;
                Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 2);
                detail = (await HttpAnswer.OfAsync(response)).Detail;
            }
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], statuses[..3]);
            Assert.Equal("the key 'busy' sent more than 1 requests a second (valori.http.keys.requests-per-second); try again later", detail);
            using HttpResponseMessage of = await service.AskAsync(HttpMethod.Get, "/v1/collections", other);
            Assert.Equal(HttpStatusCode.OK, of.StatusCode);
            // What is refused counts too: a key that may not write must not try without a bound.
            HashSet<HttpStatusCode> refusals = [];
            for (int i = 0; i < 20; i++)
            {
                using HttpResponseMessage refused = await service.AskAsync(HttpMethod.Put, "/v1/collections/x", other, "{}");
                refusals.Add(refused.StatusCode);
            }
            Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.TooManyRequests], refusals.Order());
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_key_with_too_many_requests_under_way_is_429_until_one_has_ended()
    {
        ValoriService service = await ValoriService.StartWithKeyAsync("valori.http.keys.max-concurrent-requests = 1");
        try
        {
            await service.CreateCollectionAsync(name: "mine");
            string busy = service.AddKey("busy", KeyRole.Admin), other = service.AddKey("other", KeyRole.Read);
            using System.Net.Sockets.TcpClient client = new();
            await client.ConnectAsync(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /v1/collections/mine/restore HTTP/1.1\r\nHost: localhost\r\napi-key: {busy}\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\nVALORI"));
            Assert.Contains("1 requests of the key 'busy' are under way, which is the limit", await UntilAsync(service, busy, HttpStatusCode.TooManyRequests));
            await UntilAsync(service, other, HttpStatusCode.OK);
            client.Close();
            await UntilAsync(service, busy, HttpStatusCode.OK);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_body_over_the_limit_of_a_key_is_413_however_it_is_sent()
    {
        ValoriService service = await ValoriService.StartWithKeyAsync("valori.http.keys.max-body-bytes = 1000");
        try
        {
            string path = await service.CreateCollectionAsync();
            string large = $$"""{"vector":[1,{{new string(' ', 2000)}}2]}""";
            HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/records", large);
            Assert.Equal($"the body has {large.Length} bytes, and the limit of a key is 1000 (valori.http.keys.max-body-bytes)", answer.Detail);
            Random random = new(1);
            byte[] metadata = new byte[400];
            for (int i = 0; i < 5; i++)
            {
                // Also compressed, they are larger than the limit.
                random.NextBytes(metadata);
                await service.DoneAsync(HttpMethod.Post, $"{path}/records", $$"""{"vector":[1,2],"metadata":"{{Convert.ToBase64String(metadata)}}"}""");
            }
            byte[] snapshot = await File.ReadAllBytesAsync((await service.DoneAsync(HttpMethod.Post, $"{path}/save")).GetProperty("path").GetString()!);
            Assert.True(snapshot.Length > 2000, $"the snapshot has {snapshot.Length} bytes");
            foreach ((HttpContent content, string route) in new[]
            {
                (Json(new StreamContent(new Unknown(Encoding.UTF8.GetBytes(large)))), "records"), (Json(Gzip(Encoding.UTF8.GetBytes(large))), "records"),
                (Bytes(new StreamContent(new Unknown(snapshot))), "restore"), (Bytes(Gzip(snapshot)), "restore"),
            })
            {
                HttpAnswer refused = await service.SendAsync(HttpMethod.Post, $"{path}/{route}", content);
                Assert.True(refused.Status == HttpStatusCode.RequestEntityTooLarge, $"{route}: {refused}");
            }
            Assert.Equal("""{"count":5}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
            await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""");
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public void The_bodies_and_answers_of_one_key_take_half_of_the_memory_for_them_and_all_keys_no_more_than_all()
    {
        TransferBudget whole = new(1_000_000);
        TransferBudget one = whole.PartOf(2), other = whole.PartOf(2), third = whole.PartOf(2);
        using TransferHold first = one.Hold("the body"), second = other.Hold("the body"), more = one.Hold("the answer"), last = third.Hold("the body");
        first.Grow(TransferBudget.FreeBytes + 500_000);
        Assert.Equal((500_000, 500_000), (one.TakenBytes, whole.TakenBytes));
        Assert.Contains("bodies and answers of one API key in flight take", Assert.Throws<EngineException>(() => more.Grow(TransferBudget.FreeBytes + 1)).Message);
        Assert.Contains("bodies and answers of one API key together", Assert.Throws<RefusedException>(() => more.Grow(TransferBudget.FreeBytes + 500_001)).Message);
        second.Grow(TransferBudget.FreeBytes + 500_000);
        Assert.Throws<EngineException>(() => last.Grow(TransferBudget.FreeBytes + 1));
        Assert.Equal((1_000_000, 0), (whole.TakenBytes, third.TakenBytes));
        first.Dispose();
        last.Grow(TransferBudget.FreeBytes + 1);
        Assert.Equal((500_001, 0), (whole.TakenBytes, one.TakenBytes));
    }

    private static async Task<string> UntilAsync(ValoriService service, string key, HttpStatusCode status)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            using HttpResponseMessage response = await service.AskAsync(HttpMethod.Get, "/v1/collections", key);
            if (response.StatusCode == status) return await response.Content.ReadAsStringAsync(limit.Token);
            await Task.Delay(20, limit.Token);
        }
    }

    private static ByteArrayContent Gzip(byte[] content)
    {
        using MemoryStream bytes = new();
        using (GZipStream gzip = new(bytes, CompressionLevel.Optimal)) gzip.Write(content);
        return new ByteArrayContent(bytes.ToArray()) { Headers = { ContentEncoding = { "gzip" } } };
    }

    private static HttpContent Json(HttpContent content) => Of(content, "application/json");

    private static HttpContent Bytes(HttpContent content) => Of(content, "application/octet-stream");

    private static HttpContent Of(HttpContent content, string type)
    {
        content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue(type);
        return content;
    }

    /// <summary>A stream that does not say its length, so that its bytes are sent in chunks.</summary>
    private sealed class Unknown(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
