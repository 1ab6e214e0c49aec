using Microsoft.AspNetCore.Server.Kestrel.Core;
using Valori.Host.Http;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Connections that are held for nothing are closed. The times are shortened to what Kestrel allows.</summary>
[Trait("Category", "Slow")]
public sealed class TimeLimitTests
{
    [Fact]
    public void The_times_are_those_of_the_documentation()
    {
        HttpLimits limits = new();
        Assert.Equal((120, 256 << 10, 10), (limits.KeepAliveTimeout.TotalSeconds, limits.LargeAnswerRate.BytesPerSecond, limits.LargeAnswerRate.GracePeriod.TotalSeconds));
    }

    [Fact]
    public async Task A_connection_without_a_request_is_closed()
    {
        ValoriService service = await ValoriService.StartAsync(limits: new HttpLimits { KeepAliveTimeout = TimeSpan.FromSeconds(1) });
        try
        {
            using RawConnection connection = new(service.Client.BaseAddress!);
            await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
            string answer = await connection.ReadToEndAsync();
            Assert.StartsWith("HTTP/1.1 200 ", answer);
            Assert.DoesNotContain("Connection: close", answer);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_reader_of_a_large_answer_that_does_not_read_is_given_up_and_its_memory_is_free_again()
    {
        // More than the buffers of two sockets hold.
        const int records = 1000, queries = 600;
        ValoriService service = await ValoriService.StartAsync(limits: new HttpLimits { LargeAnswerRate = new MinDataRate(256 << 10, TimeSpan.FromSeconds(2)) });
        try
        {
            string path = await service.CreateCollectionAsync();
            string vectors = string.Join(',', Enumerable.Repeat("[1,2]", records));
            await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", $$"""{"vectors":[{{vectors}}]}""");
            string search = $$"""{"vectors":[{{string.Join(',', Enumerable.Repeat("[1,2]", queries))}}],"k":{{records}}}""";
            using RawConnection connection = new(service.Client.BaseAddress!);
            await connection.SendAsync($"POST {path}/search/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {search.Length}\r\n\r\n{search}");
            string head = await connection.ReadToAsync("\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 ", head);
            TransferBudget budget = service.Part<TransferBudget>();
            Assert.True(budget.TakenBytes > 0, "the answer was sent before it could be slow");
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
            while (budget.TakenBytes > 0) await Task.Delay(20, limit.Token);
            Assert.DoesNotContain("]}]}", await ReceivedAsync(connection));
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    /// <summary>What had been sent by then.</summary>
    private static async Task<string> ReceivedAsync(RawConnection connection)
    {
        try
        {
            return await connection.ReadToEndAsync();
        }
        catch (IOException)
        {
            // Reset: what was on its way is lost.
            return "";
        }
    }
}
