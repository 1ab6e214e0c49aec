using System.Collections.Concurrent;
using Valori.Actors.Audit;
using Valori.Actors.Entries;
using Valori.Actors.Rows;
using Valori.Actors.Sqlite;
using Valori.Protocol;
using Xunit.Abstractions;

namespace Valori.Actors.Tests.Audit;

/// <summary>One flipped bit at every byte of what is on disk is found, and its place is named.</summary>
[Trait("Category", "Slow")]
public sealed class FlippedBitTests(WrittenHistory written, ITestOutputHelper output) : IClassFixture<WrittenHistory>
{
    private const int Seed = 20_261_125;

    [Fact]
    public void The_journal_has_every_kind_of_event()
    {
        JournalEntry[] entries = [.. written.Rows.Select(row => JournalCodec.Decode(new JournalRecord(row.Payload)))];
        Change[] changes = [.. entries.Select(entry => entry.Event).OfType<KernelChanged>().SelectMany(changed => changed.Changes)];
        Assert.Equal(
            [nameof(EngineCreated), nameof(KernelChanged), nameof(RequestsKept), nameof(Restored), nameof(SnapshotChunk)],
            entries.Select(entry => entry.Event.GetType().Name).Distinct().Order());
        Assert.Equal(
            [nameof(EdgeCreated), nameof(EdgeDeleted), nameof(MetadataSet), nameof(NodeCreated), nameof(NodeDeleted), nameof(RecordDeleted), nameof(RecordsInserted)],
            changes.Select(change => change.Happened.GetType().Name).Distinct().Order());
        Assert.Contains(entries, entry => entry.Event is KernelChanged { Changes.Count: > 1 });
        Assert.Equal(2, written.Snapshots.Count);
    }

    [Fact]
    public void At_every_byte_of_every_event()
    {
        output.WriteLine($"seed {Seed}");
        AuditedCollection untouched = written.Audit(written.Rows);
        Assert.True(untouched.IsGood, string.Join('\n', untouched.BadPlaces));
        ConcurrentBag<string> unnamed = [];
        Parallel.ForEach(written.Rows, row =>
        {
            Random random = new(Seed + (int)row.SequenceNr);
            for (int position = 0; position < row.Payload.Length; position++)
            {
                BadPlace[] found = [.. written.Audit(With(row, Flip(row.Payload, position, random.Next(8))), []).BadPlaces];
                if (!found.Any(bad => Names(bad, row.SequenceNr))) unnamed.Add($"event {row.SequenceNr}, byte {position}: {string.Join("; ", found.AsEnumerable())}");
            }
        });
        Assert.Empty(unnamed);
        output.WriteLine($"{written.Rows.Sum(row => row.Payload.Length)} flips in {written.Rows.Count} events");
    }

    [Fact]
    public void At_every_byte_of_a_snapshot()
    {
        output.WriteLine($"seed {Seed}");
        SnapshotSource snapshot = written.Snapshots[^1];
        using MemoryStream original = (MemoryStream)snapshot.Open();
        byte[] bytes = original.ToArray();
        JournalRow[] rows = [.. written.Rows.Take((int)snapshot.SequenceNr)];
        Parallel.For(0, bytes.Length, position =>
        {
            byte[] flipped = Flip(bytes, position, new Random(Seed + position).Next(8));
            AuditedCollection audited = written.Audit(rows, [WrittenHistory.InMemory(snapshot.Path, snapshot.SequenceNr, flipped)]);
            BadPlace bad = Assert.Single(audited.BadPlaces);
            Assert.Equal((snapshot.Path, snapshot.SequenceNr), (bad.File, bad.SequenceNr));
            // The journal is proven all the same.
            Assert.Equal(snapshot.SequenceNr, audited.Place?.SequenceNr);
        });
        output.WriteLine($"{bytes.Length} flips");
    }

    /// <summary>
    /// In an entry from before there was a check of the requests, the name of one is found where a list of remembered requests
    /// tells it too, which each snapshot brings along, and not after the last one.
    /// </summary>
    [Fact]
    public async Task In_the_name_of_a_request_without_a_check_only_where_a_later_list_tells_it_too()
    {
        using TemporaryDirectory directory = new();
        await using (ValoriEngine engine = await WrittenHistory.OpenAsync(directory.Path, dimension: 1)) await engine.WithRequestId("name").InsertAsync(new float[1]);
        Assert.Single(Audit(directory.Path, hasCheck: true).BadPlaces);
        Assert.True(Audit(directory.Path, hasCheck: false).IsGood);
        await using (ValoriEngine engine = await WrittenHistory.OpenAsync(directory.Path)) await engine.SaveAsync();
        BadPlace bad = Assert.Single(Audit(directory.Path, hasCheck: false).BadPlaces);
        Assert.Contains("event 2 has none of that name", bad.Expected);
        Assert.Equal("'name'", bad.Found);

        static AuditedCollection Audit(string path, bool hasCheck)
        {
            using SqliteJournalFile journal = SqliteJournalFile.Open(path);
            IEnumerable<JournalRow> rows = journal.Rows(WrittenHistory.PersistenceId).Select(row =>
            {
                if (row.SequenceNr != 2) return row;
                byte[] payload = JournalCodec.Encode(JournalCodec.Decode(new JournalRecord(row.Payload)) with { Check = hasCheck ? CheckForm.Newest : CheckForm.None }).Payload;
                return row with { Payload = Flip(payload, payload.AsSpan().IndexOf("name"u8), 0) };
            });
            return new JournalAudit("journal", WrittenHistory.PersistenceId, [], null).Run("default", rows);
        }
    }

    private IEnumerable<JournalRow> With(JournalRow row, byte[] payload) =>
        written.Rows.Select(each => each.SequenceNr == row.SequenceNr ? each with { Payload = payload } : each);

    /// <summary>Chunks are proven by the end of their restore: then the text names the event.</summary>
    private static bool Names(BadPlace bad, long sequenceNr) => bad.SequenceNr == sequenceNr
        || bad.Expected.Contains($"chunks of events {sequenceNr} to ", StringComparison.Ordinal);

    private static byte[] Flip(byte[] bytes, int position, int bit)
    {
        byte[] flipped = [.. bytes];
        flipped[position] ^= (byte)(1 << bit);
        return flipped;
    }
}
