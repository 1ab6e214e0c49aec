using Valori.Host.Security;
using Valori.Host.Tests.Structure;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>A start that would open the service by accident is refused, and says why.</summary>
public sealed class KeyStartTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Data => _directory.File("data");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("http://0.0.0.0:0", "http://0.0.0.0:0")]
    [InlineData("http://*:0", "http://*:0")]
    [InlineData("http://[::]:0", "http://[::]:0")]
    [InlineData("http://valori:0", "http://valori:0")]
    [InlineData("http://127.0.0.1:0;http://10.1.2.3:0", "http://10.1.2.3:0")]
    public async Task Without_keys_it_does_not_listen_where_others_reach_it(string urls, string named)
    {
        Finished finished = await ValoriVerb.RunAsync("serve", "--data", Data, "--urls", urls);
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.StartsWith($"valori: there are no API keys, and other machines may reach {named}: add one with 'valori keys add'", finished.Error);
        Assert.False(Directory.Exists(Data));
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://0.0.0.0:0 --allow-anonymous")]
    public async Task A_keys_file_that_cannot_be_used_stops_the_start(string urls)
    {
        KeyStore store = new(Data, TimeProvider.System);
        store.Add("ada", KeyRole.Admin, null, null);
        byte[] damaged = File.ReadAllBytes(store.FilePath);
        damaged[60] ^= 1;
        File.WriteAllBytes(store.FilePath, damaged);
        Finished finished = await ValoriVerb.RunAsync(["serve", "--data", Data, "--urls", .. urls.Split(' ')]);
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.StartsWith($"valori: the API keys in {store.FilePath} cannot be used: the SHA-256 of what is before its last line is ", finished.Error);
        Assert.Equal(damaged, File.ReadAllBytes(store.FilePath));
        Assert.False(File.Exists(Path.Combine(Data, "journal.db")));
    }

    [Fact]
    public async Task A_file_of_ASP_NET_where_it_is_started_opens_no_address()
    {
        File.WriteAllText(_directory.File("appsettings.json"), """{"Kestrel":{"Endpoints":{"Open":{"Url":"http://0.0.0.0:0"}}}}""");
        await using ValoriProcess service = ValoriProcess.StartIn(_directory.Path, "serve", "--data", Data, "--urls", "http://127.0.0.1:0");
        Assert.Contains(" on http://127.0.0.1:", await service.LineWithAsync("serving "));
    }

    [Fact]
    public async Task A_start_with_keys_says_that_peers_of_Akka_Remote_need_none()
    {
        new KeyStore(Data, TimeProvider.System).Add("ada", KeyRole.Admin, null, null);
        string config = _directory.File("remote.conf");
        string remote = File.ReadAllText(Path.Combine(SourceProject.Root, "hocon", "remote.conf"));
        Assert.Contains("port = 4053", remote);
        File.WriteAllText(config, remote.Replace("port = 4053", "port = 0", StringComparison.Ordinal));
        await using ValoriProcess service = ValoriProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0", "--config", config);
        Assert.Contains("asks its peers for no API key", await service.LineWithAsync("Akka.Remote is on"));
        await service.LineWithAsync("serving ");
    }

    [Fact]
    public async Task With_keys_it_listens_on_all_addresses_and_answers_no_one_without()
    {
        new KeyStore(Data, TimeProvider.System).Add("ada", KeyRole.Admin, null, null);
        await using ValoriProcess service = ValoriProcess.Start("serve", "--data", Data, "--urls", "http://0.0.0.0:0");
        string line = await service.LineWithAsync("serving ");
        using HttpClient client = new() { BaseAddress = new Uri(line[line.IndexOf("http://", StringComparison.Ordinal)..].Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)) };
        Assert.Equal((200, 401), ((int)(await client.GetAsync("/health/live")).StatusCode, (int)(await client.GetAsync("/v1/collections")).StatusCode));
    }

    [Fact]
    public async Task The_verb_refuses_what_is_misspelt_and_prints_a_key_once()
    {
        foreach ((string[] arguments, int exitCode, string error) in new[]
        {
            ((string[])["add", "--data", Data, "--name", "ada", "--role", "Admin"], 2, "--role is 'Admin'; it must be read, write or admin"),
            (["add", "--data", Data, "--name", "ada", "--role", "read", "--expires-at", "tomorrow"], 2, "--expires-at is 'tomorrow'; it must be "),
            (["add", "--data", Data, "--name", "ada", "--role", "read", "--collection", "*"], 1, "'*' is not a valid collection name"),
            (["list", "--data", Data], 1, "has no API keys; 'valori keys add' makes the first one"),
            (["revoke", "--data", Data, "--name", "ada"], 1, "has no API keys"),
        })
        {
            Finished refused = await ValoriVerb.RunAsync(["keys", .. arguments]);
            Assert.Equal((exitCode, ""), (refused.ExitCode, refused.Output));
            Assert.Contains(error, refused.Error);
            if (exitCode == 2) Assert.Contains("Try 'valori keys add --help'", refused.Error);
            Assert.False(Directory.Exists(Data));
        }
        Finished added = await ValoriVerb.RunAsync("keys", "add", "--data", Data, "--name", "ada", "--role", "read", "--collection", "notes", "--collection", "books");
        string key = Assert.Single(added.Lines);
        Assert.Matches("^valori_[0-9a-f]{16}_[0-9a-f]{64}$", key);
        Finished listed = await ValoriVerb.RunAsync("keys", "list", "--data", Data), asJson = await ValoriVerb.RunAsync("keys", "list", "--data", Data, "--json");
        Assert.Contains("ada  read  collections books, notes  id ", listed.Output);
        Assert.Contains("\"name\":\"ada\"", asJson.Output);
        Assert.DoesNotContain(key[^64..], listed.Output + asJson.Output);
        Assert.Equal((0, "revoked ada\n"), await ResultAsync("keys", "revoke", "--data", Data, "--name", "ada"));
        Assert.Equal((0, ""), await ResultAsync("keys", "list", "--data", Data));
    }

    private static async Task<(int, string)> ResultAsync(params string[] arguments)
    {
        Finished finished = await ValoriVerb.RunAsync(arguments);
        return (finished.ExitCode, finished.Output);
    }
}
