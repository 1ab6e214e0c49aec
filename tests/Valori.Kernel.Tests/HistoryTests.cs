using Valori.Protocol;

namespace Valori.Kernel.Tests;

/// <summary>The chain, its tree and its times, from the first event on or from a snapshot.</summary>
public sealed class HistoryTests
{
    [Fact]
    public void A_history_that_goes_on_from_a_snapshot_proves_what_the_whole_one_does()
    {
        const int events = 60;
        History whole = Extended(new History(), events);
        for (int snapshot = 1; snapshot < events; snapshot++)
        {
            History start = Extended(new History(), snapshot);
            History behind = Extended(
                new History(snapshot, start.UnixMicroseconds, start.Chain, start.FrontierAt(snapshot), version: 1), events - snapshot);
            Assert.Equal((whole.SequenceNr, whole.Chain, whole.UnixMicroseconds), (behind.SequenceNr, behind.Chain, behind.UnixMicroseconds));
            Assert.Equal(snapshot, behind.FirstSequenceNr);
            Assert.False(behind.CanProveFrom(snapshot));
            for (int to = snapshot + 1; to <= events; to++)
            {
                Assert.Equal(whole.RootAt(to), behind.RootAt(to));
                Assert.True(behind.CanProveFrom(to));
                for (int from = snapshot + 1; from <= to; from += 3) Assert.Equal(whole.Prove(from, to).ToBytes(), behind.Prove(from, to).ToBytes());
            }
            Assert.Throws<ArgumentOutOfRangeException>(() => behind.Prove(snapshot, events));
        }
    }

    [Fact]
    public void The_last_event_of_a_time_and_of_a_version_is_found_and_nothing_before_the_first()
    {
        History history = new();
        foreach ((long time, ulong version) in new[] { (10L, 0UL), (20L, 1UL), (20L, 1UL), (30L, 4UL) }) history.Extend(time, Digest.Zero, version);
        Assert.Equal([null, 1, 1, 3, 3, 4, 4], new long[] { 9, 10, 19, 20, 29, 30, long.MaxValue }.Select(time => history.LastAt(time, 1, 4)));
        Assert.Equal([1, 3, 3, 4], new ulong[] { 0, 1, 2, 4 }.Select(version => history.LastOfVersion(version, 1, 4)));
        Assert.Null(history.LastAt(10, 2, 4));
        Assert.Equal(2, history.LastAt(20, 2, 2));
    }

    [Fact]
    public void An_earlier_version_of_the_kernel_is_found_by_its_number_and_by_its_state_hash()
    {
        const int seed = 21;
        RandomCommands commands = new(seed, 3);
        ValoriKernel kernel = new(3);
        NaiveModel model = new(3);
        List<(ulong Version, Digest Hash, string Answers)> versions = [];
        Valori.VectorBlock query = commands.Vectors(1);
        for (int i = 0; i < 2_000; i++)
        {
            if (kernel.Decide(commands.Next()).TryGet(out Event? happened, out _)) kernel.Apply(happened);
            if (i % 50 == 0) versions.Add((kernel.Mark(), kernel.StateHash, ViewTests.Describe(kernel.TakeView(), query)));
        }
        View latest = kernel.TakeView();
        foreach ((ulong version, Digest hash, string answers) in versions)
        {
            View past = latest.AsOf(version);
            Assert.Equal((version, hash), (past.Version, past.StateHash));
            Assert.Equal(answers, ViewTests.Describe(past, query));
            // A View of the past knows its own past, and nothing later.
            Assert.Equal(version, past.AsOf(version).Version);
            if (version < latest.Version) Assert.Throws<ArgumentOutOfRangeException>(() => past.AsOf(latest.Version));
            Assert.Equal(hash, latest.AsOf(latest.FindVersion(hash)!.Value).StateHash);
        }
        Assert.Null(latest.FindVersion(Digest.Zero));
        ulong unmarked = Enumerable.Range(0, (int)latest.Version).Select(v => (ulong)v).First(v => versions.TrueForAll(marked => marked.Version != v));
        Assert.Throws<ArgumentOutOfRangeException>(() => latest.AsOf(unmarked));
    }

