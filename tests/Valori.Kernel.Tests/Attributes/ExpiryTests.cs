using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Attributes;

/// <summary>Records end at their time, in the order of their times, and no event can end others.</summary>
public sealed class ExpiryTests
{
    [Fact]
    public void What_is_due_goes_in_one_event_and_the_rest_stays()
    {
        ValoriKernel kernel = WithRecords(30, 10, null, 20, 10, 40);
        Assert.Equal(10, kernel.NextExpiryUnixMicroseconds);
        Assert.Equal("no record expires at 1970-01-01T00:00:00.000009Z or before", kernel.Decide(new ExpireRecords(9)).Refusal!.Message);
        RecordsExpired expired = Expire(kernel, 20);
        Assert.Equal([1, 3, 4], expired.Records.ToArray());
        Assert.Equal((1UL, 3), expired.Ids);
        Assert.Equal([0, 2, 5], Live(kernel));
        Assert.Equal(30, kernel.NextExpiryUnixMicroseconds);
        Expire(kernel, long.MaxValue / 1_000_000);
        Assert.Equal([2], Live(kernel));
        Assert.Null(kernel.NextExpiryUnixMicroseconds);
    }

    [Fact]
    public void Those_that_end_first_go_first_when_they_are_too_many_for_an_event()
    {
        ValoriKernel kernel = WithRecords([.. Enumerable.Range(0, 2_500).Select(i => (long?)(2_500 - i) / 2)]);
        HashSet<ulong> gone = [];
        for (int step = 0; step < 3; step++)
        {
            RecordsExpired expired = Expire(kernel, 5_000);
            Assert.Equal(step < 2 ? 1_000 : 500, expired.Records.Length);
            Assert.Equal(expired.Records.ToArray().Order(), expired.Records.ToArray());
            gone.UnionWith(expired.Records.ToArray());
            Assert.All(Live(kernel), id => Assert.DoesNotContain(gone, other => (2_500 - (long)other) / 2 > (2_500 - (long)id) / 2));
        }
        Assert.Empty(Live(kernel));
    }

    /// <summary>A replay asks what is due and never when the next record expires. What expired before must not be looked at by each event again.</summary>
    [Fact]
    public void A_replay_drops_the_entries_of_what_has_expired()
    {
        const int events = 4;
        ValoriKernel kernel = new(1), replayed = new(1);
        RecordAttributes[] attributes = [.. Enumerable.Range(0, events * Limits.MaximumChangedRecords).Select(i => new RecordAttributes { ExpiresAtUnixMicroseconds = i })];
        Event put = kernel.Decide(new PutRecords(Golden.Block(1, [.. attributes.Select(_ => 1f)]), new ulong[attributes.Length], attributes, false)).Value!;
        kernel.Apply(put);
        replayed.Apply(put);
        for (int done = 0; done < events; done++)
        {
            replayed.Apply(Expire(kernel, attributes.Length));
            // Those that this event took go when the next one comes.
            Assert.Equal(attributes.Length - done * Limits.MaximumChangedRecords, replayed.ExpiryEntries);
        }
        Assert.Equal(kernel.StateHash, replayed.StateHash);
    }

    [Fact]
    public void An_expired_record_is_gone_as_a_deleted_one_is()
    {
        ValoriKernel kernel = WithRecords(10), other = WithRecords(10);
        foreach (ValoriKernel one in new[] { kernel, other }) one.Apply(new CreateNode(NodeKind.Chunk, new RecordId(0)));
        ulong before = kernel.TakeView().Version;
        Expire(kernel, 10);
        other.Apply(new DeleteRecord(new RecordId(0)));
        Assert.Equal(other.StateHash, kernel.StateHash);
        View now = kernel.TakeView();
        Assert.Equal("no record has the key 'k0'", now.GetRecord((RecordKey)"k0").Refusal!.Message);
        Assert.Equal("record 0 was deleted", now.GetRecord(new RecordId(0)).Refusal!.Message);
        Assert.Equal(new RecordId(0), now.AsOf(before).GetRecord((RecordKey)"k0").Value!.Id);
        InclusionProof proof = now.Prove(new RecordId(0)).Value!;
        Assert.Null(((ProvenRecord)ProofVerifier.VerifyInclusion(proof.ToBytes(), now.StateHash).Value!).Content);
        // The key is free again.
        kernel.Apply(Put("k0", 5));
    }

    [Fact]
    public void An_expiry_can_be_set_and_removed_by_id_and_by_key_and_everything_else_stays()
    {
        ValoriKernel kernel = WithRecords(10, 10);
        Digest hash = kernel.StateHash;
        kernel.Apply(new SetExpiry((RecordKey)"k0", 30));
        kernel.Apply(new SetExpiry(new RecordId(1), null));
        Assert.Equal(30, kernel.NextExpiryUnixMicroseconds);
        Assert.Equal([30L, null], Live(kernel).Select(id => kernel.TakeView().GetRecord(new RecordId(id)).Value!.ExpiresAtUnixMicroseconds));
        Assert.Equal(["k0", "k1"], Live(kernel).Select(id => kernel.TakeView().GetRecord(new RecordId(id)).Value!.Key!.ToString()));
        Assert.NotEqual(hash, kernel.StateHash);
        kernel.Apply(new SetExpiry((RecordKey)"k0", 10));
        kernel.Apply(new SetExpiry((RecordKey)"k1", 10));
        Assert.Equal(hash, kernel.StateHash);
    }

