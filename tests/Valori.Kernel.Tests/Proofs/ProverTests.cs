using System.Text;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Proofs;

/// <summary>What a kernel proves, the verifier accepts, and it is what the View says.</summary>
public sealed class ProverTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 100)]
    public void Everything_in_every_version_is_proven_as_it_was(int seed, int dimension)
    {
        RandomCommands commands = new(seed, dimension);
        ValoriKernel kernel = new(dimension);
        List<ulong> versions = [kernel.Mark()];
        for (int i = 0; i < 400; i++)
        {
            if (kernel.Decide(commands.Next()).TryGet(out Event? happened, out _)) kernel.Apply(happened);
            if (i % 40 == 0) versions.Add(kernel.Mark());
        }
        View latest = kernel.TakeView();
        foreach (ulong version in versions)
        {
            View view = latest.AsOf(version);
            for (ulong id = 0; id < view.RecordSlots; id++)
            {
                RecordContent? content = view.GetRecord(new RecordId(id)).Value;
                ProvenRecord proven = Assert.IsType<ProvenRecord>(Verified(view.Prove(new RecordId(id)).Value!, view.StateHash, $"seed {seed}, version {version}, record {id}"));
                Assert.Equal(new RecordId(id), proven.Id);
                AssertEqual(content, proven.Content);
            }
            for (ulong id = 0; id < view.NodeSlots; id++)
                Assert.Equal(new ProvenNode(new NodeId(id), view.GetNode(new NodeId(id)).Value), Verified(view.Prove(new NodeId(id)).Value!, view.StateHash, $"seed {seed}, version {version}, node {id}"));
            for (ulong id = 0; id < view.EdgeSlots; id++)
                Assert.Equal(new ProvenEdge(new EdgeId(id), view.GetEdge(new EdgeId(id)).Value), Verified(view.Prove(new EdgeId(id)).Value!, view.StateHash, $"seed {seed}, version {version}, edge {id}"));
            Assert.Equal($"record {view.RecordSlots} does not exist", view.Prove(new RecordId(view.RecordSlots)).Refusal!.Message);
            Assert.Equal($"node {view.NodeSlots} does not exist", view.Prove(new NodeId(view.NodeSlots)).Refusal!.Message);
            Assert.Equal($"edge {view.EdgeSlots} does not exist", view.Prove(new EdgeId(view.EdgeSlots)).Refusal!.Message);
        }
    }

    [Fact]
    public async Task Proofs_of_a_view_hold_while_the_writer_deletes_and_changes_records()
    {
        const int dimension = 4, records = 2_000, seed = 6;
        Random random = new(seed);
        ValoriKernel kernel = new(dimension);
        kernel.Apply(new InsertRecords(new RandomCommands(seed, dimension).Vectors(records), new ulong[records]));
        View view = kernel.TakeView();
        Task writer = Task.Run(() =>
        {
            for (ulong id = 0; id < records; id++)
            {
                kernel.Apply(new SetMetadata(new RecordId(id), new byte[] { (byte)id }));
                if (id % 3 == 0) kernel.Apply(new DeleteRecord(new RecordId(id)));
            }
        });
        Task[] provers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 300; i++)
            {
                RecordId id = new((ulong)Random.Shared.Next(records));
                ProvenRecord proven = (ProvenRecord)Verified(view.Prove(id).Value!, view.StateHash, $"record {id}");
                Assert.Null(proven.Content!.Metadata);
            }
        }))];
        await Task.WhenAll([writer, .. provers]);
        RecordId last = new((ulong)random.Next(records));
        Verified(kernel.TakeView().Prove(last).Value!, kernel.StateHash, $"record {last}");
    }

    [Fact]
    public void Every_history_proof_holds_and_for_no_other_places()
    {
        ValoriKernel kernel = new(2);
        History history = new();
        List<HistoryPlace> places = [];
        for (int i = 0; i < 70; i++)
        {
            kernel.Apply(new InsertRecords(Golden.Block(2, i, 0), new ulong[1]));
            history.Extend(1_000 + i / 3, kernel.StateHash, kernel.Mark());
            places.Add(new HistoryPlace(history.SequenceNr, history.UnixMicroseconds, kernel.StateHash, history.Chain, history.RootAt(history.SequenceNr)));
        }
        for (int to = 1; to <= 70; to++)
        {
            for (int from = 1; from <= to; from++)
            {
                HistoryProof proof = history.Prove(from, to);
                byte[] bytes = proof.ToBytes(), json = Encoding.UTF8.GetBytes(proof.ToJson());
                Assert.Null(ProofVerifier.VerifyHistory(bytes, places[from - 1], places[to - 1]));
                Assert.Null(ProofVerifier.VerifyHistory(json, places[from - 1], places[to - 1]));
                if (to > 1) Assert.NotNull(ProofVerifier.VerifyHistory(bytes, places[from - 1], places[to - 2]));
                Assert.NotNull(ProofVerifier.VerifyHistory(bytes, places[from - 1], places[to - 1] with { StateHash = Digest.Zero }));
            }
        }
    }

    [Fact]
    public void Digests_of_subtrees_are_given_as_of_the_view_and_only_where_they_are_complete()
    {
        ValoriKernel kernel = new(2);
        kernel.Apply(new InsertRecords(Golden.Block(2, [.. Enumerable.Range(0, 20).Select(i => (float)i)]), new ulong[10]));
        View before = kernel.TakeView();
        Digest[] digests = before.GetDigests(ContentKind.Record, [new TreePlace(0, 9), new TreePlace(1, 2), new TreePlace(3, 0)]).Value!;
        kernel.Apply(new DeleteRecord(new RecordId(4)));
        Assert.Equal(digests, before.GetDigests(ContentKind.Record, [new TreePlace(0, 9), new TreePlace(1, 2), new TreePlace(3, 0)]).Value!);
        Digest[] after = kernel.TakeView().GetDigests(ContentKind.Record, [new TreePlace(0, 9), new TreePlace(1, 2), new TreePlace(3, 0)]).Value!;
        Assert.Equal((digests[0], false, false), (after[0], digests[1] == after[1], digests[2] == after[2]));
        foreach (TreePlace wrong in new[] { new TreePlace(0, 10), new TreePlace(3, 1), new TreePlace(4, 0), new TreePlace(-1, 0), new TreePlace(64, 0), new TreePlace(63, ulong.MaxValue) })
            Assert.Equal(RefusalKind.InvalidArgument, before.GetDigests(ContentKind.Record, [wrong]).Refusal!.Kind);
        Assert.Equal(RefusalKind.InvalidArgument, before.GetDigests(ContentKind.Node, [new TreePlace(0, 0)]).Refusal!.Kind);
    }

    private static ProvenContent Verified(InclusionProof proof, Digest stateHash, string place)
    {
        Outcome<ProvenContent> outcome = ProofVerifier.VerifyInclusion(proof.ToBytes(), stateHash);
        Assert.True(outcome.Value is not null, $"{place}: {outcome.Refusal?.Message}");
        Assert.True(ProofVerifier.VerifyInclusion(Encoding.UTF8.GetBytes(proof.ToJson()), stateHash).Value is not null, $"{place}: as JSON");
        Assert.NotNull(ProofVerifier.VerifyInclusion(proof.ToBytes(), Digest.Zero).Refusal);
        return outcome.Value;
    }

    private static void AssertEqual(RecordContent? expected, RecordContent? proven)
    {
        Assert.Equal(expected is null, proven is null);
        if (expected is null || proven is null) return;
        Assert.Equal((expected.Id, expected.Tag), (proven.Id, proven.Tag));
        Assert.Equal(expected.Vector.ToArray(), proven.Vector.ToArray());
        Assert.Equal(expected.Metadata?.ToArray(), proven.Metadata?.ToArray());
    }
}
