using Valori.Kernel.Commands;
using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Transactions;

/// <summary>Several commands as one event: all of them or none, each after what the ones before it did.</summary>
public sealed class TransactTests
{
    private const int Dimension = 2;

    private static readonly HashContext Requests = new("Valori 2026-11-27 v1 request command");

    [Fact]
    public void Later_commands_are_about_what_earlier_ones_create()
    {
        ValoriKernel kernel = new(Dimension);
        kernel.Apply(Insert(3));
        kernel.Apply(new CreateNode(NodeKind.Record, null));
        Transact document = new([
            new(new CreateNode(NodeKind.Document, null)),
            new(Insert(2)),
            new(new CreateNode(NodeKind.Chunk, new RecordId(0)), [new Reference(2, 1, 1)]),
            new(new CreateEdge(new NodeId(0), new NodeId(0), EdgeKind.ParentOf), [new Reference(1, 0), new Reference(2, 2)]),
            new(new SetMetadata(new RecordId(0), new byte[] { 7 }), [new Reference(1, 1, 0)]),
            new(new DeleteEdge(new EdgeId(0)), [new Reference(1, 3)]),
            new(new CreateEdge(new NodeId(0), new NodeId(0), EdgeKind.RefersTo), [new Reference(2, 0)]),
        ]);
        Transacted happened = Assert.IsType<Transacted>(kernel.Decide(document).Value);
        Event[] expected = [
            new NodeCreated(new NodeId(1), NodeKind.Document, null),
            new RecordsInserted(new RecordId(3), ((InsertRecords)document.Parts[1].Command).Vectors, ((InsertRecords)document.Parts[1].Command).Tags),
            new NodeCreated(new NodeId(2), NodeKind.Chunk, new RecordId(4)),
            new EdgeCreated(new EdgeId(0), new NodeId(1), new NodeId(2), EdgeKind.ParentOf),
            new MetadataSet(new RecordId(3), ((SetMetadata)document.Parts[4].Command).Metadata),
            new EdgeDeleted(new EdgeId(0)),
            new EdgeCreated(new EdgeId(1), new NodeId(0), new NodeId(1), EdgeKind.RefersTo),
        ];
        Assert.Equal(expected, happened.Parts);
        Assert.Equal((3UL, 2), happened.Ids);
        Assert.Equal(new IdRange(1, 2), happened.Created(ContentKind.Node));
        Assert.Equal(new IdRange(0, 2), happened.Created(ContentKind.Edge));

        View before = kernel.TakeView();
        kernel.Apply(happened);
        View after = kernel.TakeView();
        Assert.Equal(before.Version + 1, after.Version);
        Assert.Equal((3UL, 1UL, 0UL), (before.RecordCount, before.NodeCount, before.EdgeCount));
        Assert.Equal((5UL, 3UL, 1UL), (after.RecordCount, after.NodeCount, after.EdgeCount));
        Assert.Equal("edge 0 was deleted", after.GetEdge(new EdgeId(0)).Refusal!.Message);
        Assert.Equal([7], after.GetRecord(new RecordId(3)).Value!.Metadata!.Value.ToArray());
    }

