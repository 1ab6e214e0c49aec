using System.Net.Sockets;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>
/// Connections that use up the file descriptors: the runtime ends a process that cannot open the code it needs next, so they must
/// not get that far.
/// </summary>
[Trait("Category", "Slow")]
public sealed class DescriptorTests : IDisposable
{
    private const string Notes = "/v1/collections/notes";
    private const int IdleConnections = 600;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData(330)]
    [InlineData(400)]
    public async Task More_idle_connections_than_descriptors_leave_a_service_that_answers_and_writes(int descriptors)
    {
        await using RunningService service = await RunningService.StartWithDescriptorsAsync(descriptors, _directory.Path);
        List<TcpClient> idle = [];
        try
        {
            // Before the first write: most of the code is not loaded yet.
            for (int i = 0; i < IdleConnections; i++)
            {
                TcpClient client = new(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port);
                idle.Add(client);
                if (i % 2 == 0) client.Client.Send("GET /health/live HTTP/1.1\r\nHost: loc"u8);
            }
        }
        catch (SocketException)
        {
            // Refused, which is as good.
        }
        Assert.False(await service.Process.EndsWithinAsync(TimeSpan.FromSeconds(2)), $"it ended: {service.Process.Error}");
        foreach (TcpClient client in idle) client.Dispose();

        await RetryAsync(() => service.DoneAsync(HttpMethod.Put, Notes, """{"dimension":2}"""));
        for (int i = 0; i < 5; i++) await RetryAsync(() => service.DoneAsync(HttpMethod.Post, $"{Notes}/records", """{"vector":[1,2]}"""));
        await RetryAsync(() => service.DoneAsync(HttpMethod.Post, $"{Notes}/save"));
        service.Process.Terminate();
        Finished finished = await service.Process.EndAsync();
        Assert.Equal((0, ""), (finished.ExitCode, finished.Error));
        Assert.Contains("connections are open, the limit is", finished.Output);
        Assert.DoesNotContain("fail:", finished.Output);
    }

    [SkippableFact]
    public async Task While_idle_connections_take_every_place_a_new_one_takes_that_of_the_longest_idle()
    {
        await using RunningService service = await RunningService.StartWithDescriptorsAsync(400, _directory.Path);
        List<TcpClient> idle = [];
        try
        {
            for (int i = 0; i < IdleConnections; i++) idle.Add(new TcpClient(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port));
            await RetryAsync(() => service.DoneAsync(HttpMethod.Put, Notes, """{"dimension":2}"""));
            await RetryAsync(() => service.DoneAsync(HttpMethod.Post, $"{Notes}/records", """{"vector":[1,2]}"""));
        }
        finally
        {
            foreach (TcpClient client in idle) client.Dispose();
        }
    }

    [SkippableFact]
    public async Task Too_few_descriptors_are_refused_at_the_start_with_how_many_it_needs()
    {
        await using ValoriProcess process = ValoriProcess.StartWithDescriptors(270, "serve", "--data", _directory.Path, "--urls", "http://127.0.0.1:0");
        Finished finished = await process.EndAsync();
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.Contains("this process may open 270 files and connections, which is too few for a service", finished.Error);
        Assert.Single(finished.Error.TrimEnd('\n').Split('\n'));
    }

    /// <summary>A connection may find the service full, and be closed; the next one may not.</summary>
    private static async Task RetryAsync(Func<Task> request)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await request();
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }
}
