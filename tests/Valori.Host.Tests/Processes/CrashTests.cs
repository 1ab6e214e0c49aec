using System.Text.Json;
using Valori.Host.Tests.Support;
using Valori.Protocol;

namespace Valori.Host.Tests.Processes;

/// <summary>
/// <c>kill -9</c> again and again on one data directory, while one client sends commands of every kind without waiting for
/// answers. A line is read when the one before it was answered, so behind the answered ones a single command may have been
/// carried out or not, and nothing else: the state hash tells.
/// </summary>
[Trait("Category", "Slow")]
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Dimension = 8, MostAnswersBeforeTheKill = 200, LinesBeyondTheKill = 150;
    private static readonly int Rounds = CrashRounds.Count(12), Seed = CrashRounds.Seed;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_at_random_moments_of_mixed_load_nothing_acknowledged_is_lost()
    {
        int round = 0, there = 0;
        string Place() => $"seed {Seed}, round {round}";
        Random random = new(Seed);
        Ledger ledger = new(Dimension, Place);
        MixedCommands commands = new(Seed, Dimension, owner: 1);
        Command? unanswered = null;
        ReceiptText? acknowledged = null;
        int checkedFrom = 0;
        for (; round < Rounds; round++)
        {
            await using ValoriProcess process = StartExec();
            if (round % 6 == 5)
            {
                // Killed while it starts. The delay is the random moment; nothing is waited for.
                await process.HasLockedAsync(_directory.Path);
                await Task.Delay(random.Next(1000));
                process.Kill();
                await process.EndAsync();
                continue;
            }
            if (await SettleAsync(process, ledger, unanswered, Place())) there++;
            await AssertContentAsync(process, ledger, checkedFrom, Place());
            await AssertHistoryAsync(process, acknowledged, Place());

            checkedFrom = Math.Max(0, ledger.Model.Records.Count - 50);
            int killAfter = random.Next(1, MostAnswersBeforeTheKill);
            Command[] sent = [.. Plan(commands, ledger.Model).Take(killAfter + LinesBeyondTheKill)];
            Task sending = process.SendAsync(sent.Select(CommandText.Line));
            int answered = 0;
            while (await process.NextLineOrEndAsync() is { } answer)
            {
                string place = $"{Place()}, answer {answered} to {sent[answered]}";
                acknowledged = AssertAnswer(ledger.Add(sent[answered]), answer, ledger.StateHash, place) ?? acknowledged;
                if (++answered == killAfter) process.Kill();
            }
            await sending;
            Assert.True(answered >= killAfter, $"{Place()}: ended after {answered} answers: {process.Error}");
            unanswered = answered < sent.Length ? sent[answered] : null;
        }
        await AssertSurvivesWithoutSnapshotsAsync(ledger, unanswered, acknowledged, Place());
        output.WriteLine($"{Place()}: {ledger.CarriedOut} commands, {ledger.Model.Records.Count} records; {there} were there without an answer");
    }

    /// <summary>Finds out whether the command without an answer was carried out; the state hash must be that of one of the two.</summary>
    private static async Task<bool> SettleAsync(ValoriProcess process, Ledger ledger, Command? unanswered, string place)
    {
        string answer = await process.AnswerAsync("""{"op":"get_state_hash"}""");
        string found = JsonSerializer.Deserialize<JsonElement>(answer).GetProperty("state_hash").GetString()!;
        string without = ledger.StateHash;
        if (found == without) return false;
        if (unanswered is not null) ledger.Add(unanswered);
        Assert.True(found == ledger.StateHash,
            $"{place}: state hash {found} is neither {without}, of everything acknowledged, nor {ledger.StateHash}, with {unanswered} besides");
        return true;
    }

    /// <summary>Reads what one can read in the dialect: the count, and metadata and tombstones of the newest records.</summary>
    private static async Task AssertContentAsync(ValoriProcess process, Ledger ledger, int firstRecord, string place)
    {
        List<PlainRecord> records = ledger.Model.Records;
        Assert.Equal($$"""{"count":{{records.Count(record => !record.IsDeleted)}}}""", await process.AnswerAsync("""{"op":"record_count"}"""));
        Task sending = process.SendAsync(Enumerable.Range(firstRecord, records.Count - firstRecord).Select(id => $$"""{"op":"get_metadata","record_id":{{id}}}"""));
        for (int id = firstRecord; id < records.Count; id++)
        {
            JsonElement answer = JsonSerializer.Deserialize<JsonElement>(await process.NextLineAsync());
            bool isAsExpected = records[id].IsDeleted ? answer.TryGetProperty("error", out JsonElement error) && error.GetString() == $"record {id} was deleted"
                : records[id].Metadata is { } metadata ? answer.GetProperty("metadata").GetBytesFromBase64().AsSpan().SequenceEqual(metadata)
                : answer.GetProperty("metadata").ValueKind == JsonValueKind.Null;
            Assert.True(isAsExpected, $"{place}: record {id}: {answer}");
        }
        await sending;
    }

    /// <summary>The newest receipt from before the kill has to be proven by the history that there is now.</summary>
    private static async Task AssertHistoryAsync(ValoriProcess process, ReceiptText? acknowledged, string place)
    {
        if (acknowledged is null) return;
        JsonElement status = JsonSerializer.Deserialize<JsonElement>(await process.AnswerAsync("""{"op":"status"}"""));
        string line = $$"""{"op":"prove_history","from":{{acknowledged.Place.SequenceNr}},"to":{{status.GetProperty("sequence_nr")}}}""";
        Receipts.AssertExtends(acknowledged, status, JsonSerializer.Deserialize<JsonElement>(await process.AnswerAsync(line)), place);
    }

    /// <summary>The snapshots that were saved on the way only shorten a start: the journal has everything.</summary>
    private async Task AssertSurvivesWithoutSnapshotsAsync(Ledger ledger, Command? unanswered, ReceiptText? acknowledged, string place)
    {
        string snapshots = _directory.File("snapshots");
        Assert.NotEmpty(Directory.GetFiles(snapshots, "*.snapshot"));
        Directory.Delete(snapshots, recursive: true);
        await using ValoriProcess process = StartExec();
        await SettleAsync(process, ledger, unanswered, place);
        await AssertContentAsync(process, ledger, 0, place);
        await AssertHistoryAsync(process, acknowledged, place);
        Assert.Equal(ledger.StateHash, ledger.StateHashOfFreshKernel());
    }

    /// <summary>Commands on what will be there when they are carried out; some are refused, because a target was deleted.</summary>
    private static IEnumerable<Command> Plan(MixedCommands commands, PlainModel model)
    {
        const int newest = 100;
        ulong records = (ulong)model.Records.Count, nodes = (ulong)model.Nodes.Count, edges = (ulong)model.Edges.Count;
        Replace(commands.Records, Newest(model.Records.Count, newest));
        Replace(commands.Nodes, Newest(model.Nodes.Count, newest));
        Replace(commands.Edges, Newest(model.Edges.Count, newest));
        commands.KnowDocumentsOf(model);
        while (true)
        {
            Command command = commands.Next();
            if (command is InsertRecords insert)
                for (int row = 0; row < insert.Vectors.Count; row++) commands.Records.Add(records++);
            if (command is PutRecords put)
            {
                commands.Keys[put.Attributes[0].Key!.ToString()] = records;
                commands.Records.Add(records++);
            }
            if (command is Transact) commands.Records.Add(records++);
            if (command is PutDocument document)
            {
                if (commands.Documents.TryAdd(document.Key.ToString(), nodes)) commands.Nodes.Add(nodes++);
                for (int chunk = 0; chunk < document.Vectors.Count; chunk++)
                {
                    commands.Records.Add(records++);
                    commands.Nodes.Add(nodes++);
                    commands.Edges.Add(edges++);
                }
                if (document.NextChunk is not null)
                    for (int chunk = 1; chunk < document.Vectors.Count; chunk++) commands.Edges.Add(edges++);
            }
            if (command is DeleteDocument(var named)) commands.Documents.Remove(commands.Documents.First(one => one.Key == named.Key?.ToString() || one.Value == named.Id?.Value).Key);
            if (command is CreateNode or PutNode or Transact) commands.Nodes.Add(nodes++);
            if (command is CreateEdge or PutEdge or Transact) commands.Edges.Add(edges++);
            yield return command;
        }
    }

    private static IEnumerable<ulong> Newest(int count, int most) =>
        Enumerable.Range(Math.Max(0, count - most), Math.Min(count, most)).Select(id => (ulong)id);

    private static void Replace(List<ulong> list, IEnumerable<ulong> ids)
    {
        list.Clear();
        list.AddRange(ids);
    }

    /// <summary>Returns the receipt; null if the command was refused, or changes nothing.</summary>
    private static ReceiptText? AssertAnswer(string? expected, string answer, string stateHash, string place)
    {
        JsonElement json = JsonSerializer.Deserialize<JsonElement>(answer);
        (string rest, ReceiptText? receipt) = json.TryGetProperty("receipt", out _) ? Receipts.Split(answer) : (answer, null);
        bool isExpected = expected is null ? json.TryGetProperty("path", out _) : rest == expected;
        Assert.True(isExpected, $"{place}: expected {expected ?? "a path"}, got {answer}");
        bool changes = expected is not null && !json.TryGetProperty("error", out _);
        Assert.True(changes ? receipt?.Place.StateHash == stateHash : receipt is null, $"{place}: expected {(changes ? $"a receipt of {stateHash}" : "no receipt")}, got {answer}");
        return receipt;
    }

    private ValoriProcess StartExec() => ValoriProcess.Start("exec", "--data", _directory.Path, "--dimension", $"{Dimension}");
}