    public static TheoryData<string, Transact, string> Refused => new()
    {
        { "no commands", new Transact([]), "the transaction has no commands" },
        { "too many", new Transact([.. Enumerable.Repeat(new TransactionPart(Insert(1)), 16_385)]), "the transaction has 16385 commands; the limit is 16384: split it" },
        { "a transaction within", new Transact([new(Insert(1)), new(new Transact([new(Insert(1))]))]), "command 1: a transaction cannot hold Transact: put its commands in its place" },
        { "what only the engine does", new Transact([new(new ExpireRecords(0))]), "command 0: a transaction cannot hold ExpireRecords: only the engine itself carries it out" },
        { "forwards", Refer(new DeleteRecord(new RecordId(0)), new Reference(1, 3)), "command 2: record_id refers to command 3; it can refer to an earlier command only, of which there are 2" },
        { "itself", Refer(new DeleteRecord(new RecordId(0)), new Reference(1, 2)), "command 2: record_id refers to command 2; it can refer to an earlier command only, of which there are 2" },
        { "backwards", Refer(new DeleteRecord(new RecordId(0)), new Reference(1, -1)), "command 2: record_id refers to command -1; it can refer to an earlier command only, of which there are 2" },
        { "another kind", Refer(new DeleteRecord(new RecordId(0)), new Reference(1, 0)), "command 2: record_id refers to command 0, which creates a node, not a record" },
        { "past the batch", Refer(new SetMetadata(new RecordId(0), default), new Reference(1, 1, 2)), "command 2: record_id refers to record 2 of command 1, which creates 2, counted from 0" },
        { "an id too", Refer(new DeleteNode(new NodeId(1)), new Reference(1, 0)), "command 2: node_id is 1 and also a reference: leave one of them out" },
        { "no id", Refer(new CreateNode(NodeKind.Chunk, null), new Reference(2, 1)), "command 2: field 2 of CreateNode is a reference, but it is not an id that can be one: leave the reference out" },
        { "an unknown field", Refer(new DeleteRecord(new RecordId(0)), new Reference(9, 0)), "command 2: field 9 of DeleteRecord is a reference, but it is not an id that can be one: leave the reference out" },
        { "out of order", Refer(new CreateEdge(default, default, default), new Reference(2, 0), new Reference(1, 0)), "command 2: the reference of field 1 follows the one of field 2: they must be in ascending order of their fields, each once" },
        { "twice", Refer(new DeleteNode(new NodeId(0)), new Reference(1, 0), new Reference(1, 0)), "command 2: the reference of field 1 follows the one of field 1: they must be in ascending order of their fields, each once" },
        { "guessed", Refer(new DeleteRecord(new RecordId(1))), "command 2: record 1 does not exist before the transaction: if a command of it creates the record, refer to that command" },
        { "nothing", new Transact([new(new DeleteRecord(new RecordId(0))), new(new CreateNode(NodeKind.Chunk, new RecordId(0)))]), "command 1: record 0 was deleted" },
        { "of nothing", new Transact([new(new DeleteRecord(new RecordId(0))), new(new DeleteRecord(new RecordId(0)), [new Reference(1, 0)])]), "command 1: record_id refers to command 0, which creates nothing" },
        { "a dead node", Refer(new CreateEdge(default, default, default)), "command 2: node 0 does not exist before the transaction: if a command of it creates the node, refer to that command" },
        { "the key of another", new Transact([new(Put("k", replace: false)), new(Put("k", replace: false))]), "command 1: the key 'k' is already used by the record with id 1: use upsert to replace it, or delete it first" },
        { "a vector of another dimension", new Transact([new(new InsertRecords(Golden.Block(3, 1, 2, 3), new ulong[1]))]), "command 0: expected 2 components, got 3" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_wrong_is_named_with_its_command_and_nothing_changes(string _, Transact transaction, string message)
    {
        ValoriKernel kernel = new(Dimension);
        kernel.Apply(Insert(1));
        Digest before = kernel.StateHash;
        Refusal refusal = kernel.Decide(transaction).Refusal!;
        Assert.Equal(message, refusal.Message);
        Assert.Equal(before, kernel.StateHash);
        kernel.Apply(Insert(1));
        Assert.Equal(2UL, kernel.TakeView().RecordCount);
    }

    [Fact]
    public void A_key_and_what_stands_for_its_record_follow_every_command()
    {
        ValoriKernel kernel = new(Dimension);
        kernel.Apply(Put("k", replace: false));
        kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(0)));
        kernel.Apply(Put("other", replace: false));
        Fields red = new FieldsBuilder { ["colour"] = "red" }.Build(), tall = new FieldsBuilder { ["size.tall"] = true }.Build();
        kernel.Apply(new Transact([
            new(SetFields.Merge((RecordKey)"k", red)),
            new(Put("k", replace: true)),
            new(SetFields.Merge((RecordKey)"k", tall)),
            new(SetFields.Remove(new RecordId(0), "size.tall"), [new Reference(1, 1)]),
            new(SetFields.Merge((RecordKey)"k", red)),
            new(new CreateNode(NodeKind.Document, new RecordId(0)), [new Reference(2, 1)]),
            new(Put("k", replace: true)),
            new(new DeleteKey("other")),
            new(Put("other", replace: false)),
            new(new DeleteNode(new NodeId(0)), [new Reference(1, 5)]),
            new(SetFields.Merge((RecordKey)"other", tall)),
        ]));
        View view = kernel.TakeView();
        RecordContent k = view.GetRecord((RecordKey)"k").Value!, other = view.GetRecord((RecordKey)"other").Value!;
        Assert.Equal((3UL, Fields.Empty), (k.Id.Value, k.Fields));
        Assert.Equal((4UL, tall), (other.Id.Value, other.Fields));
        Assert.Equal(k.Id, view.GetNode(new NodeId(0)).Value!.Record);
        Assert.Equal("node 1 was deleted", view.GetNode(new NodeId(1)).Refusal!.Message);
    }

