using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>Receipts, past states, proofs and the timeline in the dialect; also behind a restart.</summary>
public sealed class ExecHistoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Receipts_past_states_proofs_and_the_timeline_agree_and_outlive_the_process()
    {
        List<PlaceText> places = [];
        string[] queries;
        string[] answers;
        await using (ValoriProcess process = Start())
        {
            foreach (string line in new[]
            {
                """{"op":"insert_batch","vectors":[[1,0],[0,1]],"tags":[7,7]}""",
                """{"op":"set_metadata","record_id":0,"metadata":"aGVsbG8="}""",
                """{"op":"create_node","kind":2,"record_id":0}""",
                """{"op":"create_edge","from_id":0,"to_id":0,"kind":1}""",
                """{"op":"insert","vector":[0.5,0],"tag":7}""",
                """{"op":"delete_edge","edge_id":0}""",
                """{"op":"delete_node","node_id":0}""",
                """{"op":"soft_delete","record_id":0}""",
            })
            {
                places.Add(Receipts.Of(await process.AnswerAsync(line)).Place);
                Assert.Equal(places[^1], PlaceText.Of(await AskAsync(process, """{"op":"status"}""")));
            }
            PlaceText past = places[3];
            queries = [.. new[] { $"{past.SequenceNr}", $"\"{past.SequenceNr}\"", $"\"{past.StateHash}\"", $"\"{past.Time}\"" }.SelectMany(QueriesAsOf)];
            answers = [.. await AskAllAsync(process, queries)];
            Assert.Equal(4, queries.Length / QueriesAsOf("").Length);
            for (int i = 0; i < answers.Length; i++) Assert.Equal(answers[i % QueriesAsOf("").Length], answers[i]);
        }

        await using ValoriProcess again = Start();
        Assert.Equal(answers, await AskAllAsync(again, queries));
        AssertContent(answers);
        await AssertProofsAsync(again, places);
        await AssertTimelineAsync(again, places);
        await AssertSearchReceiptAsync(again, places);
        await AssertRefusalsAsync(again, places[^1].SequenceNr);
        again.EndInput();
        // For the refusals among its lines.
        Assert.Equal(1, (await again.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Behind_a_snapshot_and_a_restart_what_is_earlier_is_an_error_that_names_the_reach()
    {
        PlaceText first, saved;
        await using (ValoriProcess process = Start())
        {
            first = Receipts.Of(await process.AnswerAsync("""{"op":"insert","vector":[1,0]}""")).Place;
            saved = Receipts.Of(await process.AnswerAsync("""{"op":"insert","vector":[0,1]}""")).Place;
            await process.AnswerAsync("""{"op":"save"}""");
            process.EndInput();
            await process.EndAsync();
        }
        await using ValoriProcess again = Start();
        Assert.Equal(saved, PlaceText.Of(await AskAsync(again, $$"""{"op":"status","as_of":{{saved.SequenceNr}}}""")));
        foreach (string asOf in new[] { $"{first.SequenceNr}", $"\"{first.StateHash}\"", $"\"{first.Time}\"" })
        {
            JsonElement gone = await AskAsync(again, $$"""{"op":"record_count","as_of":{{asOf}}}""");
            Assert.Contains($"is out of reach: this collection reaches back to event {saved.SequenceNr} of {saved.Time}", gone.GetProperty("error").GetString());
        }
        JsonElement proof = await AskAsync(again, $$"""{"op":"prove_history","from":{{first.SequenceNr}},"to":{{saved.SequenceNr}}}""");
        Assert.Null(ProofVerifier.VerifyHistory(Bytes(proof), first.ToPlace(), saved.ToPlace()));
    }

    /// <summary>Every kind of query, as of the state with records 0 and 1, node 0 and edge 0.</summary>
    private static string[] QueriesAsOf(string asOf) =>
    [
        $$"""{"op":"record_count","as_of":{{asOf}}}""",
        $$"""{"op":"get_state_hash","as_of":{{asOf}}}""",
        $$"""{"op":"status","as_of":{{asOf}}}""",
        $$"""{"op":"get_metadata","record_id":0,"as_of":{{asOf}}}""",
        $$"""{"op":"expand","node_id":0,"depth":1,"as_of":{{asOf}}}""",
        $$"""{"op":"search","vector":[1,0],"k":1,"as_of":{{asOf}}}""",
        $$"""{"op":"search","vector":[1,0],"k":1,"receipt":true,"as_of":{{asOf}}}""",
        $$"""{"op":"search_batch","vectors":[[1,0]],"k":1,"as_of":{{asOf}}}""",
        $$"""{"op":"prove_record","record_id":0,"as_of":{{asOf}}}""",
        $$"""{"op":"prove_node","node_id":0,"as_of":{{asOf}}}""",
        $$"""{"op":"prove_edge","edge_id":0,"as_of":{{asOf}}}""",
        $$"""{"op":"get_metadata","record_id":2,"as_of":{{asOf}}}""",
    ];

    private static void AssertContent(string[] answers)
    {
        const string hits = """{"hits":[{"id":0,"score":0,"distance":0}]""";
        Assert.Equal("""{"count":2}""", answers[0]);
        Assert.Equal(["""{"metadata":"aGVsbG8="}""", """{"nodes":[0]}""", $"{hits}}}"], answers[3..6]);
        Assert.StartsWith($"{hits},\"receipt\":{{\"sequence_nr\":5,\"state_hash\":\"", answers[6]);
        Assert.Equal($$"""{"results":[{{hits}}}]}""", answers[7]);
        Assert.Equal("""{"error":"record 2 does not exist"}""", answers[11]);
    }

    private static async Task AssertProofsAsync(ValoriProcess process, List<PlaceText> places)
    {
        foreach ((string fields, string asOf, string expected) in new[]
        {
            ("\"op\":\"prove_record\",\"record_id\":0", "", "ProvenRecord { Id = 0, Content =  }"),
            ("\"op\":\"prove_record\",\"record_id\":0", $",\"as_of\":{places[0].SequenceNr}", "ProvenRecord { Id = 0, Content = RecordContent"),
            ("\"op\":\"prove_node\",\"node_id\":0", "", "ProvenNode { Id = 0, Content =  }"),
            ("\"op\":\"prove_edge\",\"edge_id\":0", "", "ProvenEdge { Id = 0, Content =  }"),
            ("\"op\":\"prove_edge\",\"edge_id\":0", $",\"as_of\":{places[3].SequenceNr}", "ProvenEdge { Id = 0, Content = EdgeContent"),
        })
        {
            JsonElement answer = await AskAsync(process, $"{{{fields}{asOf}}}");
            Outcome<ProvenContent> proven = ProofVerifier.VerifyInclusion(Bytes(answer), PlaceText.Of(answer.GetProperty("place")).ToPlace().StateHash);
            Assert.True(proven.TryGet(out ProvenContent? content, out Refusal? refusal), $"{fields}: {refusal?.Message}");
            Assert.StartsWith(expected, content.ToString());
        }
        foreach (PlaceText from in places)
        {
            JsonElement answer = await AskAsync(process, $$"""{"op":"prove_history","from":{{from.SequenceNr}},"to":{{places[^1].SequenceNr}}}""");
            Assert.Null(ProofVerifier.VerifyHistory(Bytes(answer), from.ToPlace(), places[^1].ToPlace()));
        }
    }

    private static async Task AssertTimelineAsync(ValoriProcess process, List<PlaceText> places)
    {
        JsonElement page = await AskAsync(process, """{"op":"timeline","from":2,"count":1000}""");
        Assert.Equal(places[^1].SequenceNr, page.GetProperty("last_sequence_nr").GetInt64());
        Assert.Equal(
            places.Select(place => (place.SequenceNr, place.Time, place.StateHash, place.Chain)),
            page.GetProperty("events").EnumerateArray().Select(entry => (
                entry.GetProperty("sequence_nr").GetInt64(), entry.GetProperty("time").GetString()!,
                entry.GetProperty("state_hash").GetString()!, entry.GetProperty("chain").GetString()!)));
    }

    private static async Task AssertSearchReceiptAsync(ValoriProcess process, List<PlaceText> places)
    {
        JsonElement now = await AskAsync(process, """{"op":"search","vector":[1,0],"k":2,"filter_tag":7,"receipt":true}""");
        Receipts.Of(await process.AnswerAsync("""{"op":"insert","vector":[1,0],"tag":7}"""));
        string line = $$"""{"op":"search","vector":[1,0],"k":2,"filter_tag":7,"receipt":true,"as_of":"{{places[^1].StateHash}}"}""";
        Assert.Equal(now.GetRawText(), await process.AnswerAsync(line));
    }

    private static async Task AssertRefusalsAsync(ValoriProcess process, long lastBefore)
    {
        long next = lastBefore + 2;
        foreach ((string line, string error) in new[]
        {
            ($$"""{"op":"status","as_of":{{next}}}""", $"event {next} does not exist yet: the last event is {next - 1}"),
            ("""{"op":"status","as_of":0}""", "as_of is 0; a sequence number is at least 1"),
            ("""{"op":"status","as_of":-7}""", "as_of is -7; a sequence number is at least 1"),
            ("""{"op":"status","as_of":"soon"}""", "as_of is 'soon'"),
            ("""{"op":"status","as_of":[]}""", "field 'as_of' must be a sequence number, a state hash of 64 hex digits, or a time such as 2026-11-25T13:00:00Z or 2026-11-25T14:00:00+01:00, got []"),
            ("""{"op":"status","as_of":"9998-01-01"}""", "is in the future"),
            ("""{"op":"search","vector":[1,0],"k":1,"receipt":"yes"}""", "field 'receipt' must be true or false, got \"yes\""),
            ("""{"op":"prove_record"}""", "field 'record_id' is missing"),
            ("""{"op":"prove_record","record_id":9}""", "record 9 does not exist"),
            ("""{"op":"prove_node","node_id":9}""", "node 9 does not exist"),
            ("""{"op":"prove_edge","edge_id":9}""", "edge 9 does not exist"),
            ("""{"op":"prove_history","from":2}""", "field 'to' is missing"),
            ("""{"op":"prove_history","from":2,"to":1}""", $"to is 1; it must be in 2..{next - 1}"),
            ("""{"op":"timeline","from":1,"count":0}""", "count is 0; it must be in 1..1000"),
            ("""{"op":"timeline","from":1,"count":1001}""", "count is 1001; it must be in 1..1000"),
            ($$"""{"op":"timeline","from":{{next}},"count":1}""", $"from is {next}; it must be in 1..{next - 1}"),
        })
        {
            Assert.Contains(error, (await AskAsync(process, line)).GetProperty("error").GetString());
        }
    }

    private static byte[] Bytes(JsonElement answer) => JsonSerializer.SerializeToUtf8Bytes(answer.GetProperty("proof"));

    private static async Task<JsonElement> AskAsync(ValoriProcess process, string line) =>
        JsonSerializer.Deserialize<JsonElement>(await process.AnswerAsync(line));

    private static async Task<List<string>> AskAllAsync(ValoriProcess process, string[] lines)
    {
        List<string> answers = [];
        foreach (string line in lines) answers.Add(await process.AnswerAsync(line));
        return answers;
    }

    private ValoriProcess Start() => ValoriProcess.Start("exec", "--data", _directory.Path, "--dimension", "2");
}
