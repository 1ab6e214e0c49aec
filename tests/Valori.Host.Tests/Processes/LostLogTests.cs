using System.Diagnostics;
using System.Net;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>A write-ahead log that was deleted after a crash: what it held was acknowledged, so no verb and no start does without it.</summary>
[Trait("Category", "Slow")]
public sealed class LostLogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_start_and_verify_refuse_what_is_left_and_say_how_to_accept_it()
    {
        string data = _directory.File("data"), mark = Path.Combine(data, "ends", "valori-default.end");
        await using (ValoriProcess process = ValoriProcess.Start("exec", "--data", data, "--dimension", "2"))
        {
            for (int i = 0; i < 3; i++) Assert.Contains("receipt", await process.AnswerAsync($$"""{"op":"insert","vector":[{{i}},1]}"""));
            // Writes the mark at once, and a snapshot, which somebody may have deleted as well.
            Assert.Contains("path", await process.AnswerAsync("""{"op":"save"}"""));
            process.Kill();
            await process.EndAsync();
        }
        File.Delete(Path.Combine(data, "journal.db-wal"));
        File.Delete(Path.Combine(data, "journal.db-shm"));
        Directory.Delete(Path.Combine(data, "snapshots"), recursive: true);

        Finished info = await ValoriVerb.RunAsync("info", "--data", data);
        Assert.Equal((1, ""), (info.ExitCode, info.Output));
        Assert.Contains("expected events up to 4, which were durable at 20", info.Error);
        Assert.Contains($"If that is on purpose, move {mark} away", info.Error);
        Finished verify = await ValoriVerb.RunAsync("verify", "--data", data);
        Assert.Equal(1, verify.ExitCode);
        Assert.Contains(mark, verify.Output + verify.Error);
        Finished exec = await ValoriVerb.RunWithInputAsync("""{"op":"record_count"}""", "exec", "--data", data);
        Assert.Equal(1, exec.ExitCode);

        File.Delete(mark);
        Finished accepted = await ValoriVerb.RunWithInputAsync("""{"op":"record_count"}""", "exec", "--data", data, "--dimension", "2");
        Assert.Contains("\"count\":0", accepted.Output);
    }

    /// <summary>A crash may come before the mark is written; then nothing else may happen for long.</summary>
    [Fact]
    public async Task A_start_brings_the_mark_up_to_what_it_recovered()
    {
        string data = _directory.File("data"), mark = Path.Combine(data, "ends", "valori-default.end");
        await using (ValoriProcess process = ValoriProcess.Start("exec", "--data", data, "--dimension", "2"))
        {
            Assert.Contains("receipt", await process.AnswerAsync("{\"op\":\"insert\",\"vector\":[1,1]}"));
            process.Kill();
            await process.EndAsync();
        }
        // A slow machine may have written one.
        if (File.Exists(mark)) File.Delete(mark);
        await using ValoriProcess next = ValoriProcess.Start("exec", "--data", data);
        Assert.Contains("\"count\":1", await next.AnswerAsync("{\"op\":\"record_count\"}"));
        for (Stopwatch waited = Stopwatch.StartNew(); !File.Exists(mark) && waited.Elapsed < TimeSpan.FromSeconds(60);) await Task.Delay(50);
        Assert.Contains("\nsequence_nr 2\n", await File.ReadAllTextAsync(mark));
        next.Kill();
        await next.EndAsync();
    }

    /// <summary>As in a directory from before there were marks: a collection that only snapshots tell of is refused, and not forgotten.</summary>
    [Fact]
    public async Task A_service_is_not_ready_when_its_journal_lacks_a_collection_that_has_a_snapshot()
    {
        string data = _directory.File("data");
        Finished saved = await ValoriVerb.RunWithInputAsync("{\"op\":\"save\"}", "exec", "--data", data, "--dimension", "2");
        Assert.Equal(0, saved.ExitCode);
        foreach (string journal in Directory.GetFiles(data, "journal.db*")) File.Delete(journal);
        Directory.Delete(Path.Combine(data, "ends"), recursive: true);
        await using ValoriProcess process = ValoriProcess.Start("serve", "--data", data, "--urls", "http://127.0.0.1:0");
        string serving = await process.LineWithAsync("serving ");
        await process.LineWithAsync("refuses to serve a state that it cannot prove: journal of valori-default at 1: expected the event that ");
        using HttpClient client = new() { BaseAddress = new Uri(serving[serving.IndexOf("http://", StringComparison.Ordinal)..]) };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready")).StatusCode);
        process.Terminate();
        await process.EndAsync();
    }
}
