using System.Globalization;
using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>A disk that is full or read-only: a clear error, nothing acknowledged lost, and on it goes when there is space.</summary>
[Trait("Category", "Slow")]
public sealed class FullDiskTests
{
    private const int Dimension = 384;
    private const string Notes = "/v1/collections/notes";

    [SkippableFact]
    public async Task Exec_answers_a_failed_write_as_an_error_and_goes_on_when_there_is_space()
    {
        using Tmpfs disk = new(kibibytes: 3 * 1024);
        await using ValoriProcess process = ValoriProcess.Start("exec", "--data", disk.Path, "--dimension", $"{Dimension}");
        int inserted = 0;
        string answer;
        ReceiptText? acknowledged = null;
        while (!IsError(answer = await process.AnswerAsync(Insert(inserted))))
        {
            (string rest, acknowledged) = Receipts.Split(answer);
            Assert.Equal($$"""{"id":{{inserted++}}}""", rest);
        }
        Assert.Contains("writing to the journal failed", answer);
        Assert.Contains("full", answer);
        Assert.Contains("outcome is unknown", answer);
        Assert.Equal($$"""{"count":{{inserted}}}""", await process.AnswerAsync("""{"op":"record_count"}"""));

        disk.Resize(16 * 1024);
        Assert.Equal($$"""{"id":{{inserted++}}}""", Receipts.WithoutReceipt(await process.AnswerAsync(Insert(inserted))));
        string hash = await process.AnswerAsync("""{"op":"get_state_hash"}""");
        process.EndInput();
        // For the write that failed.
        Assert.Equal(1, (await process.EndAsync()).ExitCode);

        string lastEvent = $$"""{"op":"timeline","from":{{acknowledged!.Place.SequenceNr}},"count":1}""";
        Finished again = await ValoriProcess.RunWithInputAsync(
            $"{{\"op\":\"record_count\"}}\n{{\"op\":\"get_state_hash\"}}\n{lastEvent}\n", "exec", "--data", disk.Path);
        Assert.Equal([$$"""{"count":{{inserted}}}""", hash], again.Lines[..2]);
        JsonElement found = Assert.Single(JsonSerializer.Deserialize<JsonElement>(again.Lines[2]).GetProperty("events").EnumerateArray());
        Assert.Equal(
            (acknowledged.Place.SequenceNr, acknowledged.Place.StateHash, acknowledged.Place.Chain),
            (found.GetProperty("sequence_nr").GetInt64(), found.GetProperty("state_hash").GetString(), found.GetProperty("chain").GetString()));
    }

    [SkippableFact]
    public async Task Serve_answers_a_failed_write_with_503_keeps_reading_and_goes_on_when_there_is_space()
    {
        using Tmpfs disk = new(kibibytes: 3 * 1024);
        await using RunningService service = await RunningService.StartAsync(disk.Path);
        await service.DoneAsync(HttpMethod.Put, Notes, $$"""{"dimension":{{Dimension}}}""");
        int inserted = 0;
        HttpAnswer answer;
        while ((answer = await service.SendAsync(HttpMethod.Post, $"{Notes}/records", Vector(inserted))).Status == System.Net.HttpStatusCode.OK) inserted++;
        Assert.Equal((503, "outcome_unknown"), ((int)answer.Status, answer.Json.GetProperty("title").GetString()));
        Assert.Contains("full", answer.Detail);
        Assert.Equal($$"""{"count":{{inserted}}}""", (await service.DoneAsync(HttpMethod.Get, $"{Notes}/count")).GetRawText());

        disk.Resize(16 * 1024);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while ((int)(answer = await service.SendAsync(HttpMethod.Post, $"{Notes}/records", Vector(inserted))).Status == 503)
        {
            Assert.Equal("recovering", answer.Json.GetProperty("title").GetString());
            await Task.Delay(50, limit.Token);
        }
        Assert.Equal($$"""{"id":{{inserted}}}""", Receipts.WithoutReceipt(answer.Text));
        service.Process.Terminate();
        Assert.Equal(0, (await service.Process.EndAsync()).ExitCode);
        Finished again = await ValoriProcess.RunWithInputAsync("{\"op\":\"record_count\"}\n", "exec", "--data", disk.Path, "--collection", "notes");
        Assert.Equal($$"""{"count":{{inserted + 1}}}""", Assert.Single(again.Lines));
    }

    [SkippableFact]
    public async Task A_full_disk_is_told_before_a_write_fails_on_it()
    {
        using Tmpfs disk = new(kibibytes: 8 * 1024);
        await using RunningService service = await RunningService.StartAsync(disk.Path);
        await service.DoneAsync(HttpMethod.Put, Notes, $$"""{"dimension":{{Dimension}}}""");
        string ballast = disk.Fill(leaveKibibytes: 12);
        string reason = (await ReadinessAsync(service, System.Net.HttpStatusCode.ServiceUnavailable)).Json.GetProperty("reason").GetString()!;
        Assert.Contains($"the file system of {disk.Path} has ", reason);
        Assert.Contains(" bytes left: nothing can be written", reason);
        File.Delete(ballast);
        await ReadinessAsync(service, System.Net.HttpStatusCode.OK);
    }