    [Fact]
    public void The_search_digest_of_a_search_never_changes()
    {
        ValoriKernel kernel = new(2);
        kernel.Apply(new InsertRecords(Golden.Block(2, 0.25f, 0.5f, 1, 2), new ulong[] { 7, 7 }));
        SearchQuery query = new(Golden.Block(2, 0.25f, 0.25f), 5) { Filter = Filter.Tag(7) };
        SearchHit[] hits = kernel.TakeView().Search(query).Value!;
        // Frozen: if this changes, receipts of earlier searches cannot be confirmed any more.
        Assert.Equal("c064f368a19695abde870e256d887cae5707af537d2576ad3c20e93ab0e9993d", SearchDigest.Compute(kernel.StateHash, query, hits).ToString());
        Digest[] others =
        [
            SearchDigest.Compute(Digest.Zero, query, hits), SearchDigest.Compute(kernel.StateHash, query with { Vectors = Golden.Block(2, 0.25f, 0.5f) }, hits),
            SearchDigest.Compute(kernel.StateHash, query with { K = 6 }, hits), SearchDigest.Compute(kernel.StateHash, query with { Filter = Filter.Tag(0) }, hits),
            SearchDigest.Compute(kernel.StateHash, query with { Filter = Filter.All }, hits), SearchDigest.Compute(kernel.StateHash, query, hits[..1]),
            SearchDigest.Compute(kernel.StateHash, query, [hits[1], hits[0]]),
            SearchDigest.Compute(kernel.StateHash, query, [hits[0], hits[1] with { Score = hits[1].Score + 1 }]),
            SearchDigest.Compute(kernel.StateHash, query, hits),
        ];
        Assert.Equal(others.Length, others.Distinct().Count());
    }

    [Fact]
    public void The_search_digest_of_a_search_with_a_filter_covers_its_canonical_bytes()
    {
        SearchQuery query = new(Golden.Block(2, 0.25f, 0.5f), 5) { Filter = Filter.In("tag", 7) };
        // Written by hand from docs/formats.md, section 15.
        byte[] digested = Convert.FromHexString(
            "03000000" + new string('0', 64) + "02000000" + "00400000" + "00800000" + "0500000000000000" + "000000000000000000" + "000000000000000000"
            + "0D000000" + "0D03" + "0100" + "060700000000000000" + "0100000000000000" + "0300000000000000" + "0900000000000000");
        Digest expected = new HashContext("Valori 2026-11-25 v1 search receipt").Hash(digested);
        Assert.Equal(expected, SearchDigest.Compute(Digest.Zero, query, [new SearchHit(new RecordId(3), 9)]));
    }

    [Fact]
    public void A_history_that_learns_what_was_before_its_snapshot_proves_what_the_whole_one_proves()
    {
        for (int start = 1; start <= 40; start++)
        {
            History whole = Extended(new History(), start);
            History later = new(start, whole.UnixMicroseconds, whole.Chain, whole.FrontierAt(start), version: 0);
            Extended(whole, 13);
            Extended(later, 13);
            Assert.False(later.CanProveFrom(start));
            Assert.Throws<ArgumentException>(() => later.LearnChainsBefore(Extended(new History(), start - 1)));
            if (start > 1) Assert.Throws<ArgumentException>(() => later.LearnChainsBefore(later));
            long before = later.MemoryBytes;
            later.LearnChainsBefore(whole);
            Assert.True(later.MemoryBytes > before);
            for (int from = 1; from <= start + 13; from++)
            {
                for (int to = from; to <= start + 13; to++) Assert.Equal(whole.Prove(from, to).ToBytes(), later.Prove(from, to).ToBytes());
            }
        }
    }

    private static History Extended(History history, int events)
    {
        for (int i = 0; i < events; i++)
        {
            long next = history.SequenceNr + 1;
            history.Extend(next * 1_000, Digest.Of(BitConverter.GetBytes(next)), (ulong)next);
        }
        return history;
    }
}
