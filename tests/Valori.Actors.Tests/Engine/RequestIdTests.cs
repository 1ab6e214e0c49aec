using System.Runtime.InteropServices;
using Akka.Actor;
using Valori.Actors.State;
using Valori.Kernel.Blake3;
using Valori.Protocol;

namespace Valori.Actors.Tests.Engine;

/// <summary>
/// A command that is sent again with its request id is carried out once. Akka's own failure messages do not survive
/// serialization, hence off.
/// </summary>
public sealed class RequestIdTests() : EngineTestKit("""
    valori.remembered-requests = 3
    akka.actor.serialize-messages = off
    """)
{
    [Fact]
    public void The_same_id_again_gets_the_first_receipt_and_changes_nothing()
    {
        IActorRef gateway = Open();
        Receipt first = Send(gateway, "a", Insert(1, 1));
        EngineStatus status = Status(gateway);
        Assert.Equal(first, Send(gateway, "a", Insert(1, 1)));
        Assert.Equal(status, Status(gateway));
        Assert.Equal(1UL, Send(gateway, "b", Insert(2, 2)).FirstId);
    }

    [Fact]
    public void The_same_id_with_another_command_is_refused_and_changes_nothing()
    {
        IActorRef gateway = Open();
        Send(gateway, "setup", Insert(1, 1, 2, 2));
        Command[] commands =
        [
            Insert(1, 1), Insert(1, 1, 1, 1), Insert(1, 2), new InsertRecords(Insert(1, 1).Vectors, new ulong[] { 1 }),
            new SetMetadata(new RecordId(0), "a"u8.ToArray()), new SetMetadata(new RecordId(0), "b"u8.ToArray()), new SetMetadata(new RecordId(1), "a"u8.ToArray()),
            new CreateNode(NodeKind.Chunk, null), new CreateNode(NodeKind.Document, null), new CreateNode(NodeKind.Chunk, new RecordId(0)),
            new CreateEdge(new NodeId(0), new NodeId(1), EdgeKind.ParentOf), new CreateEdge(new NodeId(1), new NodeId(0), EdgeKind.ParentOf),
            new CreateEdge(new NodeId(0), new NodeId(1), EdgeKind.RefersTo),
            new DeleteEdge(new EdgeId(0)), new DeleteNode(new NodeId(0)), new DeleteRecord(new RecordId(0)), new DeleteRecord(new RecordId(1)),
        ];
        foreach (Command command in commands)
        {
            string id = $"{command.GetType().Name}-{Array.IndexOf(commands, command)}";
            Receipt first = Send(gateway, id, command);
            EngineStatus status = Status(gateway);
            foreach (Command other in commands)
            {
                gateway.Tell(new Request(RequestId.Parse(id), other), TestActor);
                if (ReferenceEquals(other, command))
                {
                    Assert.Equal(first, ExpectMsg<Receipt>());
                    continue;
                }
                Refusal refusal = ExpectMsg<Refusal>();
                Assert.Equal(RefusalKind.RequestIdReused, refusal.Kind);
                Assert.StartsWith($"the request id '{id}' was already used for another command", refusal.Message);
            }
            Assert.Equal(status, Status(gateway));
        }
    }

    /// <summary>Another process may send wide what fits 16 bits: the values count, not their form.</summary>
    [Fact]
    public void The_same_vectors_in_another_form_are_the_same_command()
    {
        VectorBlock narrow = VectorBlock.FromComponents(Dimension, [0.25f, -0.25f]).Value!;
        int[] raw = new int[Dimension];
        narrow.CopyRow(0, raw);
        VectorBlock wide = VectorBlock.FromRaw(Dimension, isNarrow: false, MemoryMarshal.AsBytes(raw.AsSpan()).ToArray());
        Assert.Equal((true, false), (narrow.IsNarrow, wide.IsNarrow));
        IActorRef gateway = Open();
        Receipt first = Send(gateway, "a", new InsertRecords(narrow, new ulong[1]));
        Assert.Equal(first, Send(gateway, "a", new InsertRecords(wide, new ulong[1])));
        Assert.Equal(1UL, Status(gateway).RecordCount);
    }

    /// <summary>Frozen: if this changes, a command that is sent again after an update is refused as another one.</summary>
    [Fact]
    public void The_digest_of_a_command_never_changes()
    {
        Command[] commands =
        [
            new InsertRecords(VectorBlock.FromComponents(Dimension, [0.25f, -0.25f]).Value!, new ulong[] { 7 }), Insert(300, -300, 1, 2),
            new DeleteRecord(new RecordId(5)), new SetMetadata(new RecordId(5), "some"u8.ToArray()), new CreateNode(NodeKind.Chunk, null),
            new CreateNode(NodeKind.Chunk, new RecordId(5)), new CreateEdge(new NodeId(1), new NodeId(2), EdgeKind.RefersTo), new DeleteNode(new NodeId(5)), new DeleteEdge(new EdgeId(5)),
        ];
        Assert.Equal("e2cddfbc ebed7e75 be232413 7c5dfd8c fb81ac91 c27720ad c3f3179a ecf52ebf c0c9e826", string.Join(' ', commands.Select(command => CommandDigest.Of(command).ToString()[..8])));
        // Byte by byte, as docs/formats.md has it.
        HashContext context = new("Valori 2026-11-27 v1 request command");
        Assert.Equal(
            context.Hash([11, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0x00, 0x40, 0x00, 0xC0, 7, 0, 0, 0, 0, 0, 0, 0]), CommandDigest.Of(commands[0]));
        Assert.Equal(context.Hash([13, 5, 0, 0, 0, 0, 0, 0, 0, .. "some"u8]), CommandDigest.Of(commands[3]));
        Assert.Equal(context.Hash([14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]), CommandDigest.Of(commands[4]));
        Assert.Equal(context.Hash([14, 5, 0, 0, 0, 0, 0, 0, 0, 1, 3]), CommandDigest.Of(commands[5]));
        Assert.Equal(context.Hash([15, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2]), CommandDigest.Of(commands[6]));
        Assert.Equal(context.Hash([17, 5, 0, 0, 0, 0, 0, 0, 0]), CommandDigest.Of(commands[8]));
    }

    /// <summary>The list that goes with a snapshot holds receipts, and what waits for a write has none yet.</summary>
    [Fact]
    public void A_snapshot_that_is_asked_for_while_named_commands_wait_for_a_write_lists_them_too()
    {
        IActorRef gateway = Open();
        Faults.Hold();
        gateway.Tell(new Request(RequestId.Parse("a"), Insert(1, 1)), TestActor);
        gateway.Tell(new Request(RequestId.Parse("b"), Insert(2, 2)), TestActor);
        gateway.Tell(new Protocol.SaveSnapshot(), TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        Faults.Release();
        Assert.Equal((0UL, 1UL), (ExpectMsg<Receipt>().FirstId, ExpectMsg<Receipt>().FirstId));
        ExpectMsg<SnapshotSaved>();
        Assert.Equal(1UL, Send(gateway, "b", Insert(2, 2)).FirstId);
    }

    /// <summary>
    /// It would be of the state before the restore, and without the requests that the restore forgets: after a crash before the restore is
    /// durable, an engine that begins from it would carry them out again. Found by the simulator.
    /// </summary>
    [Fact]
    public void A_snapshot_that_is_asked_for_while_a_restore_waits_for_its_write_is_of_the_state_after_it()
    {
        IActorRef other = Open("other"), gateway = Open();
        other.Tell(new Protocol.SaveSnapshot(), TestActor);
        byte[] snapshot = File.ReadAllBytes(ExpectMsg<SnapshotSaved>().Path);
        Send(gateway, "a", Insert(1, 1));
        gateway.Tell(new BeginRestore(), TestActor);
        IActorRef upload = ExpectMsg<RestoreStarted>().Upload;
        upload.Tell(new RestoreChunk(0, snapshot), TestActor);
        ExpectMsg<RestoreChunkTaken>();
        int writes = Faults.Writes.Count;
        Faults.Hold();
        upload.Tell(new CompleteRestore(), TestActor);
        AwaitAssert(() => Assert.Equal(writes + 1, Faults.Writes.Count), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(5));
        gateway.Tell(new Protocol.SaveSnapshot(), TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        Faults.Release();
        long restored = ExpectMsg<Receipt>().SequenceNr;
        Assert.Equal(restored, ExpectMsg<SnapshotSaved>().SequenceNr);
    }

    [Fact]
    public void A_second_one_that_arrives_before_the_first_is_durable_waits_for_it()
    {
        IActorRef gateway = Open();
        Faults.Hold();
        gateway.Tell(new Request(RequestId.Parse("a"), Insert(1, 1)), TestActor);
        gateway.Tell(new Request(RequestId.Parse("a"), Insert(1, 1)), TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        Faults.Release();
        Assert.Equal(ExpectMsg<Receipt>(), ExpectMsg<Receipt>());
        Assert.Equal(1UL, Status(gateway).RecordCount);
    }

    [Theory]
    [InlineData(Fault.FailBeforeCommit)]
    [InlineData(Fault.FailAfterCommit)]
    public void Sending_again_after_an_unknown_outcome_carries_it_out_exactly_once(Fault fault)
    {
        IActorRef gateway = Open();
        Faults.Next(fault);
        gateway.Tell(new Request(RequestId.Parse("a"), Insert(1, 1)), TestActor);
        Assert.Equal(EngineFailureKind.OutcomeUnknown, ExpectMsg<EngineFailure>().Kind);
        StatusAfterRecovery(gateway);
        Assert.Equal(0UL, Send(gateway, "a", Insert(1, 1)).FirstId);
        Assert.Equal(1UL, Status(gateway).RecordCount);
    }

    [Fact]
    public void A_refusal_is_not_remembered()
    {
        IActorRef gateway = Open();
        gateway.Tell(new Request(RequestId.Parse("a"), new DeleteRecord(new RecordId(0))), TestActor);
        ExpectMsg<Refusal>();
        Send(gateway, "b", Insert(1, 1));
        Assert.Equal(0UL, Send(gateway, "a", new DeleteRecord(new RecordId(0))).FirstId);
        Assert.Equal(0UL, Status(gateway).RecordCount);
    }

    [Fact]
    public void Past_the_limit_the_oldest_id_is_forgotten_also_after_a_restart()
    {
        IActorRef gateway = Open();
        foreach (string id in (string[])["a", "b", "c", "d"]) Send(gateway, id, Insert(1, 1));
        Faults.Next(Fault.FailBeforeCommit);
        gateway.Tell(Insert(9, 9), TestActor);
        ExpectMsg<EngineFailure>();
        StatusAfterRecovery(gateway);
        Assert.Equal(1UL, Send(gateway, "b", Insert(1, 1)).FirstId);
        Assert.Equal(4UL, Send(gateway, "a", Insert(1, 1)).FirstId);
        Assert.Equal(5UL, Send(gateway, "b", Insert(1, 1)).FirstId); // "a" took its place
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_steps_of_one_request_are_not_remembered_in_place_of_others(bool isSaved)
    {
        IActorRef gateway = Open();
        Send(gateway, "a", Insert([.. Enumerable.Repeat(1f, 2 * 10)]));
        Send(gateway, "b", Insert(1, 1));
        Receipt[] steps = [.. Enumerable.Range(0, 8).Select(Step)];
        if (isSaved)
        {
            gateway.Tell(new SaveSnapshot(), TestActor);
            ExpectMsg<SnapshotSaved>();
        }
        Faults.Next(Fault.FailBeforeCommit);
        gateway.Tell(Insert(9, 9), TestActor);
        ExpectMsg<EngineFailure>();
        long last = StatusAfterRecovery(gateway).SequenceNr;
        Assert.Equal(0UL, Send(gateway, "a", Insert([.. Enumerable.Repeat(1f, 2 * 10)])).FirstId);
        Assert.Equal(10UL, Send(gateway, "b", Insert(1, 1)).FirstId);
        // The first step is a request as others are; of the later ones the newest three are remembered.
        foreach (int step in (int[])[0, 7, 6, 5]) Assert.Equal(steps[step], Step(step));
        Assert.Equal(last, Status(gateway).SequenceNr);
        Assert.NotEqual(steps[4], Step(4));

        Receipt Step(int number) => Send(gateway, $"step-{number}", new DeleteWhere(Filter.All, (ulong)number, 1));
    }

    [Theory]
    [InlineData("", "the request id is empty; it must have 1 to 64 visible ASCII characters")]
    [InlineData("a b", "the request id 'a b' has a space (U+0020) as character 2; it must have 1 to 64 visible ASCII characters")]
    [InlineData(" ", "the request id ' ' has a space (U+0020) as character 1; ")]
    [InlineData("umläut", "the request id 'umläut' has 'ä' (U+00E4) as character 4; ")]
    [InlineData("a\n", "the request id 'a\\u000A' has U+000A as character 2; ")]
    [InlineData("a\ud83d\ude00", "the request id 'a\ud83d\ude00' has '\ud83d\ude00' (U+1F600) as character 2; ")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123x",
        "the request id '0123456789012345678901234567890123456789012345678901234567890123x' has 65 characters; ")]
    public void What_is_no_id_is_refused_by_what_is_wrong_with_it(string text, string expected) =>
        Assert.StartsWith(expected, RequestId.Of(text).Refusal!.Message);

    private Receipt Send(IActorRef gateway, string id, Command command)
    {
        gateway.Tell(new Request(RequestId.Parse(id), command), TestActor);
        return ExpectMsg<Receipt>();
    }
}
