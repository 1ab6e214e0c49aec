using System.Net;
using System.Text;
using System.Text.Json;

namespace Valori.Host.Tests.Support;

/// <summary><c>valori serve</c> in a process of its own, with a client.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private RunningService(ValoriProcess process, Uri address)
    {
        Process = process;
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(90) };
    }

    public ValoriProcess Process { get; }

    public HttpClient Client { get; }

    /// <summary>Starts it on a free port and waits until it is ready.</summary>
    public static Task<RunningService> StartAsync(string directory, params string[] more) => BecomeReadyAsync(ValoriProcess.Start(Arguments(directory, more)));

    /// <summary>The same, without waiting until it is ready.</summary>
    public static Task<RunningService> StartUnreadyAsync(string directory) => BecomeReadyAsync(ValoriProcess.Start(Arguments(directory)), waits: false);

    /// <summary>The same, with a limit to the files and connections that it may open.</summary>
    public static Task<RunningService> StartWithDescriptorsAsync(int limit, string directory, params string[] more) =>
        BecomeReadyAsync(ValoriProcess.StartWithDescriptors(limit, Arguments(directory, more)));

    private static string[] Arguments(string directory, params string[] more) => ["serve", "--data", directory, "--urls", "http://127.0.0.1:0", .. more];

    private static async Task<RunningService> BecomeReadyAsync(ValoriProcess process, bool waits = true)
    {
        try
        {
            string line = await process.LineWithAsync("serving ");
            RunningService service = new(process, new Uri(line[line.IndexOf("http://", StringComparison.Ordinal)..]));
            if (waits) await service.BecomeReadyAsync();
            return service;
        }
        catch (Exception e)
        {
            process.Kill();
            Finished finished = await process.EndAsync();
            throw new InvalidOperationException($"the service did not get ready: {finished}", e);
        }
    }

    private async Task BecomeReadyAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(90));
        while (true)
        {
            using HttpResponseMessage ready = await Client.GetAsync("/health/ready", limit.Token);
            if (ready.StatusCode == HttpStatusCode.OK) return;
            await Task.Delay(20, limit.Token);
        }
    }

    public async Task<HttpAnswer> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Client.SendAsync(request);
        return await HttpAnswer.OfAsync(response);
    }

    public async Task<JsonElement> DoneAsync(HttpMethod method, string path, string? json = null)
    {
        HttpAnswer answer = await SendAsync(method, path, json);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{method} {path}: {answer}");
        return answer.Json;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Process.DisposeAsync();
    }
}
