using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Attributes;

/// <summary>Snapshots of states with attributes: version 3.</summary>
public sealed class AttributeSnapshotTests
{
    /// <summary>Computed from docs/formats.md by a program that shares nothing with this one.</summary>
    [Fact]
    public void The_body_of_a_snapshot_with_attributes_never_changes()
    {
        Fields fields = new FieldsBuilder { ["user"] = "ada", ["topics"] = new[] { "tea", "time" }, ["score"] = 0.5, ["at"] = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero) }.Build();
        ValoriKernel kernel = new(8);
        kernel.Apply(new PutRecords(
            Golden.Block(8, 0.25f, -0.125f, 0, 0, 0, 0, 0, 0), new ulong[] { 7 }, [new RecordAttributes { Key = "memory-1", Fields = fields, ExpiresAtUnixMicroseconds = 1_795_564_800_000_000 }]));
        byte[] bytes = Write(kernel);
        Assert.Equal(3, bytes[8]);
        Assert.Equal(
            "08000000" + "0000" + "010000000000000000000000000000000000000000000000" + "01" + "0700000000000000" + "02" + "004000e000000000000000000000000000"
            + "01" + "07" + "08006d656d6f72792d31"
            + "490000000400020061740500e03b64fa600600050073636f726503000000000000e03f0600746f706963731402000000030000007465610400000074696d650400757365720403000000616461"
            + "004013820e610600"
            + "4e7998e2f74386a06e3d172b1cd3cee08dc846b0edf5774ede332382449c14d5",
            Convert.ToHexStringLower(bytes[SnapshotHeader.SizeBytes..]));
        Assert.Equal(bytes, Write(SnapshotReader.Read(new MemoryStream(bytes), "test").Kernel));
    }

    [Fact]
    public void A_flipped_bit_at_any_place_is_found()
    {
        byte[] bytes = Write(SmallKernel());
        Assert.Equal(3, bytes[8]);
        for (int i = 0; i < bytes.Length; i++)
        {
            // Every bit of the body, and one of each byte of the long frontier.
            for (int bit = 0; bit < (i < SnapshotHeader.SizeBytes ? 1 : 8); bit++)
            {
                bytes[i] ^= (byte)(1 << bit);
                Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(bytes), "test"));
                bytes[i] ^= (byte)(1 << bit);
            }
        }
        SnapshotReader.Read(new MemoryStream(bytes), "test");
    }

    /// <summary>With the body's digest put right, every flipped bit is refused by a rule or by the state hash.</summary>
    [Fact]
    public void A_flipped_bit_under_a_digest_that_was_put_right_is_found_too()
    {
        byte[] bytes = Write(SmallKernel());
        for (int i = SnapshotHeader.SizeBytes; i < bytes.Length - Digest.SizeBytes; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                bytes[i] ^= (byte)(1 << bit);
                Seal(bytes);
                Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(bytes), "test"));
                bytes[i] ^= (byte)(1 << bit);
            }
        }
        Seal(bytes);
        SnapshotReader.Read(new MemoryStream(bytes), "test");
    }

    [Fact]
    public void Once_the_last_record_with_attributes_is_deleted_the_bytes_are_those_of_an_engine_that_never_had_one()
    {
        ValoriKernel never = new(1), once = new(1);
        never.Apply(new InsertRecords(Golden.Block(1, 1, 2), new ulong[2]));
        never.Apply(new DeleteRecord(new RecordId(1)));
        once.Apply(new PutRecords(Golden.Block(1, 1, 2), new ulong[2], [RecordAttributes.None, new RecordAttributes { Key = "a", Fields = new FieldsBuilder { ["x"] = 1 }.Build() }]));
        View then = once.TakeView();
        once.Apply(new DeleteRecord(new RecordId(1)));
        Assert.Equal(never.StateHash, once.StateHash);
        Assert.Equal(Write(never), Write(once));
        // The View of before still writes what it had.
        Assert.Equal(new RecordId(1), SnapshotReader.Read(new MemoryStream(Write(then)), "test").Kernel.TakeView().Find((RecordKey)"a", out _));
    }

    [Fact]
    public void Keys_of_a_snapshot_are_unique_and_go_on_as_in_the_kernel_that_wrote_it()
    {
        ValoriKernel kernel = SmallKernel();
        byte[] bytes = Write(kernel);
        ValoriKernel read = SnapshotReader.Read(new MemoryStream(bytes), "test").Kernel;
        foreach (ValoriKernel one in new[] { kernel, read })
        {
            one.Apply(new PutRecords(Golden.Block(1, 5, 6), new ulong[2], [new RecordAttributes { Key = "k1" }, new RecordAttributes { Key = "new" }], Replace: true));
            Assert.Equal(RefusalKind.Conflict, one.Decide(new PutRecords(Golden.Block(1, 5), new ulong[1], [new RecordAttributes { Key = "new" }])).Refusal!.Kind);
        }
        Assert.Equal(kernel.StateHash, read.StateHash);
        Assert.Equal(Write(kernel), Write(read));

        // The key k2 becomes a second k1.
        int place = bytes.AsSpan().IndexOf("k2"u8);
        bytes[place + 1] = (byte)'1';
        Seal(bytes);
        CorruptionException e = Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(bytes), "test"));
        Assert.Contains("expected a key that no other live record has, found 'k1' of record 2 on record 5", e.Message);
    }

    private static ValoriKernel SmallKernel()
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(new PutRecords(Golden.Block(1, 1, 2, 3, 4, 5), new ulong[5],
        [
            RecordAttributes.None,
            new RecordAttributes { Key = "k1", Metadata = new byte[] { 7 } },
            new RecordAttributes { Key = "k2", Fields = new FieldsBuilder { ["a.b"] = true, ["c"] = new[] { "x", "y" } }.Build(), ExpiresAtUnixMicroseconds = 99 },
            new RecordAttributes { Fields = new FieldsBuilder { ["n"] = -1 }.Build() },
            new RecordAttributes { Key = "gone" },
        ]));
        kernel.Apply(new DeleteRecord(new RecordId(4)));
        kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(1)));
        kernel.Apply(new PutRecords(Golden.Block(1, 7), new ulong[1], [new RecordAttributes { Key = "k1", ExpiresAtUnixMicroseconds = -5 }], Replace: true));
        kernel.Apply(new PutRecords(Golden.Block(1, 8), new ulong[1], [new RecordAttributes { ExpiresAtUnixMicroseconds = 0 }]));
        return kernel;
    }

    private static void Seal(byte[] bytes) =>
        SnapshotBodyWriter.Context.Hash(bytes.AsSpan(SnapshotHeader.SizeBytes, bytes.Length - SnapshotHeader.SizeBytes - Digest.SizeBytes)).CopyTo(bytes.AsSpan(bytes.Length - Digest.SizeBytes));

    private static byte[] Write(ValoriKernel kernel) => Write(kernel.TakeView());

    private static byte[] Write(View view)
    {
        History history = new();
        history.Extend(1_700_000_000_000_000, Digest.Zero, view.Version);
        MemoryStream stream = new();
        SnapshotWriter.Write(stream, view, new SnapshotHeader(1, history.UnixMicroseconds, history.Chain, view.StateHash, history.FrontierAt(1)));
        return stream.ToArray();
    }
}
