using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>Verbs that only read, on a medium that cannot be written: as on one that can, and no byte of it changes.</summary>
[Trait("Category", "Slow")]
public sealed class ReadOnlyTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Info_log_search_and_verify_say_what_they_say_elsewhere(bool withLog)
    {
        using Tmpfs medium = new(kibibytes: 16_384);
        string data = _directory.File("data"), copy = Path.Combine(medium.Path, "data");
        await WriteAsync(data, copy, withLog);
        string queries = _directory.File("queries.jsonl");
        await File.WriteAllTextAsync(queries, """{"vector":[1,1]}""" + "\n" + """{"vector":[4,4]}""" + "\n");
        medium.MakeReadOnly();
        Dictionary<string, string> before = Files(copy);

        string[][] verbs = [["log", "--from", "3", "--count", "2", "--json"], ["log", "--last", "4"], ["search", "--queries", queries, "--k", "2"], ["verify"]];
        foreach (string[] verb in verbs)
        {
            (int exitCode, string found) = await RunAsync([.. verb, "--data", copy]);
            Assert.True(exitCode == 0, $"{verb[0]}: {found}");
            if (verb[0] == "verify") continue;
            Assert.Equal((await RunAsync([.. verb, "--data", data])).Output, found);
        }
        JsonElement info = JsonSerializer.Deserialize<JsonElement>((await RunAsync("info", "--json", "--data", copy)).Output);
        JsonElement elsewhere = JsonSerializer.Deserialize<JsonElement>((await RunAsync("info", "--json", "--data", data)).Output);
        foreach (JsonProperty property in elsewhere.EnumerateObject().Where(property => !property.Name.EndsWith("bytes", StringComparison.Ordinal) && property.Name != "snapshots"))
            Assert.Equal(property.Value.ToString(), info.GetProperty(property.Name).ToString());
        Assert.Equal(before, Files(copy));
        (int refused, string message) = await RunAsync("info", "--collection", "none", "--data", copy);
        Assert.Equal((1, $"valori: {copy} has no collection 'none': its collections are default"), (refused, message.Trim()));
    }

    [SkippableFact]
    public async Task A_damaged_journal_is_refused_there_too()
    {
        using Tmpfs medium = new(kibibytes: 16_384);
        string copy = Path.Combine(medium.Path, "data");
        await WriteAsync(_directory.File("data"), copy, withLog: true);
        string log = Path.Combine(copy, "journal.db-wal");
        byte[] bytes = await File.ReadAllBytesAsync(log);
        bytes[5000] ^= 1;
        await File.WriteAllBytesAsync(log, bytes);
        medium.MakeReadOnly();
        foreach (string verb in new[] { "info", "log", "verify" })
        {
            (int exitCode, string output) = await RunAsync(verb, "--data", copy);
            Assert.Equal(1, exitCode);
            Assert.Contains($"{log} at 32: expected a frame", output);
        }
    }

    /// <summary>A copy as a crash leaves it, with what was written last in the log, or as a stop does.</summary>
    private static async Task WriteAsync(string data, string copy, bool withLog)
    {
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(data, new ValoriOptions { Dimension = 2 }))
        {
            for (int i = 0; i < 5; i++) await engine.InsertAsync(new float[] { i, i });
            await engine.SaveAsync();
        }
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(data))
        {
            await engine.InsertAsync(new float[] { 4, 4 });
            await engine.InsertAsync(new float[] { 9, 9 });
            if (withLog) Copy(data, copy);
        }
        if (!withLog) Copy(data, copy);
    }

    private static void Copy(string from, string to)
    {
        foreach (string path in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            if (path.EndsWith("-shm", StringComparison.Ordinal) || Path.GetFileName(path).StartsWith("valori.", StringComparison.Ordinal)) continue;
            string target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using FileStream source = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), file = File.Create(target);
            source.CopyTo(file);
        }
    }

    private static Dictionary<string, string> Files(string directory) => Directory.GetFiles(directory, "*", SearchOption.AllDirectories)
        .ToDictionary(path => path, path => Convert.ToHexString(File.ReadAllBytes(path)));

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        Finished finished = await ValoriVerb.RunAsync(arguments);
        // Beside an answer, how far it is: on a busy machine.
        return (finished.ExitCode, finished.ExitCode == 0 ? finished.Output : finished.Output + finished.Error);
    }
}
