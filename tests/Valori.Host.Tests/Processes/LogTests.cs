using System.Text.Json;
using System.Text.RegularExpressions;
using Valori.Host.Commands;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori log</c>: an event a line, in pages, as text and as JSON.</summary>
[Trait("Category", "Slow")]
public sealed partial class LogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Data => _directory.File("data");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Each_event_is_a_line_with_what_happened_and_its_request()
    {
        JsonElement[] answers = await ExecScript.RunAsync(
            Data,
            """{"op":"insert","vector":[1,2],"request_id":"first-one"}""",
            """{"op":"insert_batch","vectors":[[1,2],[3,4],[5,6]]}""",
            """{"op":"insert_batch","vectors":[]}""",
            """{"op":"set_metadata","record_id":2,"metadata":"AA=="}""",
            """{"op":"soft_delete","record_id":1}""",
            """{"op":"create_node","kind":1,"record_id":0}""",
            """{"op":"create_edge","from_id":0,"to_id":0,"kind":2}""",
            """{"op":"delete_edge","edge_id":0}""",
            """{"op":"delete_node","node_id":0}""",
            """{"op":"save"}""");
        await ExecScript.RunAsync(Data, $$"""{"op":"restore","path":{{answers[^1].GetProperty("path").GetRawText()}}}""");

        Finished log = await LogAsync();
        Assert.Equal((0, ""), (log.ExitCode, log.Error));
        Assert.All(log.Lines, line => Assert.Matches(Line(), line));
        Assert.Equal(
            [
                " 1 collection created",
                " 2 record 0 inserted  request first-one",
                " 3 records 1..3 inserted",
                " 4 no records inserted",
                " 5 metadata of record 2 set",
                " 6 record 1 deleted",
                " 7 node 0 created",
                " 8 edge 0 created",
                " 9 edge 0 deleted",
                "10 node 0 deleted",
                "11 remembered requests written down",
                "12 part of a restore",
                "13 restored from a snapshot",
            ],
            log.Lines.Select(line => $"{line[..2]} {line[51..]}"));
        JsonElement second = answers[1].GetProperty("receipt");
        Assert.StartsWith($" 3  {second.GetProperty("time")}  {second.GetProperty("state_hash").GetString()![..16]}  records", log.Lines[2]);

        Assert.Equal(log.Lines[4..6].Select(line => line.Trim()), (await LogAsync("--from", "5", "--count", "2")).Lines.Select(line => line.Trim()));
        Assert.Equal(log.Lines[^2..], (await LogAsync("--last", "2")).Lines);
        Assert.Equal(log.Lines, (await LogAsync("--last", "1000")).Lines);

        JsonElement json = JsonSerializer.Deserialize<JsonElement>(Assert.Single((await LogAsync("--from", "3", "--count", "1", "--json")).Lines));
        Assert.Equal(second.GetProperty("chain").GetString(), json.GetProperty("chain").GetString());
        Assert.Equal("""[{"kind":"records_inserted","first_id":1,"count":3,"request_id":null}]""", json.GetProperty("changes").GetRawText());
    }

    [Fact]
    public async Task What_is_removed_replaced_and_done_in_a_transaction_is_told_as_that()
    {
        await ExecScript.RunAsync(
            Data,
            """{"op":"insert","vector":[1,2],"key":"a"}""",
            """{"op":"upsert","vector":[1,2],"key":"a"}""",
            """{"op":"set_expiry","record_id":1,"expires_at":"2100-01-01"}""",
            """{"op":"remove_expiry","record_id":1}""",
            """{"op":"set_fields","record_id":1,"fields":{"user":"ada"}}""",
            """{"op":"set_fields","record_id":1,"fields":{"user":"bob"},"replace":true}""",
            """{"op":"remove_fields","record_id":1,"names":["user"]}""",
            """{"op":"create_node","kind":1,"fields":{"name":"tea"}}""",
            """{"op":"remove_node_fields","node_id":0,"names":["name"]}""",
            """{"op":"create_edge","from_id":0,"to_id":0,"kind":2,"valid_from":"2026-01-01"}""",
            """{"op":"set_edge_valid_time","edge_id":0,"clear":["valid_from"]}""",
            """{"op":"remove_fields_where","filter":"id = 1","names":["user"]}""",
            """{"op":"transact","commands":[{"op":"insert","vector":[1,2]},{"op":"create_node","kind":1},{"op":"create_node","kind":1,"fields":{"name":"tea"}},{"op":"remove_expiry","record_id":1}]}""");
        Assert.Equal(
            [
                "record 0 inserted",
                "record 1 upserted",
                "expiry of record 1 set",
                "expiry of record 1 removed",
                "fields of record 1 set",
                "fields of record 1 replaced",
                "fields of record 1 removed",
                "node 0 created",
                "fields of node 0 removed",
                "edge 0 created",
                "valid time of edge 0 cleared",
                "fields of record 1 removed by a filter",
                "transaction of 4 commands: 1 record inserted, 2 nodes created, expiry removed 1 time",
            ],
            (await LogAsync("--from", "2")).Lines.Select(line => line[51..]));
    }

    [Fact]
    public async Task More_than_a_page_is_told_in_order()
    {
        const int events = 1_234;
        await ExecScript.RunAsync(Data, [.. Enumerable.Range(0, events - 1).Select(i => ExecScript.Insert(i % 10, 1))]);
        Assert.Equal(100, (await LogAsync()).Lines.Length);
        Finished all = await LogAsync("--count", "100000", "--json");
        Assert.Equal(Enumerable.Range(1, events), all.Lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("sequence_nr").GetInt32()));
    }

    [Fact]
    public async Task What_is_wrong_is_told()
    {
        Finished mixed = await ValoriVerb.RunAsync("log", "--data", Data, "--last", "2", "--from", "3");
        Assert.Equal((2, "valori: --last replaces --from and --count: use one or the others\nTry 'valori log --help'.\n"), (mixed.ExitCode, mixed.Error));
        Finished zero = await ValoriVerb.RunAsync("log", "--data", Data, "--from", "0");
        Assert.Equal(2, zero.ExitCode);
        Assert.StartsWith("valori: --from is '0'; it must be a whole number from 1 to", zero.Error);
        await ExecScript.RunAsync(Data, ExecScript.Insert(1, 2));
        Finished beyond = await LogAsync("--from", "7");
        Assert.Equal((1, ""), (beyond.ExitCode, beyond.Output));
        Assert.StartsWith("valori: ", beyond.Error);
    }

    private Task<Finished> LogAsync(params string[] more) => ValoriVerb.RunAsync(["log", "--data", Data, .. more]);

    [GeneratedRegex("^ ?[0-9]+  2[0-9-]{9}T[0-9:]{8}\\.[0-9]{6}Z  [0-9a-f]{16}  [a-z].*$")]
    private static partial Regex Line();

    [Fact]
    public void A_line_says_who_asked_for_what_it_tells()
    {
        TimelineChange inserted = new(TimelineKind.RecordsInserted, 0, 1, null) { Author = "ada" }, deleted = new(TimelineKind.RecordDeleted, 0, 1, "r-1") { Author = "bob" };
        Assert.EndsWith("  by ada", LogLine.Of(new TimelineEntry(2, 0, Digest.Zero, Digest.Zero, [inserted]), 2));
        Assert.EndsWith("  by ada, bob  request r-1", LogLine.Of(new TimelineEntry(2, 0, Digest.Zero, Digest.Zero, [inserted, deleted, inserted]), 2));
        Assert.DoesNotContain("  by ", LogLine.Of(new TimelineEntry(2, 0, Digest.Zero, Digest.Zero, [inserted with { Author = null }]), 2));
    }
}
