using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Queries;

/// <summary>Receipts, proofs and the timeline of an engine: what a user keeps, and what an auditor checks.</summary>
public abstract class HistoryProofTests(Backend backend) : IDisposable
{
    public void Dispose() => backend.Dispose();

    [SkippableFact]
    public async Task Records_nodes_and_edges_are_proven_against_a_receipt_live_and_deleted()
    {
        await using ValoriEngine engine = await backend.OpenAsync(dimension: 2);
        RecordId record = await engine.InsertAsync(new float[] { 1, 1 }, 7);
        NodeId node = await engine.CreateNodeAsync(NodeKind.Chunk, record);
        Created<EdgeId> edge = await engine.CreateEdgeAsync(node, node, EdgeKind.RefersTo);
        Receipt kept = edge.Receipt;
        AsOf then = AsOf.SequenceNr(kept.SequenceNr);
        ContentProof live = await engine.ProveRecordAsync(record);
        Assert.Equal(kept.Place, live.Place);

        Receipt deleted = await engine.DeleteNodeAsync(node);
        deleted = await engine.SoftDeleteAsync(record);
        Assert.Equal(7UL, ((ProvenRecord)Verified(live, kept)).Content!.Tag);
        Assert.Equal(live.Proof.ToBytes(), (await engine.ProveRecordAsync(record, then)).Proof.ToBytes());
        Assert.Equal(record, ((ProvenNode)Verified(await engine.ProveNodeAsync(node, then), kept)).Content!.Record);
        Assert.Equal(node, ((ProvenEdge)Verified(await engine.ProveEdgeAsync(edge.Id, then), kept)).Content!.To);
        Assert.Equal(new ProvenRecord(record, null), Verified(await engine.ProveRecordAsync(record), deleted));
        Assert.Equal(new ProvenNode(node, null), Verified(await engine.ProveNodeAsync(node), deleted));
        Assert.Equal(new ProvenEdge(edge.Id, null), Verified(await engine.ProveEdgeAsync(edge.Id), deleted));
        Assert.Equal("record 1 does not exist", (await Assert.ThrowsAsync<RefusedException>(() => engine.ProveRecordAsync(new RecordId(1)))).Message);
        Assert.NotNull(ProofVerifier.VerifyInclusion(live.Proof.ToBytes(), deleted.StateHash).Refusal);
    }

