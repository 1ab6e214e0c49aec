using System.Text.Json;
using Valori.Host.Security;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Security;

/// <summary>What administrators do is written down before it is done, and no line is ever lost or changed.</summary>
public sealed class AuditLogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_line_that_a_crash_tore_does_not_take_the_next_one_with_it()
    {
        AuditLog log = new(_directory.Path, TimeProvider.System);
        log.Write(new AuditLine("drop_collection", "/v1/collections/notes", "ops", "127.0.0.1"));
        string first = File.ReadAllText(log.FilePath);
        File.WriteAllText(log.FilePath, first + first[..20]);
        log.Write(new AuditLine("keys add", "ada", null, null) { User = "root" });
        string[] lines = File.ReadAllLines(log.FilePath);
        Assert.Equal([first.TrimEnd('\n'), first[..20]], lines[..2]);
        Assert.Equal(("keys add", "ada", "root"), (Text(lines[2], "action"), Text(lines[2], "target"), Text(lines[2], "user")));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(log.FilePath));
    }

    [Fact]
    public async Task Lines_of_several_processes_are_all_there_and_whole()
    {
        const int writers = 4, each = 10;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() =>
        {
            AuditLog log = new(_directory.Path, TimeProvider.System);
            for (int i = 0; i < each; i++) log.Write(new AuditLine("save", $"{writer} {i}", null, null));
        })));
        Assert.Equal(writers * each, File.ReadLines(_directory.File(AuditLog.FileName)).Select(line => Text(line, "target")).Distinct().Count());
    }

    [Fact]
    public async Task Every_action_of_an_administrator_is_there_with_the_key_and_how_it_ended()
    {
        ValoriService service = await ValoriService.StartWithKeyAsync();
        string file = Path.Combine(service.DirectoryPath, AuditLog.FileName);
        try
        {
            string path = await service.CreateCollectionAsync(name: "notes");
            await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""");
            await service.DoneAsync(HttpMethod.Post, $"{path}/save");
            await service.SendAsync(HttpMethod.Post, $"{path}/restore", ValoriService.Bytes([1, 2, 3]));
            await service.DoneAsync(HttpMethod.Post, "/v1/keys", """{"name":"ada","role":"read"}""");
            using (HttpResponseMessage refused = await service.AskAsync(HttpMethod.Delete, path, service.AddKey("bob", KeyRole.Write))) Assert.Equal(403, (int)refused.StatusCode);
            await service.DoneAsync(HttpMethod.Delete, "/v1/keys/ada");
            await service.DoneAsync(HttpMethod.Delete, path);
            Assert.Equal(0, (await ValoriVerb.RunAsync("keys", "revoke", "--data", service.DirectoryPath, "--name", "bob")).ExitCode);
            // The last answer's line is written after its answer.
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
            string[] lines;
            while ((lines = Lines(file)).Length < 13) await Task.Delay(20, limit.Token);
            // The line after an answer may come after the next request has begun.
            Assert.Equal(((string[])
            [
                "create_collection /v1/collections/notes ops ", "create_collection /v1/collections/notes ops 200", "save /v1/collections/notes/save ops ", "save /v1/collections/notes/save ops 200",
                "restore /v1/collections/notes/restore ops ", "restore /v1/collections/notes/restore ops 422", "add_key /v1/keys ops ", "add_key /v1/keys ops 200",
                "revoke_key /v1/keys/ada ops ", "revoke_key /v1/keys/ada ops 200", "drop_collection /v1/collections/notes ops ", "drop_collection /v1/collections/notes ops 200", "keys revoke bob  ",
            ]).Order(), lines.Order());
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_cannot_be_written_down_is_not_done_and_the_answer_names_no_file()
    {
        ValoriService service = await ValoriService.StartWithKeyAsync();
        try
        {
            string path = await service.CreateCollectionAsync(name: "notes");
            string file = Path.Combine(service.DirectoryPath, AuditLog.FileName);
            File.Delete(file);
            Directory.CreateDirectory(file);
            HttpAnswer refused = await service.SendAsync(HttpMethod.Delete, path, (string?)null);
            Assert.Equal((507, "storage_failed"), ((int)refused.Status, refused.Json.GetProperty("title").GetString()));
            Assert.DoesNotContain(service.DirectoryPath, refused.Text);
            // What is no action of an administrator goes on.
            await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""");
            Directory.Delete(file);
            await service.DoneAsync(HttpMethod.Delete, path);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    private static string[] Lines(string file)
    {
        // While a line is added, nobody else has the file.
        try
        {
            return [.. File.ReadAllLines(file).Select(line => $"{Text(line, "action")} {Text(line, "target")} {Text(line, "key")} {Text(line, "status")}")];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string? Text(string line, string field) =>
        JsonSerializer.Deserialize<JsonElement>(line).TryGetProperty(field, out JsonElement value) ? value.ToString() : null;
}
