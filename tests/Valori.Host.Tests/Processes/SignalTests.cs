using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>What asks a process to stop: what is on its way is finished and answered first.</summary>
[Trait("Category", "Slow")]
public sealed class SignalTests : IDisposable
{
    private const string Notes = "/v1/collections/notes";

    // The command-line library would end the process after two seconds.
    private static readonly TimeSpan LongerThanALibraryWaits = TimeSpan.FromSeconds(3);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("SIGTERM")]
    [InlineData("SIGTERM, then SIGTERM")]
    [InlineData("SIGHUP")]
    [InlineData("SIGINT")]
    [InlineData("SIGINT, then SIGTERM")]
    public async Task A_signal_amid_a_write_lets_the_service_answer_it_and_end_with_exit_code_0(string signals)
    {
        await using RunningService service = await RunningService.StartAsync(_directory.Path);
        await service.DoneAsync(HttpMethod.Put, Notes, """{"dimension":2}""");
        using RawConnection connection = new(service.Client.BaseAddress!);
        const string body = """{"vector":[1,2]}""";
        await connection.SendAsync($"POST {Notes}/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n");
        // The command is being read now.
        Assert.StartsWith("HTTP/1.1 100 ", await connection.ReadToAsync("\r\n\r\n"));
        await connection.SendAsync(body[..5]);

        string[] inOrder = signals.Split(", then ");
        Send(service.Process, inOrder[0]);
        await service.Process.LineWithAsync("stopping: requests in progress are finished first");
        foreach (string signal in inOrder[1..]) Send(service.Process, signal);
        Assert.False(await service.Process.EndsWithinAsync(LongerThanALibraryWaits), "it ended amid a write");
        await connection.SendAsync(body[5..]);
        string answer = await connection.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 ", answer);
        Finished finished = await service.Process.EndAsync();
        Assert.Equal((0, ""), (finished.ExitCode, finished.Error));
        Assert.EndsWith("stopped", finished.Lines[^1]);

        await using RunningService again = await RunningService.StartAsync(_directory.Path);
        Assert.Equal("""{"count":1}""", (await again.DoneAsync(HttpMethod.Get, $"{Notes}/count")).GetRawText());
    }

    [SkippableTheory]
    [InlineData("SIGTERM")]
    [InlineData("SIGHUP")]
    [InlineData("SIGINT")]
    public async Task A_signal_ends_exec_with_exit_code_1_after_the_line_that_it_carries_out(string signal)
    {
        await using ValoriProcess process = ValoriProcess.Start("exec", "--data", _directory.Path, "--dimension", "2");
        Assert.Equal("""{"id":0}""", Receipts.WithoutReceipt(await process.AnswerAsync("""{"op":"insert","vector":[1,2]}""")));
        // It waits for the next line, which nobody writes.
        Send(process, signal);
        Finished finished = await process.EndAsync();
        Assert.Equal((1, "valori: interrupted\n"), (finished.ExitCode, finished.Error));
        // Stopped in order: the log is folded back into the journal, and the directory is free.
        Assert.Equal(["journal.db", "valori.lock"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static void Send(ValoriProcess process, string signal)
    {
        if (signal == "SIGTERM") process.Terminate();
        else if (signal == "SIGHUP") process.HangUp();
        else process.Interrupt();
    }
}
