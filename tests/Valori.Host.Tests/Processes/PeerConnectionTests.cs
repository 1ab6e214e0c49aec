using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>Connections to the port of Akka.Remote that use up descriptors: neither HTTP nor another peer notices.</summary>
[Trait("Category", "Slow")]
public sealed class PeerConnectionTests : IDisposable
{
    private const string Notes = "/v1/collections/notes";
    private const int IdleConnections = 800;
    private const int Senders = 900;
    private const int Limit = 500;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public async Task More_idle_peers_than_descriptors_leave_a_service_that_answers_over_HTTP_and_to_another_peer()
    {
        int port = FreePort();
        await using RunningService service = await StartAsync(port);
        await service.DoneAsync(HttpMethod.Put, Notes, """{"dimension":2}""");
        for (int i = 0; i < 5; i++) await service.DoneAsync(HttpMethod.Post, $"{Notes}/records", """{"vector":[1,2]}""");
        // The code of a client is loaded after this, so that the next one comes at once.
        await AssertAnswersAsync(port);
        List<TcpClient> idle = [];
        try
        {
            for (int i = 0; i < IdleConnections; i++) idle.Add(new TcpClient("127.0.0.1", port));
            await service.DoneAsync(HttpMethod.Put, $"{Notes}/records/0/metadata", """{"metadata":"aGVsbG8="}""");
            await AssertAnswersAsync(port);
            // Akka gives up connections that say nothing: as many lines would be one each.
            await service.Process.LineWithAsync("more lines like this one, which is the last: ");
            await service.DoneAsync(HttpMethod.Post, $"{Notes}/save");
        }
        finally
        {
            foreach (TcpClient client in idle) client.Dispose();
        }
        await AssertAnswersAsync(port);
        service.Process.Terminate();
        Finished finished = await service.Process.EndAsync();
        Assert.Equal((0, ""), (finished.ExitCode, finished.Error));
        Assert.Contains(" connections of peers are open, which is the maximum. ", finished.Output);
        Assert.InRange(finished.Lines.Length, 1, 60);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_peer_that_names_more_senders_than_descriptors_takes_its_share_and_a_few_lines_of_the_log(bool isSilent)
    {
        int port = FreePort();
        await using RunningService service = await StartAsync(port);
        await service.DoneAsync(HttpMethod.Put, Notes, """{"dimension":2}""");
        for (int i = 0; i < 5; i++) await service.DoneAsync(HttpMethod.Post, $"{Notes}/records", """{"vector":[1,2]}""");
        int before = DescriptorsOf(service);
        // At all addresses of the loopback network: the system connects, and nobody ever says anything.
        using TcpListener silent = new(IPAddress.Any, 0);
        silent.Start(Senders);
        int other = ((IPEndPoint)silent.LocalEndpoint).Port;
        if (!isSilent) silent.Stop();
        using (RawPeer peer = await RawPeer.ConnectAsync(port))
        {
            for (int i = 0; i < Senders; i++) await peer.ListAsAsync(new IPEndPoint(new IPAddress([127, 1, (byte)(i / 250), (byte)(1 + i % 250)]), other));
            await service.Process.LineWithAsync("more lines like this one, which is the last: Tried to associate with unreachable remote address");
            // A sixteenth of them, and what the code that was loaded meanwhile takes.
            Assert.InRange(DescriptorsOf(service), 1, before + Limit / 16 + 60);
            await service.DoneAsync(HttpMethod.Post, $"{Notes}/save");
            await AssertAnswersAsync(port);
        }
        service.Process.Terminate();
        Finished finished = await service.Process.EndAsync();
        Assert.Equal((0, ""), (finished.ExitCode, finished.Error));
        if (isSilent) Assert.Contains("connections to other addresses are open, which is the maximum", finished.Output);
        Assert.InRange(finished.Lines.Length, 1, 60);
    }

    private async Task<RunningService> StartAsync(int port)
    {
        string config = _directory.File("remote.conf");
        await File.WriteAllTextAsync(config, HoconFile.Text("remote.conf") + string.Create(CultureInfo.InvariantCulture, $"\nakka.remote.dot-netty.tcp.port = {port}\n"));
        return await RunningService.StartWithDescriptorsAsync(Limit, _directory.File("data"), "--config", config);
    }

    private static int DescriptorsOf(RunningService service) =>
        Directory.EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{service.Process.Id}/fd")).Count();

    /// <summary>
    /// As another process would, with hocon/remote.conf. None of the connections before it may have been silent for a second yet, and then it
    /// is the one that is closed. So it comes again, as a peer does.
    /// </summary>
    private static async Task AssertAnswersAsync(int port)
    {
        for (Stopwatch watch = Stopwatch.StartNew(); ;)
        {
            Config config = ConfigurationFactory.ParseString("akka.loglevel = OFF\nakka.stdout-loglevel = OFF\nakka.remote.dot-netty.tcp.port = 0").WithFallback(HoconFile.Parse("remote.conf"));
            ActorSystem client = ActorSystem.Create("client", config);
            try
            {
                await using ValoriEngine engine = await ValoriEngine.ConnectAsync(client, new Address("akka.tcp", "valori", "127.0.0.1", port), "notes", create: false);
                Assert.Equal(5UL, await engine.RecordCountAsync());
                return;
            }
            catch (EngineException e) when (e.Kind == EngineFailureKind.Stopped && watch.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(100);
            }
            finally
            {
                await client.Terminate();
            }
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