    /// <summary>SQLite opens such a file for reading, and says so only when something is written.</summary>
    [SkippableFact]
    public async Task A_journal_that_may_not_be_written_is_told_before_a_write_fails_on_it()
    {
        using Tmpfs disk = new(kibibytes: 8 * 1024);
        await using (RunningService service = await RunningService.StartAsync(disk.Path))
        {
            await service.DoneAsync(HttpMethod.Put, Notes, $$"""{"dimension":{{Dimension}}}""");
            service.Process.Terminate();
            await service.Process.EndAsync();
        }
        disk.MakeReadOnly("journal.db");
        await using RunningService reading = await RunningService.StartUnreadyAsync(disk.Path);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        HttpAnswer answer;
        while (!(answer = await reading.SendAsync(HttpMethod.Get, "/health/ready")).Text.Contains("could only be opened for reading", StringComparison.Ordinal)) await Task.Delay(50, limit.Token);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Equal("""{"count":0}""", (await reading.DoneAsync(HttpMethod.Get, $"{Notes}/count")).GetRawText());
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, (await reading.SendAsync(HttpMethod.Post, $"{Notes}/records", Vector(0))).Status);
    }

    /// <summary>A look at the journal is good for a second.</summary>
    private static async Task<HttpAnswer> ReadinessAsync(RunningService service, System.Net.HttpStatusCode expected)
    {
        for (System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew(); ;)
        {
            HttpAnswer answer = await service.SendAsync(HttpMethod.Get, "/health/ready");
            if (answer.Status == expected) return answer;
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), answer.Text);
        }
    }

    [SkippableFact]
    public async Task A_snapshot_that_finds_no_space_is_an_error_without_a_trace_and_works_when_there_is()
    {
        using Tmpfs disk = new(kibibytes: 8 * 1024);
        await using ValoriProcess process = ValoriProcess.Start("exec", "--data", disk.Path, "--dimension", $"{Dimension}");
        for (int i = 0; i < 20; i++) await process.AnswerAsync(Insert(i));
        string hash = await process.AnswerAsync("""{"op":"get_state_hash"}""");
        string ballast = disk.Fill(leaveKibibytes: 12);
        string answer = await process.AnswerAsync("""{"op":"save"}""");
        Assert.Contains("the snapshot could not be written: No space left on device", answer);
        Assert.Contains("no data is lost, what no snapshot has is in the journal", answer);
        Assert.Empty(Directory.GetFiles(disk.Path, "*.snapshot*", SearchOption.AllDirectories));
        Assert.Equal("""{"count":20}""", await process.AnswerAsync("""{"op":"record_count"}"""));
        Assert.Equal(hash, await process.AnswerAsync("""{"op":"get_state_hash"}"""));

        File.Delete(ballast);
        string saved = JsonSerializer.Deserialize<JsonElement>(await process.AnswerAsync("""{"op":"save"}""")).GetProperty("path").GetString()!;
        Assert.True(new FileInfo(saved).Length > 20 * Dimension * sizeof(int));

        // The failed save did no harm that a crash would bring to light.
        process.Kill();
        await process.EndAsync();
        Finished again = await ValoriProcess.RunWithInputAsync("{\"op\":\"get_state_hash\"}\n", "exec", "--data", disk.Path);
        Assert.Equal([hash], again.Lines);
    }

    [SkippableFact]
    public async Task A_service_that_finds_no_space_for_a_snapshot_says_so_keeps_the_older_one_and_goes_on_writing()
    {
        using Tmpfs disk = new(kibibytes: 8 * 1024);
        await using RunningService service = await RunningService.StartAsync(disk.Path);
        await service.DoneAsync(HttpMethod.Put, Notes, $$"""{"dimension":{{Dimension}}}""");
        string vectors = string.Join(',', Enumerable.Range(0, 400).Select(i => Vector(i)["{\"vector\":".Length..^1]));
        await service.DoneAsync(HttpMethod.Post, $"{Notes}/records/batch", $$"""{"vectors":[{{vectors}}]}""");
        string older = await SaveAsync();
        await service.DoneAsync(HttpMethod.Post, $"{Notes}/records", Vector(400));

        // Room for a few writes, but not for a snapshot.
        string ballast = disk.Fill(leaveKibibytes: 150);
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{Notes}/save");
        Assert.True((int)answer.Status >= 500, answer.ToString());
        Assert.Contains("the snapshot could not be written: No space left on device", answer.Detail);
        Assert.Equal([older], Directory.GetFiles(Path.GetDirectoryName(older)!));
        Assert.Equal("""{"id":401}""", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Post, $"{Notes}/records", Vector(401))).GetRawText()));

        File.Delete(ballast);
        Assert.Equal([older, await SaveAsync()], Directory.GetFiles(Path.GetDirectoryName(older)!).Order(StringComparer.Ordinal));

        async Task<string> SaveAsync() => (await service.DoneAsync(HttpMethod.Post, $"{Notes}/save")).GetProperty("path").GetString()!;
    }

    [SkippableFact]
    public async Task A_restore_that_would_fill_the_disk_is_507_leaves_a_part_of_it_free_and_works_when_there_is_space()
    {
        using Tmpfs disk = new(kibibytes: 24 * 1024);
        await using RunningService service = await RunningService.StartAsync(disk.Path);
        await service.DoneAsync(HttpMethod.Put, Notes, $$"""{"dimension":{{Dimension}}}""");
        string vectors = string.Join(',', Enumerable.Range(0, 2_000).Select(i => Vector(i)["{\"vector\":".Length..^1]));
        await service.DoneAsync(HttpMethod.Post, $"{Notes}/records/batch", $$"""{"vectors":[{{vectors}}]}""");
        string path = (await service.DoneAsync(HttpMethod.Post, $"{Notes}/save")).GetProperty("path").GetString()!;
        byte[] snapshot = await File.ReadAllBytesAsync(path);
        Assert.InRange(snapshot.Length, 1_200_000, 4_000_000);

        // Room for the file, but not for the journal to take it in and go on.
        string ballast = disk.Fill(leaveKibibytes: snapshot.Length / 1024 + 1024);
        HttpAnswer refused = await RestoreAsync();
        Assert.Equal((507, "snapshot_failed"), ((int)refused.Status, refused.Json.GetProperty("title").GetString()));
        Assert.Contains("bytes free, of which 1258291 are reserved", refused.Detail);
        Assert.Contains("nothing was changed", refused.Detail);
        Assert.Equal("""{"id":2000}""", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Post, $"{Notes}/records", Vector(1))).GetRawText()));

        File.Delete(ballast);
        Assert.Equal(200, (int)(await RestoreAsync()).Status);
        Assert.Equal("""{"count":2000}""", (await service.DoneAsync(HttpMethod.Get, $"{Notes}/count")).GetRawText());

        async Task<HttpAnswer> RestoreAsync()
        {
            using ByteArrayContent content = ValoriService.Bytes(snapshot);
            using HttpResponseMessage response = await service.Client.PostAsync($"{Notes}/restore", content);
            return await HttpAnswer.OfAsync(response);
        }
    }

    [SkippableFact]
    public async Task An_import_into_a_full_disk_says_what_is_durable_and_resumes_when_there_is_space()
    {
        const int seed = 99;
        using TemporaryDirectory files = new();
        using Tmpfs disk = new(kibibytes: 2 * 1024);
        string file = TestVectors.Random(seed, 2000, Dimension).WriteFvecs(files.File("v.fvecs"));
        Finished full = await ValoriProcess.RunAsync("import", "--data", disk.Path, "--batch", "100", file);
        Assert.Equal(1, full.ExitCode);
        Assert.Contains("writing to the journal failed", full.Error);
        Assert.Contains("Correct the cause, then continue with --resume", full.Error);
        disk.Resize(16 * 1024);
        Finished resumed = await ValoriProcess.RunAsync("import", "--data", disk.Path, "--batch", "100", "--resume", file);
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Finished whole = await ValoriProcess.RunAsync("import", "--data", files.File("whole"), file);
        Assert.Equal(whole.Lines[^1], resumed.Lines[^1]);
    }

    [SkippableFact]
    public async Task A_read_only_directory_is_refused_with_its_name_by_what_writes()
    {
        using Tmpfs disk = new(kibibytes: 4 * 1024);
        Finished first = await ValoriProcess.RunWithInputAsync(Insert(0) + "\n", "exec", "--data", disk.Path, "--dimension", $"{Dimension}");
        Assert.Equal("""{"id":0}""", Receipts.WithoutReceipt(Assert.Single(first.Lines)));
        disk.MakeReadOnly();
        foreach (string[] verb in new[] { ["exec"], new[] { "serve", "--urls", "http://127.0.0.1:0" } })
        {
            Finished refused = await ValoriProcess.RunAsync([.. verb, "--data", disk.Path]);
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.StartsWith($"valori: {disk.Path} cannot be used as a data directory: Read-only file system", refused.Error);
            Assert.Single(refused.Error.TrimEnd('\n').Split('\n'));
        }
    }

    private static bool IsError(string answer) => JsonSerializer.Deserialize<JsonElement>(answer).TryGetProperty("error", out _);

    private static string Insert(int i) => $$"""{"op":"insert",{{Vector(i)[1..]}}""";

    private static string Vector(int i) =>
        $$"""{"vector":[{{string.Join(',', Enumerable.Range(0, Dimension).Select(j => ((i * 31 + j * 7) % 100 / 8f).ToString(CultureInfo.InvariantCulture)))}}]}""";
}
