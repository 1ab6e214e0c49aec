using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>Real vectors through the command line: recall, proof after restart, crash, snapshot and another way in.</summary>
[Trait("Category", "Slow")]
public sealed class SiftsmallTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public async Task Imported_restarted_crashed_restored_or_inserted_one_by_one_it_is_the_same_state_with_recall_1()
    {
        Finished imported = await DoneAsync("import", "--data", _directory.File("whole"), Siftsmall.Base);
        Assert.StartsWith("imported 10,000 vectors of 128 components in ", imported.Lines[1]);
        string hash = imported.Lines[2]["state hash ".Length..];

        Finished found = await DoneAsync("search", "--data", _directory.File("whole"), "--queries", Siftsmall.Queries, "--k", "100", "--truth", Siftsmall.Truth, "--base", Siftsmall.Base);
        Assert.StartsWith("recall@100 1.000000 (10,000 of 10,000", found.Lines[0]);

        Finished again = await DoneAsync("info", "--data", _directory.File("whole"), "--json");
        Assert.Equal(hash, JsonSerializer.Deserialize<JsonElement>(again.Lines[0]).GetProperty("state_hash").GetString());

        await AssertCrashAndResumeAsync(hash);
        await AssertSnapshotAndRestoreAsync(hash);
    }

    [SkippableFact]
    public async Task Inserted_through_exec_one_by_one_it_is_the_state_that_an_import_leaves()
    {
        Finished imported = await DoneAsync("import", "--data", _directory.File("import"), Siftsmall.Base);
        StringBuilder commands = new();
        byte[] file = await File.ReadAllBytesAsync(Siftsmall.Base);
        const int dimension = 128, rowBytes = sizeof(int) + dimension * sizeof(float);
        for (int row = 0; row < file.Length; row += rowBytes)
        {
            IEnumerable<string> components = Enumerable.Range(0, dimension).Select(i =>
                BinaryPrimitives.ReadSingleLittleEndian(file.AsSpan(row + sizeof(int) * (i + 1))).ToString("R", CultureInfo.InvariantCulture));
            commands.Append("{\"op\":\"insert\",\"vector\":[").AppendJoin(',', components).Append("]}\n");
        }
        commands.Append("{\"op\":\"get_state_hash\"}\n");

        Finished executed = await ValoriProcess.RunWithInputAsync(commands.ToString(), "exec", "--data", _directory.File("exec"), "--dimension", "128");
        Assert.Equal((0, 10_001), (executed.ExitCode, executed.Lines.Length));
        for (int i = 0; i < 10_000; i++) Assert.Equal($$"""{"id":{{i}}}""", Receipts.WithoutReceipt(executed.Lines[i]));
        Assert.Equal(imported.Lines[2], "state hash " + Receipts.Of(executed.Lines[9_999]).Place.StateHash);
        Assert.Equal(imported.Lines[2], "state hash " + JsonSerializer.Deserialize<JsonElement>(executed.Lines[^1]).GetProperty("state_hash").GetString());
    }

    private async Task AssertCrashAndResumeAsync(string hash)
    {
        await using (ValoriProcess import = ValoriProcess.Start("import", "--data", _directory.File("crashed"), "--batch", "10", Siftsmall.Base))
        {
            string log = _directory.File("crashed/journal.db-wal");
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
            while (!File.Exists(log) || new FileInfo(log).Length < 1 << 20) await Task.Delay(5, limit.Token);
            import.Kill();
            Assert.DoesNotContain("imported", (await import.EndAsync()).Output);
        }
        Finished resumed = await DoneAsync("import", "--data", _directory.File("crashed"), "--resume", Siftsmall.Base);
        Assert.Matches("resuming after [1-9][0-9,]* rows", resumed.Error);
        Assert.Equal($"state hash {hash}", resumed.Lines[1]);
    }

    private async Task AssertSnapshotAndRestoreAsync(string hash)
    {
        Finished saved = await ValoriProcess.RunWithInputAsync("{\"op\":\"save\"}\n", "exec", "--data", _directory.File("whole"));
        string path = JsonSerializer.Deserialize<JsonElement>(Assert.Single(saved.Lines)).GetProperty("path").GetString()!;
        Finished restored = await ValoriProcess.RunWithInputAsync(
            $$"""
            {"op":"restore","path":{{JsonSerializer.Serialize(path)}}}
            {"op":"get_state_hash"}

            """, "exec", "--data", _directory.File("restored"), "--dimension", "128");
        (string rest, ReceiptText receipt) = Receipts.Split(restored.Lines[0]);
        Assert.Equal(("{}", hash), (rest, receipt.Place.StateHash));
        Assert.Equal($$"""{"state_hash":"{{hash}}"}""", Assert.Single(restored.Lines[1..]));
        Finished again = await DoneAsync("info", "--data", _directory.File("restored"));
        Assert.Contains($"state hash       {hash}", again.Lines);
    }

    private static async Task<Finished> DoneAsync(params string[] arguments)
    {
        Finished finished = await ValoriProcess.RunAsync(arguments);
        Assert.True(finished.ExitCode == 0, finished.ToString());
        return finished;
    }
}
