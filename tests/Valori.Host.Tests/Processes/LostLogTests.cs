using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>A write-ahead log that was deleted after a crash: what it held was acknowledged, so no verb and no start does without it.</summary>
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

        Finished info = await ValoriProcess.RunAsync("info", "--data", data);
        Assert.Equal((1, ""), (info.ExitCode, info.Output));
        Assert.Contains("expected events up to 4, which were durable at 20", info.Error);
        Assert.Contains($"If that is on purpose, move {mark} away", info.Error);
        Finished verify = await ValoriProcess.RunAsync("verify", "--data", data);
        Assert.Equal(1, verify.ExitCode);
        Assert.Contains(mark, verify.Output + verify.Error);
        Finished exec = await ValoriProcess.RunWithInputAsync("""{"op":"record_count"}""", "exec", "--data", data);
        Assert.Equal(1, exec.ExitCode);

        File.Delete(mark);
        Finished accepted = await ValoriProcess.RunWithInputAsync("""{"op":"record_count"}""", "exec", "--data", data, "--dimension", "2");
        Assert.Contains("\"count\":0", accepted.Output);
    }
}
