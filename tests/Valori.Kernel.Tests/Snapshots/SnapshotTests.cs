using Valori.Kernel.Snapshots;
using Valori.Kernel.Storage;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Snapshots;

public sealed class SnapshotTests
{
    [Theory]
    [InlineData(21, 3)]
    [InlineData(22, 64)]
    [InlineData(23, 3000)]
    [InlineData(24, 3, Metric.Cosine, 2)]
    [InlineData(25, 64, Metric.Dot, -6)]
    [InlineData(26, 3000, Metric.L2, 1)]
    public void A_decoded_kernel_shows_the_same_and_goes_on_the_same(int seed, int dimension, Metric metric = Metric.L2, int scaleExponent = 0)
    {
        EngineSchema schema = new(dimension, metric, scaleExponent);
        RandomCommands commands = new(seed, schema);
        ValoriKernel kernel = new(schema);
        NaiveModel model = new(schema);
        for (int i = 0; i < 300; i++) Execute(kernel, model, commands.Next());

        byte[] bytes = Write(kernel.TakeView(), sequenceNr: 300);
        SnapshotContent read = SnapshotReader.Read(new MemoryStream(bytes), "test");
        Assert.Equal(Header(kernel.TakeView(), 300) with { Version = schema.IsDefault ? 2U : 3U }, read.Header);
        Assert.Equal(schema, read.Kernel.Schema);
        ModelTests.Compare(read.Kernel.TakeView(), model, commands, $"seed {seed}");
        Assert.Equal(bytes, Write(read.Kernel.TakeView(), sequenceNr: 300));

        for (int i = 0; i < 100; i++)
        {
            Command command = commands.Next();
            Execute(kernel, model, command);
            if (read.Kernel.Decide(command).TryGet(out Event? happened, out _)) read.Kernel.Apply(happened);
        }
        Assert.Equal(kernel.StateHash, read.Kernel.StateHash);
        ModelTests.Compare(read.Kernel.TakeView(), model, commands, $"seed {seed}, later");
    }

    /// <summary>Segments whose rows lie in ever larger ranges, so that one scale does not fit the next: those that are read are made by many threads.</summary>
    [Fact]
    public void Searches_of_many_segments_find_the_same_behind_a_snapshot()
    {
        const int dimension = 2048, rows = 4_000;
        Random random = new(5);
        ValoriKernel kernel = new(dimension);
        for (int first = 0; first < rows; first += 100)
        {
            float scale = MathF.Pow(1.2f, first / 200) * 0.001f;
            float[] components = new float[100 * dimension];
            for (int i = 0; i < components.Length; i++) components[i] = (random.NextSingle() - 0.5f) * scale;
            kernel.Apply(new InsertRecords(VectorBlock.FromComponents(dimension, components).Value!, new ulong[100]));
        }
        View written = kernel.TakeView(), read = SnapshotReader.Read(new MemoryStream(Write(written, 9)), "test").Kernel.TakeView();
        for (int query = 0; query < 20; query++)
        {
            float[] components = new float[dimension];
            float scale = MathF.Pow(1.2f, query) * 0.001f;
            for (int i = 0; i < dimension; i++) components[i] = (random.NextSingle() - 0.5f) * scale;
            VectorBlock vector = VectorBlock.FromComponents(dimension, components).Value!;
            Assert.Equal(written.Search(vector, 30, null).Value!, read.Search(vector, 30, null).Value!);
        }
    }

