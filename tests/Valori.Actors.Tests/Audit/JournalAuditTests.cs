using Valori.Actors.Audit;
using Valori.Actors.Entries;
using Valori.Actors.Rows;
using Valori.Actors.Sqlite;
using Valori.Kernel.Merkle;

namespace Valori.Actors.Tests.Audit;

/// <summary>Rows that are missing, moved, marked or cut off, and receipts that must be in the history.</summary>
public sealed class JournalAuditTests(WrittenHistory written) : IClassFixture<WrittenHistory>
{
    private int Last => written.Rows.Count;

    [Fact]
    public void An_untouched_history_is_proven_with_its_snapshots_and_counts()
    {
        AuditedCollection audited = written.Audit(written.Rows);
        Assert.Empty(audited.BadPlaces);
        Assert.Empty(audited.Notes);
        Assert.Equal(written.Places[^1], audited.Place);
        Assert.Equal((Last, 2), (audited.Events, audited.Snapshots));
        Assert.Equal(new AuditedCounts(new EngineSchema(3), 3, 4, 1, 1, 0, 0), audited.Counts);
    }

    [Fact]
    public void Missing_doubled_and_swapped_rows_are_found()
    {
        IsBad(5, "sequence number 4", written.Rows.Where(row => row.SequenceNr != 4));
        IsBad(2, "sequence number 1, or before it the row of the last dropped event", written.Rows.Skip(1));
        IsBad(4, "sequence number 5", written.Rows.Take(4).Append(written.Rows[3]).Concat(written.Rows.Skip(4)));
        IsBad(4, "", written.Rows.Select(row => row.SequenceNr switch
        {
            4 => row with { Payload = written.Rows[4].Payload },
            5 => row with { Payload = written.Rows[3].Payload },
            _ => row,
        }));
    }

    [Fact]
    public async Task A_row_of_another_collection_is_found()
    {
        using TemporaryDirectory directory = new();
        await using (ValoriEngine engine = await WrittenHistory.OpenAsync(directory.Path, dimension: 3)) await engine.InsertAsync(new float[] { 1, -2, 300 }, tag: 7);
        using SqliteJournalFile journal = SqliteJournalFile.Open(directory.Path);
        JournalRow same = journal.Rows(WrittenHistory.PersistenceId).ElementAt(1);
        // The same vector leads to the same state hash: another time, and so another chain value, tell it.
        IsBad(2, "history chain", Changed(2, row => row with { Payload = same.Payload }));
    }

    [Fact]
    public void Another_manifest_identifier_or_mark_is_found()
    {
        IsBad(3, "J in the column manifest", Changed(3, row => row with { Manifest = "S" }));
        IsBad(3, "86825 in the column identifier", Changed(3, row => row with { Identifier = 4711 }));
        IsBad(3, "a row that is not marked deleted", Changed(3, row => row with { IsDeleted = true }));
        // One that is marked in front is what dropping leaves; then a snapshot must be there.
        IsBad(2, "a snapshot of the state at 1 or later, because the events before were dropped", Changed(1, row => row with { IsDeleted = true }), []);
    }

    [Fact]
    public void An_end_that_was_cut_off_is_found_with_a_receipt_or_a_snapshot_and_otherwise_is_a_valid_older_history()
    {
        JournalRow[] cut = [.. written.Rows.SkipLast(1)];
        Assert.True(written.Audit(cut).IsGood);
        BadPlace missing = Assert.Single(written.Audit(cut, expected: written.Places[^1]).BadPlaces);
        Assert.Equal(Last, missing.SequenceNr);
        Assert.Contains($"a journal that ends at {Last - 1}: it was truncated", missing.Found);

        JournalRow[] behindSnapshot = [.. written.Rows.Take((int)written.Snapshots[^1].SequenceNr - 1)];
        BadPlace ahead = Assert.Single(written.Audit(behindSnapshot).BadPlaces);
        Assert.Equal((written.Snapshots[^1].Path, written.Snapshots[^1].SequenceNr), (ahead.File, ahead.SequenceNr));
        Assert.Contains($"a sequence number up to {behindSnapshot.Length}, where the journal ends", ahead.Expected);
    }

    [Fact]
    public void Every_receipt_is_found_and_each_of_its_values_counts()
    {
        foreach (HistoryPlace place in written.Places) Assert.True(written.Audit(written.Rows, expected: place).IsGood);
        HistoryPlace good = written.Places[4], other = written.Places[5];
        IsWrong(good with { UnixMicroseconds = good.UnixMicroseconds - 1 }, "time ");
        IsWrong(good with { StateHash = written.Places[0].StateHash }, "state hash ");
        IsWrong(good with { Chain = other.Chain }, "history chain ");
        IsWrong(good with { HistoryRoot = other.HistoryRoot }, "history root ");
        Assert.False(written.Audit(written.Rows, expected: good with { SequenceNr = 6 }).IsGood);
        Assert.False(written.Audit(written.Rows, expected: good with { SequenceNr = 0 }).IsGood);

        void IsWrong(HistoryPlace receipt, string expected)
        {
            BadPlace bad = Assert.Single(written.Audit(written.Rows, expected: receipt).BadPlaces);
            Assert.Equal(receipt.SequenceNr, bad.SequenceNr);
            Assert.StartsWith(expected, bad.Expected);
            Assert.EndsWith(", as in the receipt", bad.Expected);
        }
    }

    [Fact]
    public void A_snapshot_of_another_event_or_history_is_found()
    {
        SnapshotSource first = written.Snapshots[0], second = written.Snapshots[1];
        IsBadSnapshot($"sequence number {first.SequenceNr}, as in its name", second with { SequenceNr = first.SequenceNr });

        // The same events at other times are another history.
        List<JournalRow> rows = [];
        Digest chain = HistoryChain.Start;
        foreach (JournalRow row in written.Rows)
        {
            JournalEntry entry = JournalCodec.Decode(new JournalRecord(row.Payload));
            chain = HistoryChain.Extend(chain, row.SequenceNr, entry.UnixMicroseconds + 1, entry.StateHash);
            JournalEvent happened = entry.Event is RequestsKept ? new RequestsKept([]) : entry.Event;
            rows.Add(row with { Payload = JournalCodec.Encode(new JournalEntry(happened, entry.UnixMicroseconds + 1, entry.StateHash, chain)).Payload });
        }
        BadPlace[] found = [.. written.Audit(rows).BadPlaces];
        Assert.Equal(written.Snapshots.Select(snapshot => snapshot.Path), found.Select(bad => bad.File));
        Assert.All(found, bad => Assert.StartsWith("time ", bad.Expected));

        void IsBadSnapshot(string expected, SnapshotSource source)
        {
            BadPlace bad = Assert.Single(written.Audit(written.Rows, [source]).BadPlaces);
            Assert.Equal(source.Path, bad.File);
            Assert.StartsWith(expected, bad.Expected);
        }
    }

    private IEnumerable<JournalRow> Changed(long sequenceNr, Func<JournalRow, JournalRow> change) =>
        written.Rows.Select(row => row.SequenceNr == sequenceNr ? change(row) : row);

    private void IsBad(long sequenceNr, string expected, IEnumerable<JournalRow> rows, IReadOnlyList<SnapshotSource>? snapshots = null)
    {
        AuditedCollection audited = written.Audit(rows, snapshots);
        Assert.Equal(("journal", sequenceNr), (audited.BadPlaces[0].File, audited.BadPlaces[0].SequenceNr));
        Assert.StartsWith(expected, audited.BadPlaces[0].Expected);
        Assert.True((audited.Place?.SequenceNr ?? 0) <= sequenceNr);
    }
}