    [Fact]
    public void A_record_that_has_nothing_but_an_expiry_is_plain_again_without_it()
    {
        ValoriKernel kernel = new(1), plain = new(1);
        plain.Apply(new InsertRecords(Golden.Block(1, 3), new ulong[1]));
        kernel.Apply(new InsertRecords(Golden.Block(1, 3), new ulong[1]));
        kernel.Apply(new SetExpiry(new RecordId(0), 7));
        Assert.NotEqual(plain.StateHash, kernel.StateHash);
        kernel.Apply(new SetExpiry(new RecordId(0), null));
        Assert.Equal(plain.StateHash, kernel.StateHash);
    }

    [Fact]
    public void An_upsert_has_its_own_expiry_and_fields_leave_it()
    {
        ValoriKernel kernel = WithRecords(10, 20);
        kernel.Apply(Put("k0", null));
        kernel.Apply(SetFields.Merge((RecordKey)"k1", new FieldsBuilder { ["a"] = 1 }.Build()));
        Assert.Equal(20, kernel.NextExpiryUnixMicroseconds);
        Assert.Equal([1UL], Expire(kernel, 100).Records.ToArray());
        Assert.Equal([2], Live(kernel));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_time_that_there_is_not_is_refused(long time)
    {
        ValoriKernel kernel = WithRecords(10);
        Assert.Equal($"expires_at is {time} microseconds since 1970; it must be in the years 1 to 9999", kernel.Decide(new SetExpiry(new RecordId(0), time)).Refusal!.Message);
        Assert.Equal($"the time is {time} microseconds since 1970; it must be in the years 1 to 9999", kernel.Decide(new ExpireRecords(time)).Refusal!.Message);
        Assert.Equal("record 1 does not exist", kernel.Decide(new SetExpiry(new RecordId(1), 1)).Refusal!.Message);
        Assert.Equal("no record has the key 'j'", kernel.Decide(new SetExpiry((RecordKey)"j", 1)).Refusal!.Message);
    }

    public static TheoryData<string, RecordsExpired> Forged => new()
    {
        { "too early", new RecordsExpired(9, new ulong[] { 0 }) },
        { "not all of them", new RecordsExpired(20, new ulong[] { 0 }) },
        { "one that never ends", new RecordsExpired(20, new ulong[] { 0, 1, 2 }) },
        { "one that is not there", new RecordsExpired(20, new ulong[] { 0, 1, 9 }) },
        { "one that was deleted", new RecordsExpired(20, new ulong[] { 0, 1, 3 }) },
        { "in another order", new RecordsExpired(20, new ulong[] { 1, 0 }) },
        { "one twice", new RecordsExpired(20, new ulong[] { 0, 0, 1 }) },
        { "none", new RecordsExpired(20, ReadOnlyMemory<ulong>.Empty) },
        { "none when none is due", new RecordsExpired(9, ReadOnlyMemory<ulong>.Empty) },
    };

    [Theory]
    [MemberData(nameof(Forged))]
    public void A_forged_event_is_refused_and_changes_nothing(string what, RecordsExpired forged)
    {
        ValoriKernel kernel = WithRecords(10, 20, null, 15);
        kernel.Apply(new DeleteRecord(new RecordId(3)));
        Digest before = kernel.StateHash;
        Assert.True(Assert.Throws<ArgumentException>(() => kernel.Apply(forged)).Message.Length > 10, what);
        Assert.Equal(before, kernel.StateHash);
        kernel.Apply(new RecordsExpired(20, new ulong[] { 0, 1 }));
    }

    [Fact]
    public void A_kernel_from_a_snapshot_knows_what_ends_when()
    {
        ValoriKernel kernel = WithRecords(30, 10, 20);
        kernel.Apply(new DeleteRecord(new RecordId(1)));
        kernel.Apply(new SetExpiry(new RecordId(0), 40));
        MemoryStream bytes = new();
        View view = kernel.TakeView();
        History history = new();
        history.Extend(1_700_000_000_000_000, view.StateHash, view.Version);
        SnapshotWriter.Write(bytes, view, new SnapshotHeader(1, history.UnixMicroseconds, history.Chain, view.StateHash, history.FrontierAt(1)));
        bytes.Position = 0;
        ValoriKernel read = SnapshotReader.Read(bytes, "a test").Kernel;
        Assert.Equal(20, read.NextExpiryUnixMicroseconds);
        Assert.Equal([2UL], Expire(read, 39).Records.ToArray());
        Assert.Equal(40, read.NextExpiryUnixMicroseconds);
    }

    private static RecordsExpired Expire(ValoriKernel kernel, long time)
    {
        RecordsExpired expired = (RecordsExpired)kernel.Decide(new ExpireRecords(time)).Value!;
        kernel.Apply(expired);
        return expired;
    }

    private static ulong[] Live(ValoriKernel kernel) => [.. kernel.TakeView().List(new ListQuery(Filter.All, 1_000)).Value!.Records.Select(record => record.Id.Value)];

    private static PutRecords Put(string key, long? expiry) =>
        new(Golden.Block(1, 1), new ulong[1], [new RecordAttributes { Key = key, ExpiresAtUnixMicroseconds = expiry }], Replace: true);

    private static ValoriKernel WithRecords(params long?[] expiries)
    {
        ValoriKernel kernel = new(1);
        for (int i = 0; i < expiries.Length; i++) kernel.Apply(Put($"k{i}", expiries[i]));
        return kernel;
    }
}
