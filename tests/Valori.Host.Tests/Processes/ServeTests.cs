using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori serve</c> as a process: killed, stopped, in each other's way.</summary>
[Trait("Category", "Slow")]
public sealed class ServeTests : IDisposable
{
    private const string Notes = "/v1/collections/notes";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_amid_concurrent_inserts_it_has_every_acknowledged_record_after_a_restart()
    {
        ConcurrentDictionary<ulong, (int Value, ReceiptText Receipt)> acknowledged = await InsertUntilAsync(service =>
        {
            service.Process.Kill();
            return Task.CompletedTask;
        });
        await AssertPresentAsync(acknowledged);
    }

    [Fact]
    public async Task SIGTERM_amid_concurrent_inserts_stops_it_with_exit_code_0_and_nothing_acknowledged_is_lost()
    {
        ConcurrentDictionary<ulong, (int Value, ReceiptText Receipt)> acknowledged = await InsertUntilAsync(async service =>
        {
            service.Process.Terminate();
            Finished finished = await service.Process.EndAsync();
            Assert.Equal((0, ""), (finished.ExitCode, finished.Error));
            Assert.Contains("stopping: requests in progress are finished first", finished.Output);
            Assert.EndsWith("stopped", finished.Lines[^1]);
            Assert.DoesNotContain("fail:", finished.Output);
        });
        // A graceful stop folds the log back into the journal and releases the directory.
        Assert.Equal(["audit.jsonl", "journal.db", "valori.lock"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await AssertPresentAsync(acknowledged);
    }

    [Fact]
    public async Task It_logs_what_it_serves_and_the_state_hash_of_each_collection_and_no_refused_request()
    {
        string hash;
        await using (RunningService first = await RunningService.StartAsync(_directory.Path))
        {
            await first.DoneAsync(HttpMethod.Put, Notes, """{"dimension":2}""");
            await first.DoneAsync(HttpMethod.Post, $"{Notes}/records", """{"vector":[1,2]}""");
            hash = (await first.DoneAsync(HttpMethod.Get, $"{Notes}/state-hash")).GetProperty("state_hash").GetString()!;
        }
        await using RunningService second = await RunningService.StartAsync(_directory.Path);
        Assert.Equal(400, (int)(await second.SendAsync(HttpMethod.Post, $"{Notes}/records", """{"vector":[1]}""")).Status);
        Assert.Equal(404, (int)(await second.SendAsync(HttpMethod.Get, "/nothing")).Status);
        second.Process.Terminate();
        Finished finished = await second.Process.EndAsync();
        Assert.Contains($"info: valori[0] serving {_directory.Path} on http://127.0.0.1:", finished.Output);
        Assert.Contains($"collection notes is ready: state hash {hash}", finished.Output);
        Assert.DoesNotContain("Exception", finished.Output);
        Assert.DoesNotContain("[INFO]", finished.Output);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("*")]
    public async Task A_port_in_use_is_refused_in_one_line_and_leaves_no_directory(string host)
    {
        await using RunningService first = await RunningService.StartAsync(_directory.File("a"));
        string address = $"http://{host}:{first.Client.BaseAddress!.Port}";
        Finished second = await ValoriProcess.RunAsync("serve", "--allow-anonymous", "--data", _directory.File("b"), "--urls", address);
        Assert.Equal((1, ""), (second.ExitCode, second.Output));
        Assert.StartsWith($"valori: cannot listen on {address}: ", second.Error);
        Assert.Single(second.Error.TrimEnd('\n').Split('\n'));
        Assert.False(Directory.Exists(_directory.File("b")));
    }

    [Theory]
    [InlineData("http://localhost:{0}")]
    [InlineData("http://*:{0};http://127.0.0.1:0")]
    [InlineData("http://unix:{1}")]
    public async Task It_listens_on_every_address_that_it_is_given(string urls)
    {
        int port = FreePort();
        string socket = _directory.File("service.socket");
        await using ValoriProcess service = ValoriProcess.Start("serve", "--allow-anonymous", "--data", _directory.File("data"), "--urls", string.Format(CultureInfo.InvariantCulture, urls, port, socket));
        await service.LineWithAsync("serving ");
        using HttpClient client = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                EndPoint endpoint = urls.Contains("unix", StringComparison.Ordinal) ? new UnixDomainSocketEndPoint(socket) : new IPEndPoint(IPAddress.Loopback, port);
                Socket connection = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(endpoint, stop);
                return new NetworkStream(connection, ownsSocket: true);
            },
        });
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("http://localhost/health/live")).StatusCode);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Eight clients insert until the service is gone; returns what each acknowledged id must hold.</summary>
    private async Task<ConcurrentDictionary<ulong, (int Value, ReceiptText Receipt)>> InsertUntilAsync(Func<RunningService, Task> endAsync)
    {
        const int clients = 8, acknowledgedBeforeTheEnd = 150;
        ConcurrentDictionary<ulong, (int Value, ReceiptText Receipt)> acknowledged = new();
        using SemaphoreSlim enough = new(0);
        await using RunningService service = await RunningService.StartAsync(_directory.Path);
        await service.DoneAsync(HttpMethod.Put, Notes, """{"dimension":2}""");
        Task[] inserting = [.. Enumerable.Range(0, clients).Select(InsertAsync)];
        Assert.True(await enough.WaitAsync(TimeSpan.FromSeconds(60)));
        await endAsync(service);
        await Task.WhenAll(inserting).WaitAsync(TimeSpan.FromSeconds(60));
        return acknowledged;

        async Task InsertAsync(int client)
        {
            try
            {
                for (int value = client; ; value += clients)
                {
                    HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{Notes}/records", $$"""{"vector":[{{value}},0.5],"tag":{{client}}}""");
                    if ((int)answer.Status != 200) return;
                    Assert.True(acknowledged.TryAdd(answer.Json.GetProperty("id").GetUInt64(), (value, Receipts.Of(answer.Text))), $"{answer} twice");
                    if (acknowledged.Count >= acknowledgedBeforeTheEnd) enough.Release();
                }
            }
            catch (HttpRequestException)
            {
                // The service is gone; this request was not acknowledged.
            }
        }
    }

    private async Task AssertPresentAsync(ConcurrentDictionary<ulong, (int Value, ReceiptText Receipt)> acknowledged)
    {
        Assert.True(acknowledged.Count >= 150, $"only {acknowledged.Count} were acknowledged");
        await using RunningService service = await RunningService.StartAsync(_directory.Path);
        ulong count = (await service.DoneAsync(HttpMethod.Get, $"{Notes}/count")).GetProperty("count").GetUInt64();
        Assert.InRange(count, (ulong)acknowledged.Count, (ulong)acknowledged.Count + 8);
        Dictionary<long, string> chains = await ChainsAsync(service);
        foreach ((ulong id, (int value, ReceiptText receipt)) in acknowledged)
        {
            Assert.Equal((receipt.Place.Chain, id), (chains.GetValueOrDefault(receipt.Place.SequenceNr), receipt.FirstId));
            JsonElement record = await service.DoneAsync(HttpMethod.Get, $"{Notes}/records/{id}");
            Assert.Equal(value, record.GetProperty("vector")[0].GetSingle());
        }
    }

    /// <summary>The chain value after every event.</summary>
    private static async Task<Dictionary<long, string>> ChainsAsync(RunningService service)
    {
        Dictionary<long, string> chains = [];
        JsonElement page;
        do
        {
            page = await service.DoneAsync(HttpMethod.Get, $"{Notes}/timeline?from={chains.Count + 1}&count=1000");
            foreach (JsonElement entry in page.GetProperty("events").EnumerateArray())
                chains.Add(entry.GetProperty("sequence_nr").GetInt64(), entry.GetProperty("chain").GetString()!);
        }
        while (chains.Count < page.GetProperty("last_sequence_nr").GetInt64());
        return chains;
    }
}
