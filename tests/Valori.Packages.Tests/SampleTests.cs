using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace Valori.Packages.Tests;

/// <summary>The samples do what their READMEs say, in processes of their own.</summary>
[Trait("Category", "Slow")]
public sealed class SampleTests : IDisposable
{
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_agent_remembers_across_restarts_and_says_what_it_knew_yesterday()
    {
        using (Command first = Agent("2026-11-27T09:00:00Z"))
        {
            first.Send("remember Ada drinks green tea in the morning");
            first.Send("forget Ada");
            first.Send("");
            string said = await first.EndAsync();
            Assert.Contains("remembered; state hash ", said);
            Assert.Contains("'forget' is none of remember TEXT, ask QUESTION and yesterday QUESTION", said);
        }
        using (Command second = Agent("2026-11-29T09:00:00Z"))
        {
            second.Send("remember Ada drinks only coffee now");
            second.Send("ask what does Ada drink?");
            second.Send("yesterday what does Ada drink?");
            second.Send("");
            string[] said = (await second.EndAsync()).ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Contains("coffee", said[^2]);
            Assert.Contains("green tea", said[^2]);
            Assert.Equal("Ada drinks green tea in the morning", said[^1]);
        }
    }

    [Fact]
    public async Task The_web_application_keeps_notes_and_articles_in_one_directory()
    {
        int port = FreePort();
        using Command web = Command.Start(
            Repository.PathOf("samples", "WebNotes"), Nothing, "dotnet", Path.Combine(Output("WebNotes"), "WebNotes.dll"), "--urls", $"http://127.0.0.1:{port}", "--Valori:DataDirectory", _directory.File("memory"));
        await web.WaitForAsync("Application started");
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        foreach ((string key, string user, string text) in new[] { ("tea", "ada", "green tea in the morning"), ("car", "ada", "the red car is broken"), ("milk", "eve", "green tea with milk") })
            (await client.PutAsJsonAsync($"/notes/{key}", new { user, text })).EnsureSuccessStatusCode();
        string found = await client.GetStringAsync("/notes?user=ada&like=tea");
        Assert.StartsWith("[{\"key\":\"tea\",\"text\":\"green tea in the morning\"", found);
        Assert.DoesNotContain("milk", found);
        (await client.PostAsync("/articles?title=On+tea", null)).EnsureSuccessStatusCode();
        Assert.Equal("[\"On tea\"]", await client.GetStringAsync("/articles?like=tea"));
        Assert.Equal("Healthy", await client.GetStringAsync("/health/ready"));
        Assert.Equal("Healthy", await client.GetStringAsync("/health/live"));
    }

    [Fact]
    public async Task The_client_keeps_and_finds_a_note_in_the_service()
    {
        int port = FreePort();
        string remote = (await File.ReadAllTextAsync(Repository.PathOf("hocon", "remote.conf"))).Replace("port = 4053", $"port = {port}");
        await File.WriteAllTextAsync(_directory.File("remote.conf"), remote);
        using Command service = Command.Start(
            _directory.Path, Nothing, "dotnet", Repository.PathOf("src", "Valori.Host", "bin", Repository.Configuration, "net10.0", "valori.dll"),
            "serve", "--data", "served", "--config", "remote.conf", "--urls", "http://127.0.0.1:0");
        await service.WaitForAsync("serving ");
        string said = await Command.RunAsync(Output("RemoteClient"), Nothing, "dotnet", "RemoteClient.dll", $"akka.tcp://valori@127.0.0.1:{port}", "green", "tea");
        Assert.Contains("kept as record 0, event 2", said);
        Assert.Contains("nearest: record 0, similarity 1.00", said);
    }

    private Command Agent(string now) => Command.Start(Output("AgentMemory"), Nothing, "dotnet", "AgentMemory.dll", _directory.File("memory"), now);

    private static string Output(string sample) => Repository.PathOf("samples", sample, "bin", Repository.Configuration, "net10.0");

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
