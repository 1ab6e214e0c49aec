using Valori.Protocol;

namespace Valori.Kernel.Tests;

public sealed class KernelTests
{
    public static TheoryData<Command, string> Refused => new()
    {
        { new InsertRecords(Golden.Block(3, 0, 0, 0), new ulong[1]), "expected 2 components, got 3" },
        { new InsertRecords(Golden.Block(2, 0, 0), new ulong[2]), "expected one tag per vector: 1 vectors, 2 tags" },
        { new DeleteRecord(new RecordId(99)), "record 99 does not exist" },
        { new DeleteRecord(new RecordId(1)), "record 1 was deleted" },
        { new SetMetadata(new RecordId(1), default), "record 1 was deleted" },
        { new SetMetadata(new RecordId(0), new byte[65_537]), "metadata is 65537 bytes; the limit is 65536 (64 KiB)" },
        { new CreateNode(NodeKind.Chunk, new RecordId(1)), "record 1 was deleted" },
        { new CreateEdge(new NodeId(0), new NodeId(7), EdgeKind.ParentOf), "node 7 does not exist" },
        { new CreateEdge(new NodeId(1), new NodeId(0), EdgeKind.ParentOf), "node 1 was deleted" },
        { new DeleteNode(new NodeId(1)), "node 1 was deleted" },
        { new DeleteEdge(new EdgeId(0)), "edge 0 was deleted" },
        { new DeleteEdge(new EdgeId(3)), "edge 3 does not exist" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_refused_command_names_the_value_and_changes_nothing(Command command, string message)
    {
        ValoriKernel kernel = WithTombstones();
        Digest before = kernel.StateHash;
        Assert.Equal(message, kernel.Decide(command).Refusal!.Message);
        Assert.Equal(before, kernel.StateHash);
        Assert.Equal(before, kernel.TakeView().StateHash);
    }

    [Fact]
    public void Deciding_changes_nothing_until_the_event_is_applied()
    {
        ValoriKernel kernel = WithTombstones();
        Digest before = kernel.StateHash;
        Event happened = kernel.Decide(new DeleteRecord(new RecordId(0))).Value!;
        Assert.Equal(before, kernel.StateHash);
        kernel.Apply(happened);
        Assert.NotEqual(before, kernel.StateHash);
    }

    [Fact]
    public void An_event_that_cannot_be_the_next_one_is_not_applied()
    {
        ValoriKernel kernel = WithTombstones();
        Digest before = kernel.StateHash;
        Event[] impossible =
        [
            new RecordsInserted(new RecordId(0), Golden.Block(2, 0, 0), new ulong[1]),
            new RecordsInserted(new RecordId(3), Golden.Block(2, 0, 0), new ulong[1]),
            new RecordDeleted(new RecordId(1)),
            new NodeCreated(new NodeId(5), NodeKind.Chunk, null),
            new EdgeCreated(new EdgeId(1), new NodeId(0), new NodeId(1), EdgeKind.ParentOf),
            new EdgeDeleted(new EdgeId(0)),
        ];
        foreach (Event happened in impossible) Assert.Throws<ArgumentException>(() => kernel.Apply(happened));
        Assert.Equal(before, kernel.StateHash);
    }

    [Fact]
    public void Batching_does_not_show_in_the_state_hash()
    {
        RandomCommands commands = new(31, 5);
        VectorBlock vectors = commands.Vectors(20_000);
        ulong[] tags = [.. Enumerable.Range(0, 20_000).Select(i => (ulong)i)];
        ValoriKernel atOnce = new(5), inParts = new(5);
        atOnce.Apply(new InsertRecords(vectors, tags));
        int rowBytes = vectors.Raw.Length / 20_000;
        for (int row = 0; row < 20_000;)
        {
            int rows = Math.Min(20_000 - row, 1 + row % 1500);
            VectorBlock part = VectorBlock.FromRaw(5, vectors.IsNarrow, vectors.Raw.Slice(row * rowBytes, rows * rowBytes));
            inParts.Apply(new InsertRecords(part, tags.AsMemory(row, rows)));
            row += rows;
        }
        Assert.Equal(atOnce.StateHash, inParts.StateHash);
    }

    [Fact]
    public void A_dimension_outside_the_limits_is_a_misuse()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ValoriKernel(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ValoriKernel(65_537));
    }

    private static ValoriKernel WithTombstones()
    {
        ValoriKernel kernel = new(2);
        kernel.Apply(new InsertRecords(Golden.Block(2, 0, 1, 1, 0), new ulong[2]));
        kernel.Apply(new DeleteRecord(new RecordId(1)));
        kernel.Apply(new CreateNode(NodeKind.Document, null));
        kernel.Apply(new CreateNode(NodeKind.Document, null));
        kernel.Apply(new CreateEdge(new NodeId(0), new NodeId(1), EdgeKind.ParentOf));
        kernel.Apply(new DeleteNode(new NodeId(1)));
        return kernel;
    }
}
