using System.Net.Sockets;
using System.Text;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>What is too large is refused with 413 and the limit.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_body_over_256_MiB_is_refused_before_it_is_sent()
    {
        ValoriService service = await ValoriService.StartAsync();
        try
        {
            string path = await service.CreateCollectionAsync();
            using TcpClient client = new(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port);
            using NetworkStream stream = client.GetStream();
            string head = $"POST {path}/records HTTP/1.1\r\nHost: valori\r\nContent-Length: {(256L << 20) + 1}\r\nConnection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
            using StreamReader reader = new(stream);
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
            string answer = await reader.ReadToEndAsync(limit.Token);
            Assert.StartsWith("HTTP/1.1 413 ", answer);
            Assert.Contains("application/problem+json", answer);
            Assert.Contains("268435456 bytes", answer);
            Assert.Equal("""{"count":0}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_batch_over_the_configured_limit_is_refused_and_leaves_no_trace()
    {
        ValoriService service = await ValoriService.StartAsync("valori.max-batch-bytes = 1000");
        try
        {
            string path = await service.CreateCollectionAsync();
            string before = (await service.DoneAsync(HttpMethod.Get, path)).GetRawText();
            string vectors = string.Join(',', Enumerable.Repeat("[1,2]", 100));
            HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/records/batch", $$"""{"vectors":[{{vectors}}]}""");
            Assert.Equal((413, "limit_exceeded"), ((int)answer.Status, answer.Json.GetProperty("title").GetString()));
            Assert.Contains("the limit is 1000 (valori.max-batch-bytes)", answer.Detail);
            Assert.Equal(before, (await service.DoneAsync(HttpMethod.Get, path)).GetRawText());
        }
        finally
        {
            await service.DisposeAsync();
        }
    }
}
