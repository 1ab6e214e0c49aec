using System.Text.Json;
using System.Text.Json.Nodes;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori check</c>: proofs that <c>exec</c> gave, good and tampered, checked without any directory.</summary>
public sealed class CheckTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private JsonElement[] _receipts = [], _proofs = [];

    private string Proof => _directory.File("proof.json");

    public async Task InitializeAsync()
    {
        JsonElement[] answers = await ExecScript.RunAsync(
            _directory.File("data"), "default", 5,
            """{"op":"insert","vector":[1,2,0.5,-3,4],"tag":7,"key":"note-1","fields":{"user":"ada"},"expires_at":"2100-01-01"}""",
            """{"op":"set_metadata","record_id":0,"metadata":"AAEC"}""",
            ExecScript.Insert(0, 0, 0, 0, 0),
            """{"op":"create_node","kind":9,"record_id":0,"fields":{"title":"tea"}}""",
            """{"op":"create_edge","from_id":0,"to_id":0,"kind":4,"valid_to":"2026-01-01"}""",
            """{"op":"soft_delete","record_id":1}""",
            """{"op":"prove_record","record_id":0}""",
            """{"op":"prove_record","record_id":1}""",
            """{"op":"prove_node","node_id":0}""",
            """{"op":"prove_edge","edge_id":0}""",
            """{"op":"prove_history","from":2,"to":7}""");
        (_receipts, _proofs) = (answers[..6], answers[6..]);
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_record_a_tombstone_a_node_and_an_edge_are_proven_with_what_they_hold()
    {
        string hash = _receipts[^1].GetProperty("receipt").GetProperty("state_hash").GetString()!;
        foreach ((int proof, string[] expected) in new (int, string[])[]
        {
            (0, [$"proven: record 0 exists in the state {hash}", "  key 'note-1'", "  tag 7", "  vector of 5 components: 1, 2, 0.5, -3, ...",
                "  fields {\"user\":\"ada\"}", "  metadata of 3 bytes", "  expires at 2100-01-01T00:00:00.000000Z"]),
            (1, [$"proven: record 1 is deleted in the state {hash}"]),
            (2, [$"proven: node 0 exists in the state {hash}", "  kind 9", "  of record 0", "  fields {\"title\":\"tea\"}"]),
            (3, [$"proven: edge 0 exists in the state {hash}", "  kind 4", "  from node 0 to node 0", "  valid to 2026-01-01T00:00:00.000000Z"]),
        })
        {
            Finished checkedProof = await CheckAsync(_proofs[proof], "--receipt", _receipts[^1].GetRawText());
            Assert.Equal((0, ""), (checkedProof.ExitCode, checkedProof.Error));
            Assert.Equal(expected, checkedProof.Lines);
            // The proof alone, without the answer around it, is as good.
            Assert.Equal(0, (await CheckAsync(_proofs[proof].GetProperty("proof"), "--receipt", _receipts[^1].GetRawText())).ExitCode);
        }
        JsonElement json = JsonSerializer.Deserialize<JsonElement>((await CheckAsync(_proofs[0], "--receipt", _receipts[^1].GetRawText(), "--json")).Output);
        Assert.Equal((true, "record", 0, false), (json.GetProperty("is_proven").GetBoolean(), json.GetProperty("kind").GetString(), json.GetProperty("id").GetInt32(), json.GetProperty("is_deleted").GetBoolean()));
        Assert.Equal("AAEC", json.GetProperty("content").GetProperty("metadata").GetString());
    }

    [Fact]
    public async Task A_history_is_proven_between_two_receipts()
    {
        string earlier = _directory.File("earlier.json");
        await File.WriteAllTextAsync(earlier, _receipts[0].GetRawText());
        Finished good = await CheckAsync(_proofs[4], "--receipt", _receipts[5].GetRawText(), "--earlier", earlier);
        Assert.Equal((0, ""), (good.ExitCode, good.Error));
        Assert.StartsWith("proven: the history up to event 7 extends that up to event 2", good.Output);

        Finished other = await CheckAsync(_proofs[4], "--receipt", _receipts[4].GetRawText(), "--earlier", earlier);
        Assert.Equal((1, ""), (other.ExitCode, other.Error));
        Assert.StartsWith("not proven: ", other.Output);
        Assert.Equal(1, (await CheckAsync(Changed(_proofs[4], proof => proof["previous_chain_from"] = new string('0', 63) + "1"), "--receipt", _receipts[5].GetRawText(), "--earlier", earlier)).ExitCode);
    }

    [Fact]
    public async Task A_proof_of_the_other_kind_says_which_option_is_missing_or_too_much()
    {
        string earlier = _receipts[0].GetRawText(), later = _receipts[5].GetRawText();
        foreach (JsonElement history in new[] { _proofs[4], _proofs[4].GetProperty("proof") })
        {
            Finished finished = await CheckAsync(history, "--receipt", later);
            Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
            Assert.Equal("valori: --proof is a history proof, which lies between two receipts: add --earlier with the receipt that it starts from\n", finished.Error);
        }
        Finished inclusion = await CheckAsync(_proofs[0], "--receipt", later, "--earlier", earlier);
        Assert.Equal((1, "valori: --proof is an inclusion proof, which leads to one receipt: leave out --earlier\n"), (inclusion.ExitCode, inclusion.Error));
        // The binary forms begin with a magic.
        await File.WriteAllTextAsync(Proof, "VALORIHP");
        Assert.Contains("add --earlier", (await ValoriVerb.RunAsync("check", "--proof", Proof, "--receipt", later)).Error);
        await File.WriteAllTextAsync(Proof, "VALORIIP");
        Assert.Contains("leave out --earlier", (await ValoriVerb.RunAsync("check", "--proof", Proof, "--receipt", later, "--earlier", earlier)).Error);
    }

    [Fact]
    public async Task A_tampered_proof_and_another_receipt_prove_nothing()
    {
        byte[] leaf = _proofs[0].GetProperty("proof").GetProperty("leaf").GetBytesFromBase64();
        leaf[^1] ^= 1;
        await FailsAsync(Changed(_proofs[0], proof => proof["leaf"] = Convert.ToBase64String(leaf)), _receipts[^1]);
        await FailsAsync(Changed(_proofs[0], proof => proof["kind"] = "node"), _receipts[^1]);
        await FailsAsync(Changed(_proofs[0], proof => proof["more"] = 1), _receipts[^1]);
        await FailsAsync(_proofs[0], _receipts[^2]);

        Finished json = await CheckAsync(_proofs[0], "--receipt", _receipts[0].GetRawText(), "--json");
        Assert.Equal(1, json.ExitCode);
        Assert.False(JsonSerializer.Deserialize<JsonElement>(json.Output).GetProperty("is_proven").GetBoolean());
    }

    [Fact]
    public async Task What_is_no_proof_or_no_receipt_is_told()
    {
        await File.WriteAllBytesAsync(Proof, [1, 2, 3]);
        Finished noProof = await ValoriVerb.RunAsync("check", "--proof", Proof, "--receipt", _receipts[0].GetRawText());
        Assert.Equal((1, ""), (noProof.ExitCode, noProof.Error));
        Assert.StartsWith("not proven: ", noProof.Output);

        Finished noReceipt = await CheckAsync(_proofs[0], "--receipt", "{}");
        Assert.Equal((1, "valori: --receipt is not a receipt: field 'state_hash' is missing\n"), (noReceipt.ExitCode, noReceipt.Error));
        Finished noFile = await ValoriVerb.RunAsync("check", "--proof", _directory.File("none"), "--receipt", "{}");
        Assert.Equal(1, noFile.ExitCode);
        Assert.Contains(_directory.File("none"), noFile.Error);
    }

    private async Task FailsAsync(JsonElement proof, JsonElement receipt)
    {
        Finished finished = await CheckAsync(proof, "--receipt", receipt.GetRawText());
        Assert.Equal((1, ""), (finished.ExitCode, finished.Error));
        Assert.StartsWith("not proven: ", finished.Output);
    }

    private async Task<Finished> CheckAsync(JsonElement proof, params string[] more)
    {
        await File.WriteAllTextAsync(Proof, proof.GetRawText());
        return await ValoriVerb.RunAsync(["check", "--proof", Proof, .. more]);
    }

    private static JsonElement Changed(JsonElement answer, Action<JsonObject> change)
    {
        JsonObject proof = JsonNode.Parse(answer.GetProperty("proof").GetRawText())!.AsObject();
        change(proof);
        return JsonSerializer.SerializeToElement(new { proof });
    }
}
