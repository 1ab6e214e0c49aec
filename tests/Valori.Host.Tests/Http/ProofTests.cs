using System.Text;
using System.Text.Json;
using Valori.Host.Tests.Support;
using Valori.Kernel.Vectors;

namespace Valori.Host.Tests.Http;

/// <summary>Proofs as a client gets them: verified with nothing but the answer and the digests of a receipt.</summary>
public sealed class ProofTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Fact]
    public async Task A_proof_of_live_content_shows_the_content_and_leads_to_the_state_hash_beside_it()
    {
        string path = await SmallCollectionAsync();
        ProvenRecord plain = Assert.IsType<ProvenRecord>(await ProvenAsync($"{path}/records/0/proof"));
        Assert.Equal((new RecordId(0), 7ul, null), (plain.Content!.Id, plain.Content.Tag, plain.Content.Metadata));
        Assert.Equal([0.5f, -1f], plain.Content.Vector.ToArray().Select(FixedPoint.ToSingle));

        ProvenRecord described = Assert.IsType<ProvenRecord>(await ProvenAsync($"{path}/records/2/proof"));
        Assert.Equal("hello", Encoding.UTF8.GetString(described.Content!.Metadata!.Value.Span));

        Assert.Equal(new ProvenNode(new NodeId(0), new NodeContent(new NodeId(0), new NodeKind(2), null)), await ProvenAsync($"{path}/nodes/0/proof"));
        Assert.Equal(
            new ProvenNode(new NodeId(1), new NodeContent(new NodeId(1), new NodeKind(3), new RecordId(0))), await ProvenAsync($"{path}/nodes/1/proof"));
        Assert.Equal(
            new ProvenEdge(new EdgeId(0), new EdgeContent(new EdgeId(0), new NodeId(0), new NodeId(1), new EdgeKind(1))), await ProvenAsync($"{path}/edges/0/proof"));
    }

    [Fact]
    public async Task A_proof_of_deleted_content_shows_its_tombstone_and_as_of_before_the_deletion_the_content()
    {
        string path = await SmallCollectionAsync();
        Assert.Equal(new ProvenRecord(new RecordId(1), null), await ProvenAsync($"{path}/records/1/proof"));
        Assert.Equal(new ProvenNode(new NodeId(2), null), await ProvenAsync($"{path}/nodes/2/proof"));
        Assert.Equal(new ProvenEdge(new EdgeId(1), null), await ProvenAsync($"{path}/edges/1/proof"));
        Assert.Equal(new ProvenEdge(new EdgeId(2), null), await ProvenAsync($"{path}/edges/2/proof")); // with its node

        const int behindTheLastEdge = 9;
        ProvenRecord record = Assert.IsType<ProvenRecord>(await ProvenAsync($"{path}/records/1/proof?as_of={behindTheLastEdge}"));
        Assert.Equal([1f, 2f], record.Content!.Vector.ToArray().Select(FixedPoint.ToSingle));
        Assert.Equal(
            new ProvenEdge(new EdgeId(1), new EdgeContent(new EdgeId(1), new NodeId(1), new NodeId(0), new EdgeKind(2))),
            await ProvenAsync($"{path}/edges/1/proof?as_of={behindTheLastEdge}"));
    }

    [Fact]
    public async Task A_proof_of_one_state_is_refused_with_the_hash_of_another_and_so_is_a_changed_leaf()
    {
        string path = await SmallCollectionAsync();
        JsonElement answer = await service.DoneAsync(HttpMethod.Get, $"{path}/records/0/proof");
        Digest stateHash = PlaceText.Of(answer.GetProperty("place")).ToPlace().StateHash;
        byte[] proof = Bytes(answer);
        Assert.True(ProofVerifier.VerifyInclusion(proof, stateHash).TryGet(out _, out _));

        JsonElement later = await service.DoneAsync(HttpMethod.Put, $"{path}/records/2/metadata", """{"metadata":""}""");
        AssertInvalid(ProofVerifier.VerifyInclusion(proof, Receipts.Of(later.GetRawText()).Place.ToPlace().StateHash));

        byte[] leaf = answer.GetProperty("proof").GetProperty("leaf").GetBytesFromBase64();
        string before = Convert.ToBase64String(leaf);
        leaf[^2] ^= 1; // of a component
        string changed = Encoding.UTF8.GetString(proof).Replace(before, Convert.ToBase64String(leaf), StringComparison.Ordinal);
        AssertInvalid(ProofVerifier.VerifyInclusion(Encoding.UTF8.GetBytes(changed), stateHash));

        static void AssertInvalid(Outcome<ProvenContent> outcome) =>
            Assert.True(!outcome.TryGet(out _, out Refusal? refusal) && refusal.Kind == RefusalKind.InvalidProof);
    }

    [Fact]
    public async Task Every_two_receipts_are_proven_to_be_of_one_history_and_another_collection_s_are_not()
    {
        string path = await service.CreateCollectionAsync(), other = await service.CreateCollectionAsync();
        List<HistoryPlace> places = [PlaceText.Of(await service.DoneAsync(HttpMethod.Get, path)).ToPlace()];
        List<HistoryPlace> others = [PlaceText.Of(await service.DoneAsync(HttpMethod.Get, other)).ToPlace()];
        for (int i = 0; i < 6; i++)
        {
            string body = $$"""{"vector":[{{i}},1]}""";
            places.Add(Receipts.Of((await service.DoneAsync(HttpMethod.Post, $"{path}/records", body)).GetRawText()).Place.ToPlace());
            others.Add(Receipts.Of((await service.DoneAsync(HttpMethod.Post, $"{other}/records", body)).GetRawText()).Place.ToPlace());
        }
        for (int to = 1; to <= places.Count; to++)
        {
            for (int from = 1; from <= to; from++)
            {
                byte[] proof = Bytes(await service.DoneAsync(HttpMethod.Get, $"{path}/history/proof?from={from}&to={to}"));
                Assert.True(ProofVerifier.VerifyHistory(proof, places[from - 1], places[to - 1]) is null, $"{from} to {to}");
                Assert.Equal(RefusalKind.InvalidProof, ProofVerifier.VerifyHistory(proof, others[from - 1], places[to - 1])?.Kind);
                Assert.Equal(RefusalKind.InvalidProof, ProofVerifier.VerifyHistory(proof, places[from - 1], others[to - 1])?.Kind);
            }
        }
    }

    [Fact]
    public async Task A_restart_from_a_snapshot_keeps_proving_what_was_before_it()
    {
        ValoriService own = await ValoriService.StartAsync();
        try
        {
            string path = await own.CreateCollectionAsync();
            PlaceText early = Receipts.Of((await own.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""")).GetRawText()).Place;
            for (int i = 0; i < 5; i++) await own.DoneAsync(HttpMethod.Put, $"{path}/records/0/metadata", $$"""{"metadata":"{{Convert.ToBase64String([(byte)i])}}"}""");
            await own.DoneAsync(HttpMethod.Post, $"{path}/save");
            PlaceText late = Receipts.Of((await own.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[3,4]}""")).GetRawText()).Place;
            string proof = (await own.GetAsync($"{path}/history/proof?from={early.SequenceNr}&to={late.SequenceNr}")).Text;

            await own.RestartAsync(() => { });
            await own.ReadinessAsync();
            Assert.Equal(410, (int)(await own.GetAsync($"{path}?as_of={early.SequenceNr}")).Status);
            Assert.Equal(proof, (await own.GetAsync($"{path}/history/proof?from={early.SequenceNr}&to={late.SequenceNr}")).Text);
            Assert.Null(ProofVerifier.VerifyHistory(Bytes(JsonSerializer.Deserialize<JsonElement>(proof)), early.ToPlace(), late.ToPlace()));
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    /// <summary>Verifies a proof against the state hash beside it, which must be that of the state that was asked for.</summary>
    private async Task<ProvenContent> ProvenAsync(string path)
    {
        JsonElement answer = await service.DoneAsync(HttpMethod.Get, path);
        PlaceText place = PlaceText.Of(answer.GetProperty("place"));
        string collection = string.Join('/', path.Split('/')[..4]), query = path.Contains('?') ? path[path.IndexOf('?')..] : "";
        Assert.Equal(PlaceText.Of(await service.DoneAsync(HttpMethod.Get, collection + query)), place);
        return ProofVerifier.VerifyInclusion(Bytes(answer), place.ToPlace().StateHash).TryGet(out ProvenContent? content, out Refusal? refusal)
            ? content
            : throw new InvalidOperationException($"{path}: {refusal.Message}: {answer}");
    }

    /// <summary>The proof as it stands in the answer.</summary>
    private static byte[] Bytes(JsonElement answer) => Encoding.UTF8.GetBytes(answer.GetProperty("proof").GetRawText());

    /// <summary>Records 0, 1 (deleted), 2 with metadata; nodes 0, 1, 2 (deleted); edges 0, 1 (deleted), 2 (deleted with node 2).</summary>
    private async Task<string> SmallCollectionAsync()
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", """{"vectors":[[0.5,-1],[1,2],[3,4]],"tags":[7,8,9]}""");
        await service.DoneAsync(HttpMethod.Put, $"{path}/records/2/metadata", """{"metadata":"aGVsbG8="}""");
        await service.DoneAsync(HttpMethod.Post, $"{path}/nodes", """{"kind":2}""");
        await service.DoneAsync(HttpMethod.Post, $"{path}/nodes", """{"kind":3,"record_id":0}""");
        await service.DoneAsync(HttpMethod.Post, $"{path}/nodes", """{"kind":3}""");
        await service.DoneAsync(HttpMethod.Post, $"{path}/edges", """{"from_id":0,"to_id":1,"kind":1}""");
        await service.DoneAsync(HttpMethod.Post, $"{path}/edges", """{"from_id":1,"to_id":0,"kind":2}""");
        await service.DoneAsync(HttpMethod.Post, $"{path}/edges", """{"from_id":1,"to_id":2,"kind":2}""");
        await service.DoneAsync(HttpMethod.Delete, $"{path}/edges/1");
        await service.DoneAsync(HttpMethod.Delete, $"{path}/nodes/2");
        await service.DoneAsync(HttpMethod.Delete, $"{path}/records/1");
        return path;
    }
}