    [Fact]
    public void All_commands_together_move_no_more_nodes_than_one()
    {
        ValoriKernel kernel = new(Dimension);
        kernel.Apply(Put("a", replace: false));
        kernel.Apply(Put("b", replace: false));
        for (int i = 0; i <= Limits.MaximumMovedNodes; i++) kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(i % 2 == 0 ? 0UL : 1UL)));
        TransactionPart a = new(Put("a", replace: true)), b = new(Put("b", replace: true));
        Refusal refusal = kernel.Decide(new Transact([a, b])).Refusal!;
        Assert.Equal(RefusalKind.LimitExceeded, refusal.Kind);
        Assert.StartsWith("command 1: more than 4096 nodes stand for the records that would be replaced", refusal.Message);
        // One that is deleted before does not count, and what moved once counts again.
        Assert.NotNull(kernel.Decide(new Transact([new(new DeleteNode(new NodeId(8))), a, b])).Value);
        Assert.NotNull(kernel.Decide(new Transact([a])).Value);
        Assert.StartsWith("command 1: more than 4096", kernel.Decide(new Transact([a, a])).Refusal!.Message);
    }

    [Fact]
    public void A_node_that_goes_takes_its_edges_before_the_next_command()
    {
        ValoriKernel kernel = new(Dimension);
        for (int i = 0; i < 2; i++) kernel.Apply(new CreateNode(NodeKind.Chunk, null));
        kernel.Apply(new CreateEdge(new NodeId(0), new NodeId(1), EdgeKind.ParentOf));
        TransactionPart newEdge = new(new CreateEdge(new NodeId(1), new NodeId(0), EdgeKind.ParentOf)), delete = new(new DeleteNode(new NodeId(0)));
        Assert.Equal("command 1: edge 0 was deleted", kernel.Decide(new Transact([delete, new(new DeleteEdge(new EdgeId(0)))])).Refusal!.Message);
        Assert.Equal("command 1: node 0 was deleted", kernel.Decide(new Transact([delete, newEdge])).Refusal!.Message);
        Assert.Equal("command 2: edge 1 was deleted", kernel.Decide(new Transact([newEdge, delete, new(new DeleteEdge(new EdgeId(0)), [new Reference(1, 0)])])).Refusal!.Message);
    }

    /// <summary>What is decided on top of the state equals what is decided when each command was applied before the next.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_transaction_does_what_its_commands_do_one_by_one(int seed)
    {
        RandomCommands commands = new(seed, Dimension);
        List<Event> history = [];
        ValoriKernel together = new(Dimension);
        for (int round = 0; round < 40; round++)
        {
            // The same state, in which each command is applied at once.
            ValoriKernel apart = new(Dimension);
            foreach (Event before in history) apart.Apply(before);
            List<Event> happened = [];
            (ulong records, ulong nodes, ulong edges) = Slots(apart.TakeView());
            while (happened.Count < 12)
            {
                Command command = commands.Next();
                if (command.CommandKind.StandsAlone) continue;
                Transact asFarAsHere = (Transact)new Transacted([.. happened, new RecordDeleted(default)]).Command;
                bool isAccepted = apart.Decide(command).TryGet(out Event? one, out Refusal? refusal);
                if (!isAccepted && !IsAboutNewIds(command, records, nodes, edges))
                {
                    Transact wrong = new([.. asFarAsHere.Parts.Take(happened.Count), new TransactionPart(command)]);
                    Assert.Equal($"command {happened.Count}: {refusal!.Message}", together.Decide(wrong).Refusal!.Message);
                }
                if (!isAccepted) continue;
                apart.Apply(one!);
                happened.Add(one!);
            }
            Transacted all = new(happened);
            Assert.Equal(all, together.Decide(all.Command).Value);
            Assert.True(DigestMaterial.Hash(Requests, all.Command) == DigestMaterial.Hash(Requests, together.Decide(all.Command).Value!.Command));
            View old = together.TakeView();
            Digest oldHash = old.StateHash;
            together.Apply(all);
            Assert.True(apart.StateHash == together.StateHash, $"seed {seed}, round {round}");
            Assert.True(oldHash == together.TakeView().AsOf(old.Version).StateHash);
            history.Add(all);
            if (round % 8 == 0) AssertSame(apart.TakeView(), together.TakeView());
        }
    }

    /// <summary>One within another would be read as deep as the bytes allow, and there is no end to the stack but the process's.</summary>
    [Fact]
    public void A_transaction_within_another_is_refused_before_it_is_read()
    {
        byte[] command = WireWriter.ToBytes(new OneCommand(new Transact([new(Insert(1))])));
        for (int depth = 0; depth < 3; depth++)
        {
            // Transact 14 { parts 1 { command 1 { ... } } }
            command = [14 << 3 | 2, .. Prefixed([1 << 3 | 2, .. Prefixed([1 << 3 | 2, .. Prefixed(command)])])];
            Assert.Equal("a transaction holds another transaction", Assert.Throws<FormatException>(() => WireReader.ReadAll(command, CommandKinds.Read)).Message);
        }
        byte[] happened = WireWriter.ToBytes(new Transacted([new RecordDeleted(new RecordId(1))]));
        byte[] nested = [1 << 3 | 2, .. Prefixed([28 << 3 & 0x7F | 2 | 0x80, 28 >> 4, .. Prefixed(happened)])];
        Assert.Equal("28 is not the number of an event that a transaction can hold", Assert.Throws<FormatException>(() => WireReader.ReadAll(nested, Transact.ThisKind.ReadEvent)).Message);
    }

    /// <summary>Computed from docs/formats.md by hand: the digests of the parts, with 0 for what is a reference, and the references.</summary>
    [Fact]
    public void The_digest_of_a_transaction_is_that_of_its_commands_and_references()
    {
        Transact transaction = new([
            new(new CreateNode(NodeKind.Document, null)),
            new(new CreateEdge(new NodeId(5), new NodeId(0), EdgeKind.ParentOf), [new Reference(2, 0)]),
        ]);
        byte[] node = Requests.Hash([14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]).ToArray();
        byte[] edge = Requests.Hash([15, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).ToArray();
        byte[] material = [28, 2, 0, 0, 0, .. node, 0, 0, 0, 0, .. edge, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(Requests.Hash(material), DigestMaterial.Hash(Requests, transaction));
        Assert.Equal("43c3697741babf1048931c289cf8e10df6bb8fee78eddb215c7e1275405b2621", DigestMaterial.Hash(Requests, transaction).ToString());
    }

    /// <summary>A few bytes that are merged write all fields of their record again, so bytes of content bound neither memory nor time.</summary>
    [Fact]
    public void A_transaction_reads_and_writes_no_more_fields_than_the_limit()
    {
        const int valueBytes = 60_000;
        ValoriKernel kernel = new(Dimension);
        Fields large = new FieldsBuilder { ["text"] = new string('x', valueBytes) }.Build();
        kernel.Apply(new PutRecords(Golden.Block(Dimension, 1, 2), new ulong[1], [new RecordAttributes { Key = "k", Fields = large }], Replace: false));
        kernel.Apply(new PutNode(NodeKind.Document, null, large));
        kernel.Apply(new PutEdge(new NodeId(0), new NodeId(0), EdgeKind.ParentOf, large, ValidTime.Always));
        Fields one = new FieldsBuilder { ["a"] = 1 }.Build();
        Command[] commands =
        [
            SetFields.Merge((RecordKey)"k", one), SetNodeFields.Merge(new NodeId(0), one), SetEdgeFields.Merge(new EdgeId(0), one),
            new SetExpiry((RecordKey)"k", 5), new SetEdgeValidTime(new EdgeId(0), new ValidTime(1, null)),
        ];
        ulong slots = kernel.TakeView().Version;
        foreach (Command command in commands)
        {
            // Each reads 60,000 bytes and writes as many.
            int most = (int)(Limits.MaximumChangedFieldBytes / (2 * valueBytes));
            Transact Times(int count) => new([.. Enumerable.Repeat(new TransactionPart(command), count)]);
            Transacted happened = (Transacted)kernel.Decide(Times(most - 2)).Value!;
            Assert.InRange(happened.RewrittenBytes, (most - 2L) * valueBytes, (most - 2L) * (valueBytes + 100));
            Refusal refusal = kernel.Decide(Times(most + 1)).Refusal!;
            Assert.Equal(RefusalKind.LimitExceeded, refusal.Kind);
            Assert.Contains("with it, the transaction reads and writes more than 67108864 bytes of fields (64 MiB)", refusal.Message);
        }
        Transact removing = new([.. Enumerable.Repeat(new TransactionPart(SetNodeFields.Remove(new NodeId(0), [.. Enumerable.Range(0, 1_000).Select(i => $"x{i}")])), 1_000)]);
        Assert.Equal(RefusalKind.LimitExceeded, kernel.Decide(removing).Refusal!.Kind);
        Assert.Equal(slots, kernel.TakeView().Version);
    }

    private static void AssertSame(View expected, View actual)
    {
        for (ulong id = 0; id < Slots(expected).Records; id++)
        {
            RecordContent? record = expected.GetRecord(new RecordId(id)).Value, same = actual.GetRecord(new RecordId(id)).Value;
            Assert.Equal(record is null, same is null);
            if (record is not null) Assert.Null(NaiveRecord.Of(record).Difference(NaiveRecord.Of(same!)));
        }
        for (ulong id = 0; id < Slots(expected).Nodes; id++)
        {
            Assert.Equal(expected.GetNode(new NodeId(id)).Value, actual.GetNode(new NodeId(id)).Value);
            Assert.Equal(expected.GetEdges(new NodeId(id)).Value?.Incoming, actual.GetEdges(new NodeId(id)).Value?.Incoming);
        }
        foreach (RecordKey key in RandomCommands.Keys) Assert.Equal(expected.Find(key, out _), actual.Find(key, out _));
    }

    private static (ulong Records, ulong Nodes, ulong Edges) Slots(View view) => (view.RecordSlots, view.NodeSlots, view.EdgeSlots);

    private static bool IsAboutNewIds(Command command, ulong records, ulong nodes, ulong edges)
    {
        bool isAboutNew = false;
        CommandIds.Map(command, (_, kind, id) =>
        {
            isAboutNew |= id >= kind switch { ContentKind.Record => records, ContentKind.Node => nodes, _ => edges };
            return id;
        });
        return isAboutNew;
    }

    /// <summary>A node, two records, and a command.</summary>
    private static Transact Refer(Command command, params Reference[] references) =>
        new([new(new CreateNode(NodeKind.Document, null)), new(Insert(2)), new(command, references)]);

    private static InsertRecords Insert(int count) => new(Golden.Block(Dimension, [.. Enumerable.Range(0, Dimension * count).Select(i => (float)i)]), new ulong[count]);

    private static PutRecords Put(string key, bool replace) => new(Golden.Block(Dimension, 1, 2), new ulong[1], [new RecordAttributes { Key = key }], replace);

    private static byte[] Prefixed(byte[] bytes)
    {
        List<byte> length = [];
        for (int rest = bytes.Length; ; rest >>= 7)
        {
            length.Add((byte)(rest > 0x7F ? rest | 0x80 : rest));
            if (rest <= 0x7F) return [.. length, .. bytes];
        }
    }

    private readonly struct OneCommand(Command command) : IWireFields
    {
        public void WriteFields(ref WireWriter writer) => CommandKinds.Write(ref writer, command);
    }
}
