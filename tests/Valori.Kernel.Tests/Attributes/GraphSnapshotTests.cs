using Valori.Kernel.Snapshots;
using Valori.Kernel.Tests.Snapshots;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Attributes;

/// <summary>Snapshots of states whose graph has fields and valid times: version 4.</summary>
public sealed class GraphSnapshotTests
{
    [Fact]
    public void A_graph_with_attributes_is_read_as_it_was_written()
    {
        ValoriKernel kernel = GraphAttributesTests.Graph();
        kernel.Apply(new InsertRecords(Golden.Block(1, 1), new ulong[1]));
        kernel.Apply(new PutNode(NodeKind.Record, new RecordId(0), new FieldsBuilder { ["n"] = 1 }.Build()));
        kernel.Apply(new CreateNode(NodeKind.Record, new RecordId(0)));
        kernel.Apply(new PutEdge(new NodeId(1), new NodeId(4), EdgeKind.RefersTo, Fields.Empty, new ValidTime(null, -7)));
        byte[] bytes = Write(kernel.TakeView());
        Assert.Equal(4, bytes[8]);
        ValoriKernel read = SnapshotReader.Read(new MemoryStream(bytes), "test").Kernel;
        Assert.Equal(kernel.StateHash, read.StateHash);
        Assert.Equal(bytes, Write(read.TakeView()));
        for (ulong id = 0; id < 5; id++) Assert.Equal(kernel.TakeView().GetNode(new NodeId(id)), read.TakeView().GetNode(new NodeId(id)));
        for (ulong id = 0; id < 4; id++) Assert.Equal(kernel.TakeView().GetEdge(new EdgeId(id)), read.TakeView().GetEdge(new EdgeId(id)));
        foreach (ValoriKernel one in new[] { kernel, read }) one.Apply(SetNodeFields.Remove(new NodeId(3), "n"));
        Assert.Equal(kernel.StateHash, read.StateHash);
        Assert.Equal(Write(kernel.TakeView()), Write(read.TakeView()));
    }

    [Fact]
    public void Once_nothing_in_the_graph_has_attributes_the_bytes_are_those_of_before()
    {
        ValoriKernel kernel = GraphAttributesTests.Graph();
        View then = kernel.TakeView();
        kernel.Apply(SetNodeFields.Remove(new NodeId(0), "title"));
        kernel.Apply(SetEdgeFields.Remove(new EdgeId(0), "user"));
        Assert.Equal(4, Write(kernel.TakeView())[8]);
        kernel.Apply(new SetEdgeValidTime(new EdgeId(0), default, ValidTimeEnds.From | ValidTimeEnds.To));
        Assert.Equal(2, Write(kernel.TakeView())[8]);
        Assert.Equal(4, Write(then)[8]);
    }

    /// <summary>With the body's digest put right, every flipped bit is refused by a rule or by the state hash.</summary>
    [Fact]
    public void A_flipped_bit_under_a_digest_that_was_put_right_is_found()
    {
        byte[] bytes = Write(GraphAttributesTests.Graph().TakeView());
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

    // The body is: 6 of the schema, 24 of counts, node 0 (mark, kind, flags, length, fields), node 1 (mark, kind), a tombstone, edge 0
    // (mark, kind, ends, flags, ...).
    [Theory]
    [InlineData(30, 3, 5, "expected a node's mark, found 5")]
    [InlineData(32, 1, 0, "expected flags of attributes, some of 1, 8, found 0")]
    [InlineData(32, 1, 2, "expected flags of attributes, some of 1, 8, found 2")]
    [InlineData(37, 1, 2, "expected canonical fields, one at least, found")]
    [InlineData(57, 3, 2, "expected an edge's mark, found 2")]
    [InlineData(75, 7, 8, "expected flags of attributes, some of 1, 2, 4, found 8")]
    [InlineData(96, 10, 20, "expected a valid time, found valid_from is 1970-01-01T00:00:00.000020Z and valid_to is 1970-01-01T00:00:00.000020Z: the end must be later")]
    public void Bytes_that_are_not_of_the_format_are_refused_by_their_rule(int place, byte before, byte after, string expected)
    {
        byte[] bytes = Write(GraphAttributesTests.Graph().TakeView());
        Assert.Equal(before, bytes[SnapshotHeader.SizeBytes + place]);
        bytes[SnapshotHeader.SizeBytes + place] = after;
        Seal(bytes);
        Assert.Contains(expected, Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(bytes), "test")).Message);
    }

    /// <summary>Equal content has equal bytes: the older version is taken if it can say everything.</summary>
    [Theory]
    [InlineData(Metric.L2, "expected something that version 2 cannot say, found a graph without fields and valid times")]
    [InlineData(Metric.Dot, "expected something that version 3 cannot say, found a graph without fields and valid times")]
    public void A_version_that_is_not_needed_is_refused(Metric metric, string expected)
    {
        ValoriKernel kernel = new(new EngineSchema(1, metric));
        kernel.Apply(new CreateNode(NodeKind.Document, null));
        byte[] bytes = SnapshotTests.Write(kernel.TakeView(), 1);
        byte[] body = bytes[SnapshotHeader.SizeBytes..];
        if (metric == Metric.L2) body = [.. body[..4], 0, 0, .. body[4..]];
        bytes = [.. bytes[..SnapshotHeader.SizeBytes], .. body];
        bytes[8] = 4;
        new HashContext("Valori 2026-11-24 v1 snapshot header").Hash(bytes.AsSpan(0, SnapshotHeader.SizeBytes - Digest.SizeBytes)).CopyTo(bytes.AsSpan(SnapshotHeader.SizeBytes - Digest.SizeBytes));
        Seal(bytes);
        Assert.Contains(expected, Assert.Throws<CorruptionException>(() => SnapshotReader.Read(new MemoryStream(bytes), "test")).Message);
    }

    private static byte[] Write(View view) => SnapshotTests.Write(view, 1);

    private static void Seal(byte[] bytes) =>
        SnapshotBodyWriter.Context.Hash(bytes.AsSpan(SnapshotHeader.SizeBytes, bytes.Length - SnapshotHeader.SizeBytes - Digest.SizeBytes)).CopyTo(bytes.AsSpan(bytes.Length - Digest.SizeBytes));
}