    [Fact]
    public void What_a_kernel_takes_of_memory_is_estimated_alike_whether_it_was_written_or_read()
    {
        ValoriKernel kernel = new(4);
        kernel.Apply(new InsertRecords(VectorBlock.FromComponents(4, new float[4 * 1_000]).Value!, new ulong[1_000]));
        long empty = kernel.ApproximateMemoryBytes;
        for (ulong id = 0; id < 1_000; id++) kernel.Apply(new SetMetadata(new RecordId(id), new byte[10_000]));
        kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(1)));
        Assert.InRange(kernel.ApproximateMemoryBytes - empty, 10_000_000, 11_000_000);
        ValoriKernel read = SnapshotReader.Read(new MemoryStream(Write(kernel.TakeView(), 9)), "test").Kernel;
        // What was overwritten is not in a snapshot.
        Assert.InRange(read.ApproximateMemoryBytes, 0.95 * kernel.ApproximateMemoryBytes, kernel.ApproximateMemoryBytes);
    }

    [Fact]
    public void Equal_content_gives_equal_bytes_behind_the_header_whatever_its_history()
    {
        // One kernel holds a wide row that it deletes again, metadata that it replaces, and came by single inserts.
        ValoriKernel straight = new(2), winding = new(2);
        straight.Apply(new InsertRecords(Golden.Block(2, 0.1f, 0.2f, 0.3f, 0.4f, 0.25f, 0), new ulong[] { 1, 2, 3 }));
        straight.Apply(new DeleteRecord(new RecordId(1)));
        straight.Apply(new SetMetadata(new RecordId(0), "x"u8.ToArray()));
        winding.Apply(new InsertRecords(Golden.Block(2, 0.1f, 0.2f), new ulong[] { 1 }));
        winding.Apply(new SetMetadata(new RecordId(0), "other"u8.ToArray()));
        winding.Apply(new InsertRecords(Golden.Block(2, 1000, 1000), new ulong[] { 9 }));
        winding.Apply(new DeleteRecord(new RecordId(1)));
        winding.Apply(new InsertRecords(Golden.Block(2, 0.25f, 0), new ulong[] { 3 }));
        winding.Apply(new SetMetadata(new RecordId(0), "x"u8.ToArray()));

        Assert.Equal(straight.StateHash, winding.StateHash);
        byte[] a = Write(straight.TakeView(), 3), b = Write(winding.TakeView(), 6);
        Assert.NotEqual(a[..SnapshotHeader.SizeBytes], b[..SnapshotHeader.SizeBytes]);
        Assert.Equal(a[SnapshotHeader.SizeBytes..], b[SnapshotHeader.SizeBytes..]);
    }

    [Theory]
    [InlineData(Metric.L2, 0)]
    [InlineData(Metric.Dot, 3)]
    public void A_flipped_bit_at_any_place_is_found(Metric metric, int scaleExponent)
    {
        byte[] bytes = Write(SmallKernel(metric, scaleExponent).TakeView(), 9);
        for (int i = 0; i < bytes.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                bytes[i] ^= (byte)(1 << bit);
                Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(bytes), "test"));
                bytes[i] ^= (byte)(1 << bit);
            }
        }
        SnapshotReader.Read(new MemoryStream(bytes), "test");
    }

    [Theory]
    [InlineData(Metric.L2, 0)]
    [InlineData(Metric.Dot, 3)]
    public void A_snapshot_cut_at_any_place_or_with_bytes_behind_it_is_refused(Metric metric, int scaleExponent)
    {
        byte[] bytes = Write(SmallKernel(metric, scaleExponent).TakeView(), 9);
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(bytes, 0, length), "test"));
        CorruptionException e = Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream([.. bytes, 0]), "test"));
        Assert.Equal($"test at {bytes.Length}: expected the end of the snapshot, found more bytes", e.Message);
    }

    [Fact]
    public void Foreign_bytes_are_refused_by_name()
    {
        CorruptionException e = Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(new byte[500]), "photo.jpg"));
        Assert.StartsWith("photo.jpg at 0: expected a Valori snapshot", e.Message);
    }

    /// <summary>Frozen: if this changes, snapshots of earlier versions are no longer read.</summary>
    [Fact]
    public void The_bytes_of_a_small_snapshot_never_change() =>
        Assert.Equal("051ffb8c3705553e", Digest.Of(Write(SmallKernel().TakeView(), 9)).ToString()[..16]);

    /// <summary>What journals hold of restores, and users of saved files, stays readable.</summary>
    [Fact]
    public void A_snapshot_of_format_version_1_is_read_without_a_history()
    {
        byte[] bytes = Convert.FromHexString(
            "56414c4f5249534e0100000080000000020000000000000000e03b64fa600600ea87dfaa5f7a37b5bf7a5c1a92ec675f9b96022656160326a888bf87609b55a1"
            + "928c404e184967e23faaa99bc9d2c943945dbe02b8e9f6678e5e233937974805cca69e02f704773dd6046dbd2d91ce445e0d4ac373795e84b8537eab43f16c72"
            + "0800000001000000000000000000000000000000000000000000000001070000000000000002004000e000000000000000000000000000"
            + "dcb3553fbcaf1f8804904b9c04468069f1ff4dfca45fe7aac05b896556604ec5");
        Assert.Equal(215, bytes.Length);
        SnapshotContent content = SnapshotReader.Read(new MemoryStream(bytes), "version 1");
        Assert.Null(content.Header.HistoryFrontier);
        Assert.Equal((2L, "928c404e184967e23faaa99bc9d2c943945dbe02b8e9f6678e5e233937974805"), (content.Header.SequenceNr, content.Kernel.StateHash.ToString()));
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(bytes), $"bit {bit}"));
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void A_block_without_live_records_has_one_form()
    {
        ValoriKernel kernel = new(3);
        kernel.Apply(new InsertRecords(Golden.Block(3, 1, 2, 3), new ulong[] { 1 }));
        kernel.Apply(new DeleteRecord(new RecordId(0)));
        byte[] bytes = Write(kernel.TakeView(), 9);
        // After the header: dimension and counts, the bitmap of live records, the bytes of a component. The digest after it is put right.
        int place = SnapshotHeader.SizeBytes + 28 + 1;
        Assert.Equal(2, bytes[place]);
        bytes[place] = 4;
        SnapshotBodyWriter.Context.Hash(bytes.AsSpan(SnapshotHeader.SizeBytes, bytes.Length - SnapshotHeader.SizeBytes - 32)).CopyTo(bytes.AsSpan(bytes.Length - 32));
        CorruptionException e = Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(bytes), "test"));
        Assert.Equal($"test at {place}: expected 2 bytes a component if no record is live, found 4", e.Message);
    }

    /// <summary>Five bytes of a snapshot stand for 16 tombstones, whose vectors would take 2 MiB.</summary>
    [Fact]
    public void Tombstones_alone_take_no_vectors_and_records_behind_them_are_found()
    {
        const int Dimension = 65_536, Rows = 40;
        ValoriKernel kernel = new(Dimension);
        for (ulong id = 0; id < Rows; id++)
        {
            kernel.Apply(new InsertRecords(Golden.Block(Dimension, [.. Enumerable.Repeat(id / 8f, Dimension)]), new ulong[] { id }));
            kernel.Apply(new DeleteRecord(new RecordId(id)));
        }
        byte[] bytes = Write(kernel.TakeView(), 9);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ValoriKernel read = SnapshotReader.Read(new MemoryStream(bytes), "test").Kernel;
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 << 20);

        // Row 8 of a segment whose first rows are tombstones, and the end of it.
        for (ulong id = Rows; id < Rows + 12; id++)
        {
            InsertRecords insert = new(Golden.Block(Dimension, [.. Enumerable.Repeat(id % 3 / 8f, Dimension)]), new ulong[] { id });
            kernel.Apply(insert);
            read.Apply(insert);
        }
        Assert.Equal(kernel.StateHash, read.StateHash);
        VectorBlock query = Golden.Block(Dimension, new float[Dimension]);
        Assert.Equal(kernel.TakeView().Search(query, 100, null).Value, read.TakeView().Search(query, 100, null).Value);
        Assert.Equal(kernel.TakeView().Search(query, 100, Rows + 1).Value, read.TakeView().Search(query, 100, Rows + 1).Value);
        Assert.Equal(Write(kernel.TakeView(), 9), Write(read.TakeView(), 9));
    }

    /// <summary>Vectors are read to where the segment has them, and tombstones spread between them afterwards: in segments of every pattern.</summary>
    [Theory]
    [InlineData(384, 1f)]
    [InlineData(384, 0.001f)]
    [InlineData(8_192, 0.001f)]
    public void Segments_with_tombstones_anywhere_are_read_as_they_were(int dimension, float scale)
    {
        Random random = new(dimension);
        ValoriKernel kernel = new(dimension);
        int segmentRows = RecordSegment.RowsPerSegment(dimension);
        Func<int, bool>[] isDead =
        [
            _ => false, row => row == 0, row => row == segmentRows - 1, row => row % 2 == 0, row => row > 1, row => row < segmentRows - 1, _ => true,
            row => random.Next(50) == 0, row => row > 20,
        ];
        foreach (Func<int, bool> pattern in isDead)
        {
            // The last segment is not full.
            int rows = pattern == isDead[^1] ? segmentRows / 2 + 1 : segmentRows;
            ulong first = kernel.TakeView().RecordSlots;
            float[] components = new float[rows * dimension];
            for (int i = 0; i < components.Length; i++) components[i] = (random.NextSingle() - 0.5f) * scale;
            kernel.Apply(new InsertRecords(VectorBlock.FromComponents(dimension, components).Value!, Enumerable.Range(0, rows).Select(row => (ulong)row % 3).ToArray()));
            for (int row = 0; row < rows; row++)
            {
                if (random.Next(20) == 0) kernel.Apply(new SetMetadata(new RecordId(first + (ulong)row), new byte[random.Next(100)]));
                if (pattern(row)) kernel.Apply(new DeleteRecord(new RecordId(first + (ulong)row)));
            }
        }
        byte[] bytes = Write(kernel.TakeView(), 9);
        for (int round = 0; round < 2; round++)
        {
            View read = SnapshotReader.Read(new MemoryStream(bytes), "test").Kernel.TakeView();
            Assert.Equal(kernel.StateHash, read.StateHash);
            Assert.Equal(bytes, Write(read, 9));
            for (ulong tag = 0; tag < 4; tag++)
            {
                VectorBlock query = VectorBlock.FromVector(dimension, [.. Enumerable.Range(0, dimension).Select(_ => (random.NextSingle() - 0.5f) * scale)]).Value!;
                ulong? filter = tag < 3 ? tag : null;
                Assert.Equal(kernel.TakeView().Search(query, 50, filter).Value!, read.Search(query, 50, filter).Value!);
            }
        }
    }

    /// <summary>Whoever writes a snapshot can make its digests right: what they cover is checked too.</summary>
    [Theory]
    [InlineData(0, 4, (byte)3, "expected a schema that there can be, found metric is 3; it must be l2, cosine or dot")]
    [InlineData(0, 5, (byte)17, "expected a schema that there can be, found scale is 2^17; it must be in 2^-16..2^16")]
    [InlineData(0, 4, (byte)1, "vector 0 is not normalised, and the metric of the collection is cosine")]
    [InlineData(1, 5, (byte)0, "expected something that version 2 cannot say, found the schema of a dimension 3 alone")]
    public void A_schema_that_there_cannot_be_in_a_snapshot_is_refused(int kind, int place, byte value, string expected)
    {
        ValoriKernel kernel = kind == 1 ? SmallKernel(Metric.L2, 3) : new ValoriKernel(new EngineSchema(3, Metric.Dot, 3));
        if (kind == 0) kernel.Apply(new InsertRecords(Golden.Block(3, 7, 8, 9), new ulong[1]));
        byte[] bytes = Write(kernel.TakeView(), 9);
        bytes[SnapshotHeader.SizeBytes + place] = value;
        SnapshotBodyWriter.Context.Hash(bytes.AsSpan(SnapshotHeader.SizeBytes, bytes.Length - SnapshotHeader.SizeBytes - 32)).CopyTo(bytes.AsSpan(bytes.Length - 32));
        CorruptionException e = Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(bytes), "test"));
        Assert.Contains(expected, e.Message);
    }

    private static ValoriKernel SmallKernel(Metric metric = Metric.L2, int scaleExponent = 0)
    {
        ValoriKernel kernel = new(new EngineSchema(3, metric, scaleExponent));
        kernel.Apply(new InsertRecords(Golden.Block(3, 0.1f, 0.2f, 0.3f, 5, 6, 7, 1, 1, 1), new ulong[] { 1, ulong.MaxValue, 3 }));
        kernel.Apply(new SetMetadata(new RecordId(0), Array.Empty<byte>()));
        kernel.Apply(new SetMetadata(new RecordId(1), "metadata"u8.ToArray()));
        kernel.Apply(new DeleteRecord(new RecordId(2)));
        kernel.Apply(new CreateNode(NodeKind.Document, null));
        kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(1)));
        kernel.Apply(new CreateEdge(new NodeId(0), new NodeId(1), EdgeKind.ParentOf));
        kernel.Apply(new CreateEdge(new NodeId(1), new NodeId(0), EdgeKind.RefersTo));
        kernel.Apply(new DeleteEdge(new EdgeId(0)));
        return kernel;
    }

    private static SnapshotHeader Header(View view, long sequenceNr)
    {
        History history = new();
        while (history.SequenceNr < sequenceNr) history.Extend(1_700_000_000_000_000, view.StateHash, view.Version);
        return new SnapshotHeader(sequenceNr, history.UnixMicroseconds, history.Chain, view.StateHash, history.FrontierAt(sequenceNr));
    }

    internal static byte[] Write(View view, long sequenceNr)
    {
        MemoryStream stream = new();
        SnapshotWriter.Write(stream, view, Header(view, sequenceNr));
        return stream.ToArray();
    }

    private static void Execute(ValoriKernel kernel, NaiveModel model, Command command)
    {
        if (kernel.Decide(command).TryGet(out Event? happened, out _)) kernel.Apply(happened);
        model.Execute(command);
    }
}
