using Valori.Actors.Rows;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori drop</c>, and <c>drop_collection</c> in <c>exec</c>.</summary>
[Trait("Category", "Slow")]
public sealed class DropVerbTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Data => _directory.File("data");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task It_asks_first_and_drops_nothing_without_a_yes()
    {
        await WriteAsync();
        foreach (string answer in new[] { "no\n", "\n", "", "default\n" })
        {
            Finished refused = await ValoriVerb.RunWithInputAsync(answer, "drop", "--data", Data, "--collection", "default");
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.Contains($"Drop the collection 'default' of {Data}, with all of its events and snapshots? This cannot be undone. [yes/no] ", refused.Error);
            Assert.EndsWith("valori: nothing was dropped; answer 'yes', or use --yes\n", refused.Error);
        }
        Assert.Equal(0, (await ValoriVerb.RunAsync("info", "--data", Data)).ExitCode);
        Finished dropped = await ValoriVerb.RunWithInputAsync("yes\n", "drop", "--data", Data, "--collection", "default");
        Assert.True(dropped.ExitCode == 0 && dropped.Output == "dropped default\n", dropped.ToString());
        Finished again = await ValoriVerb.RunAsync("drop", "--data", Data, "--collection", "default", "--yes");
        Assert.Equal((1, $"valori: {Data} has no collection 'default': its collections are other\n"), (again.ExitCode, again.Error));
        Finished verified = await ValoriVerb.RunAsync("verify", "--data", Data);
        Assert.True(verified.ExitCode == 0 && verified.Lines[^1] == "verified: other", verified.ToString());
    }

    [Fact]
    public async Task It_has_no_default_collection_and_needs_a_directory_that_nobody_uses()
    {
        await WriteAsync();
        Finished unnamed = await ValoriVerb.RunAsync("drop", "--data", Data, "--yes");
        Assert.Equal((2, true), (unnamed.ExitCode, unnamed.Error.Contains("Option '--collection' is required", StringComparison.Ordinal)));
        Finished misspelt = await ValoriVerb.RunAsync("drop", "--data", Data, "--colection", "default", "--yes");
        Assert.Equal((2, true), (misspelt.ExitCode, misspelt.Error.Contains("did you mean '--collection'?", StringComparison.Ordinal)));
        string missing = _directory.File("missing");
        Finished nowhere = await ValoriVerb.RunAsync("drop", "--data", missing, "--collection", "default", "--yes");
        Assert.Equal((1, $"valori: the directory {missing} does not exist\n"), (nowhere.ExitCode, nowhere.Error));
        Assert.False(Directory.Exists(missing));
        await using ValoriEngine open = await ValoriEngine.OpenAsync(Data);
        Finished inUse = await ValoriVerb.RunAsync("drop", "--data", Data, "--collection", "default", "--yes");
        Assert.Equal((1, true), (inUse.ExitCode, inUse.Error.Contains($"is in use by process {Environment.ProcessId}", StringComparison.Ordinal)));
        Assert.Equal(2UL, await open.RecordCountAsync());
    }

    [Fact]
    public async Task In_exec_its_own_collection_can_be_dropped_and_created_again()
    {
        await WriteAsync();
        Finished finished = await ValoriVerb.RunWithInputAsync("""
            {"op":"drop_collection","nam":"default"}
            {"op":"drop_collection","name":"defualt"}
            {"op":"drop_collection","name":"other"}
            {"op":"list_collections"}
            {"op":"drop_collection","name":"default"}
            {"op":"record_count"}
            {"op":"create_collection","name":"default","dimension":3}
            {"op":"insert","vector":[1,2,3]}
            {"op":"record_count"}
            """, "exec", "--data", Data);
        Assert.Equal(9, finished.Lines.Length);
        Assert.Contains("field 'nam'", finished.Lines[0]);
        Assert.Equal("""{"error":"collection \u0027defualt\u0027 does not exist"}""".Replace("\\u0027", "'", StringComparison.Ordinal), finished.Lines[1].Replace("\\u0027", "'", StringComparison.Ordinal));
        Assert.Equal(["""{"dropped":"other"}""", """{"collections":["default"]}""", """{"dropped":"default"}"""], finished.Lines[2..5]);
        Assert.Contains("does not exist", finished.Lines[5]);
        Assert.StartsWith("""{"id":0,""", finished.Lines[7]);
        Assert.Equal("""{"count":1}""", finished.Lines[8]);
        Assert.Equal(1, finished.ExitCode);
    }

    [SkippableFact]
    public async Task On_a_medium_that_cannot_be_written_a_drop_in_progress_is_a_collection_that_is_not_there()
    {
        await WriteAsync();
        JournalRows.Run(Data, $"""
            DELETE FROM journal WHERE persistence_id = 'valori-default' AND sequence_number < 3;
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier)
            VALUES (1, 0, 'valori.drops', {DropIntent.SequenceNrOf("valori-default")}, CAST('valori-default' AS BLOB), '', 'D', 86825)
            """);
        using Tmpfs medium = new(kibibytes: 16_384);
        string copy = Path.Combine(medium.Path, "data");
        foreach (string path in Directory.GetFiles(Data, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(Data, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
        medium.MakeReadOnly();
        foreach (string verb in new[] { "info", "log" })
        {
            Finished missing = await ValoriVerb.RunAsync(verb, "--data", copy);
            Assert.Equal((1, $"valori: {copy} has no collection 'default': its collections are other\n"), (missing.ExitCode, missing.Error));
        }
        Finished verified = await ValoriVerb.RunAsync("verify", "--data", copy);
        Assert.True(verified.ExitCode == 0, verified.ToString());
        Assert.Equal(["note             the collection 'default' is being dropped: what is left of it was not examined", "verified: other"], verified.Lines[^2..]);
        Finished refused = await ValoriVerb.RunAsync("drop", "--data", copy, "--collection", "other", "--yes");
        Assert.Equal((1, true), (refused.ExitCode, refused.Error.Contains("cannot be used as a data directory", StringComparison.Ordinal)));
        Assert.Equal(0, (await ValoriVerb.RunAsync("info", "--data", copy, "--collection", "other")).ExitCode);
    }

    private async Task WriteAsync()
    {
        foreach (string name in new[] { "default", "other" })
        {
            await using ValoriEngine engine = await ValoriEngine.OpenAsync(Data, new ValoriOptions { Name = name, Dimension = 2 });
            await engine.InsertAsync(new float[] { 1, 2 });
            await engine.InsertAsync(new float[] { 3, 4 });
            await engine.SaveAsync();
        }
    }
}