    [SkippableFact]
    public async Task The_history_is_proven_to_extend_every_receipt_also_behind_the_snapshot_that_it_was_recovered_from()
    {
        List<Receipt> receipts = [];
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2))
        {
            for (int i = 0; i < 9; i++)
            {
                receipts.Add((await engine.InsertAsync(new float[] { i, i })).Receipt);
                if (i == 4) await engine.SaveAsync();
            }
            await AssertExtendsAsync(engine, receipts);
        }
        await using ValoriEngine again = await backend.OpenAsync();
        receipts.Add((await again.InsertAsync(new float[] { 10, 10 })).Receipt);
        Assert.Equal(receipts[^1].Place, (await again.StatusAsync()).Place);
        // The engine's memory begins at event 6; for what is earlier the journal is read.
        await AssertExtendsAsync(again, receipts);
        Assert.Equal("from is 0; it must be in 1..11, the last being the newest event", (await Assert.ThrowsAsync<RefusedException>(() => again.ProveHistoryAsync(0, 3))).Message);
        Assert.Equal("to is 12; it must be in 3..11, the last being the newest event", (await Assert.ThrowsAsync<RefusedException>(() => again.ProveHistoryAsync(3, 12))).Message);
    }

    [SkippableFact]
    public async Task A_history_whose_events_were_dropped_is_proven_from_the_snapshot_on_and_refused_before()
    {
        const string drop = "valori.journal-retention = snapshots";
        List<Receipt> receipts = [];
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2, drop))
        {
            for (int i = 0; i < 3; i++)
            {
                receipts.Add((await engine.InsertAsync(new float[] { i, i })).Receipt);
                await engine.SaveAsync();
            }
            receipts.Add((await engine.InsertAsync(new float[] { 4, 4 })).Receipt);
        }
        await using ValoriEngine again = await backend.OpenAsync(more: drop);
        receipts.Add((await again.InsertAsync(new float[] { 5, 5 })).Receipt);
        await AssertExtendsAsync(again, receipts[^2..]);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => again.ProveHistoryAsync(1, receipts[^1].SequenceNr));
        Assert.Equal(RefusalKind.OutOfReach, refused.Refusal.Kind);
        Assert.Contains("were dropped from the journal (valori.journal-retention)", refused.Message);
        Assert.Equal(RefusalKind.OutOfReach, (await Assert.ThrowsAsync<RefusedException>(() => again.TimelineAsync(1, 1))).Refusal.Kind);
        Assert.Equal(receipts[^1].Chain, (await again.TimelineAsync(receipts[^1].SequenceNr, 1)).Entries.Single().Chain);
    }

    [SkippableFact]
    public async Task The_timeline_tells_every_event_in_pages()
    {
        await using ValoriEngine engine = await backend.OpenAsync(dimension: 2);
        List<Receipt> receipts = [];
        receipts.Add((await engine.InsertBatchAsync([new float[] { 1, 1 }, new float[] { 2, 2 }])).Receipt);
        receipts.Add(await engine.WithRequestId("a-1").SetMetadataAsync(new RecordId(1), new byte[1]));
        receipts.Add((await engine.CreateNodeAsync(NodeKind.Chunk, new RecordId(1))).Receipt);
        receipts.Add((await engine.CreateEdgeAsync(new NodeId(0), new NodeId(0), EdgeKind.RefersTo)).Receipt);
        receipts.Add(await engine.DeleteEdgeAsync(new EdgeId(0)));
        receipts.Add(await engine.DeleteNodeAsync(new NodeId(0)));
        receipts.Add(await engine.SoftDeleteAsync(new RecordId(0)));

        Timeline all = await engine.TimelineAsync(1, 1_000);
        Assert.Equal(8, all.LastSequenceNr);
        Assert.Equal(
            [
                new TimelineChange(TimelineKind.EngineCreated, null, 0, null), new TimelineChange(TimelineKind.RecordsInserted, 0, 2, null),
                new TimelineChange(TimelineKind.MetadataSet, 1, 1, "a-1"), new TimelineChange(TimelineKind.NodeCreated, 0, 1, null),
                new TimelineChange(TimelineKind.EdgeCreated, 0, 1, null), new TimelineChange(TimelineKind.EdgeDeleted, 0, 1, null),
                new TimelineChange(TimelineKind.NodeDeleted, 0, 1, null), new TimelineChange(TimelineKind.RecordDeleted, 0, 1, null),
            ],
            all.Entries.Select(entry => entry.Changes.Single()));
        Assert.Equal(
            receipts.Select(receipt => (receipt.SequenceNr, receipt.UnixMicroseconds, receipt.StateHash, receipt.Chain)),
            all.Entries.Skip(1).Select(entry => (entry.SequenceNr, entry.UnixMicroseconds, entry.StateHash, entry.Chain)));
        Assert.Equal([3L, 4L, 5L], (await engine.TimelineAsync(3, 3)).Entries.Select(entry => entry.SequenceNr));
        Assert.Equal([8L], (await engine.TimelineAsync(8, 3)).Entries.Select(entry => entry.SequenceNr));
        foreach ((long from, int count) in new[] { (0L, 1), (9L, 1), (1L, 0), (1L, 1_001) })
            Assert.Equal(RefusalKind.InvalidArgument, (await Assert.ThrowsAsync<RefusedException>(() => engine.TimelineAsync(from, count))).Refusal.Kind);
    }

    [SkippableFact]
    public async Task An_event_that_was_changed_under_the_running_engine_is_found_by_the_timeline()
    {
        await using ValoriEngine engine = await backend.OpenAsync(dimension: 2);
        for (int i = 0; i < 3; i++) await engine.InsertAsync(new float[] { i, i });
        byte[] message = (byte[])backend.Scalar("SELECT message FROM journal WHERE sequence_number = 3")!;
        message[50] ^= 1; // in the chain value
        backend.Execute("UPDATE journal SET message = @message WHERE sequence_number = 3", ("@message", message));
        Assert.Equal(2, (await engine.TimelineAsync(1, 2)).Entries.Count);
        EngineException found = await Assert.ThrowsAsync<EngineException>(() => engine.TimelineAsync(1, 10));
        Assert.Contains("valori-default at 3", found.Message);
    }

    private static async Task AssertExtendsAsync(ValoriEngine engine, List<Receipt> receipts)
    {
        foreach (Receipt later in receipts)
        {
            foreach (Receipt earlier in receipts.Where(receipt => receipt.SequenceNr <= later.SequenceNr))
            {
                HistoryProof proof = await engine.ProveHistoryAsync(earlier.SequenceNr, later.SequenceNr);
                Assert.Null(ProofVerifier.VerifyHistory(proof.ToBytes(), earlier.Place, later.Place));
            }
        }
    }

    private static ProvenContent Verified(ContentProof proof, Receipt receipt)
    {
        Outcome<ProvenContent> outcome = ProofVerifier.VerifyInclusion(proof.Proof.ToBytes(), receipt.StateHash);
        Assert.True(outcome.Value is not null, outcome.Refusal?.Message);
        return outcome.Value;
    }
}

public sealed class HistoryProofOnSqliteTests() : HistoryProofTests(new SqliteBackend());

public sealed class HistoryProofOnPostgreSqlTests() : HistoryProofTests(new PostgreSqlBackend());

public sealed class HistoryProofOnPostgreSqlAloneTests() : HistoryProofTests(new PostgreSqlSnapshotsBackend());
