using System.Buffers.Binary;
using Valori.Kernel.Commands;
using Valori.Kernel.Snapshots;
using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Kernel.Tests;

/// <summary>What must be there for each kind of command. A kind that was added in part fails here, by its name.</summary>
public sealed class CommandKindTests
{
    private const int Dimension = 3;

    private static readonly Samples Samples = new();
    private static readonly HashContext Context = new("a test");

    public static TheoryData<string> Names => [.. CommandKinds.All.Select(kind => kind.Name)];

    [Fact]
    public void Every_command_and_every_event_is_of_a_kind_in_the_list()
    {
        Assert.Equal(Derived<Command>(), Sorted(CommandKinds.All.Select(kind => kind.CommandType)));
        Assert.Equal(Derived<Event>(), Sorted(CommandKinds.All.Select(kind => kind.EventType)));
    }

    /// <summary>Frozen: the numbers stand in journals, and between processes.</summary>
    [Fact]
    public void The_numbers_of_a_kind_never_change() => Assert.Equal(
        "RecordsInserted 11 1, RecordDeleted 12 2, MetadataSet 13 3, NodeCreated 14 4, EdgeCreated 15 5, NodeDeleted 16 6, EdgeDeleted 17 7, "
        + "RecordsPut 22 8, FieldsSet 23 9, KeyDeleted 24 10, RecordsExpired 25 11, RecordsDeleted 26 12, RecordsFieldsSet 27 13, Transacted 28 14, NodePut 29 15, EdgePut 30 16, NodeFieldsSet 31 17, EdgeFieldsSet 32 18, EdgeValidTimeSet 33 19, ExpirySet 34 20, DocumentPut 35 21, DocumentDeleted 36 22",
        string.Join(", ", CommandKinds.All.Select(kind => $"{kind.Name} {kind.EventNumber} {kind.CommandNumber}")));

    /// <summary>Frozen: entries without a check, which are as old as their kinds, must stay readable. A new kind has a check.</summary>
    [Fact]
    public void Which_events_have_a_check_in_the_journal_never_changes() => Assert.Equal(
        "RecordsInserted Never, RecordDeleted Never, MetadataSet Never, NodeCreated Never, EdgeCreated Never, NodeDeleted Never, EdgeDeleted Never, "
        + "RecordsPut WhenNamed, FieldsSet WhenWritten, KeyDeleted WhenNamed, RecordsExpired Never",
        string.Join(", ", CommandKinds.All.Where(kind => kind.Check != EventCheck.Always).Select(kind => $"{kind.Name} {kind.Check}")));

    [Theory]
    [MemberData(nameof(Names))]
    public void Records_and_their_kind_agree(string name)
    {
        CommandKind kind = KindOf(name);
        foreach (Command command in Samples.Of(kind.CommandType).Cast<Command>())
        {
            Assert.Same(kind, command.CommandKind);
            Assert.Null(command.MissingProperty);
            Assert.True(command.ContentBytes >= 0);
            if (kind.CreatesIds) Assert.Null(command.ExpectedIds.FirstId);
            else Assert.Equal(0, command.ExpectedIds.Created);
        }
        foreach (Event happened in Samples.Of(kind.EventType).Cast<Event>())
        {
            Assert.Same(kind, happened.CommandKind);
            Assert.Same(kind, CommandKinds.OfEvent(kind.EventNumber));
            Assert.IsType(kind.CommandType, happened.Command);
            if (happened.Command.ExpectedIds.FirstId is { } expected) Assert.Equal(expected, happened.Ids.First);
            else if (kind.CreatesIds) Assert.Equal(happened.Ids.Count, happened.Command.ExpectedIds.Created);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fields_are_read_back_as_they_were_written(string name)
    {
        CommandKind kind = KindOf(name);
        foreach (Command command in Samples.Of(kind.CommandType).Cast<Command>())
        {
            byte[] bytes = WireWriter.ToBytes(new OneCommand(command));
            Command read = WireReader.ReadAll(bytes, CommandKinds.Read);
            Testing.Content.AssertEqual(command, read);
            Assert.Equal(bytes, WireWriter.ToBytes(new OneCommand(read)));
            Assert.Equal(DigestOf(command), DigestOf(read));
        }
        foreach (Event happened in Samples.Of(kind.EventType).Cast<Event>())
        {
            byte[] bytes = WireWriter.ToBytes(happened);
            Event read = WireReader.ReadAll(bytes, kind.ReadEvent);
            Testing.Content.AssertEqual(happened, read);
            Assert.Equal(bytes, WireWriter.ToBytes(read));
            Assert.Equal(DigestOf(happened.Command), DigestOf(read.Command));
        }
    }

    /// <summary>A transaction refers to ids by the fields that they have on the wire: every id is told, with its own field.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Each_id_of_a_command_can_be_another_one(string name)
    {
        CommandKind kind = KindOf(name);
        if (kind.StandsAlone) return;
        foreach (Command command in Samples.Of(kind.CommandType).Cast<Command>())
        {
            List<(int Field, ContentKind Kind)> told = [];
            Command all = command.MapIds(new Told((field, id, of) =>
            {
                told.Add((field, of));
                return id ^ 1;
            }));
            Assert.Equal(told.Select(id => id.Field).Distinct().Order(), told.Select(id => id.Field));
            Testing.Content.AssertEqual(CommandIds.Map(command, (_, _, id) => id ^ 1), all);
            Assert.Equal(IdsOf(command).Select(id => id ^ 1), IdsOf(all));
            foreach ((int field, _) in told)
            {
                Command one = command.MapIds(new Told((other, id, _) => other == field ? id ^ 1 : id));
                Dictionary<int, string> before = WireFieldsOf(command), after = WireFieldsOf(one);
                Assert.Equal([field], before.Keys.Union(after.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key)));
            }
        }
    }

    /// <summary>Otherwise another command would be answered as carried out.</summary>
    [Fact]
    public void Commands_that_ask_for_something_else_have_other_digests()
    {
        // The wire form tells all that a command has, but that narrow vectors may come wide.
        Dictionary<Digest, string> seen = [];
        foreach (Command command in CommandKinds.All.SelectMany(kind => Samples.Of(kind.CommandType)).Cast<Command>())
        {
            string form = Convert.ToHexString(WireWriter.ToBytes(new OneCommand(command)));
            Assert.True(seen.TryAdd(DigestOf(command), form) || seen[DigestOf(command)] == form, $"{command} has the digest of another command");
        }
    }

    /// <summary>Small commands are hashed from a span, larger ones as a stream.</summary>
    [Fact]
    public void The_digest_of_a_command_of_any_size_is_the_hash_of_its_bytes()
    {
        for (int length = 0; length <= 2_100; length++)
        {
            byte[] metadata = new byte[length];
            new Random(length).NextBytes(metadata);
            byte[] expected = [13, 5, 0, 0, 0, 0, 0, 0, 0, .. metadata];
            Assert.True(Context.Hash(expected) == DigestOf(new SetMetadata(new RecordId(5), metadata)), $"length and seed {length}");
        }
    }

    /// <summary>Around the size from which a command is hashed as a stream, wide and narrow vectors come on either side of it.</summary>
    [Fact]
    public void The_digest_of_an_insert_is_the_same_however_wide_its_vectors_came()
    {
        for (int dimension = 1; dimension <= 520; dimension++)
        {
            byte[] narrow = new byte[2 * dimension], wide = new byte[4 * dimension];
            Random random = new(dimension);
            for (int i = 0; i < dimension; i++)
            {
                short raw = (short)random.Next(-32767, 32768);
                BinaryPrimitives.WriteInt16LittleEndian(narrow.AsSpan(2 * i), raw);
                BinaryPrimitives.WriteInt32LittleEndian(wide.AsSpan(4 * i), raw);
            }
            ulong[] tags = [7];
            Assert.True(
                DigestOf(new InsertRecords(VectorBlock.FromRaw(dimension, isNarrow: true, narrow), tags))
                == DigestOf(new InsertRecords(VectorBlock.FromRaw(dimension, isNarrow: false, wide), tags)), $"dimension and seed {dimension}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_log_tells_of_one_and_of_many(string name)
    {
        EventText text = KindOf(name).Text;
        Assert.Contains("17", text.One(17, 1));
        Assert.Contains("1", text.Several(1));
        Assert.Contains("12", text.Several(12));
        Assert.NotEqual(text.Several(1).Replace("1", "12"), text.Several(12));
    }

    /// <summary>The model test and the simulation live on both.</summary>
    [Fact]
    public void Random_commands_are_of_every_kind_and_the_plain_model_carries_out_each()
    {
        RandomCommands commands = new(41, Dimension);
        NaiveModel model = new(Dimension);
        ValoriKernel kernel = new(Dimension);
        HashSet<Type> carriedOut = [], refused = [];
        for (int i = 0; i < 2_000; i++)
        {
            Command command = commands.Next();
            bool isAccepted = kernel.Decide(command).TryGet(out Event? happened, out _);
            Assert.True(model.Execute(command) == isAccepted, $"seed 41, step {i}: {command}");
            if (isAccepted) kernel.Apply(happened!);
            (isAccepted ? carriedOut : refused).Add(command.GetType());
        }
        Assert.Equal(Sorted(CommandKinds.All.Select(kind => kind.CommandType)), Sorted(carriedOut));
        Assert.Equal(Sorted(CommandKinds.All.Select(kind => kind.CommandType)), Sorted(refused));
        Assert.Equal(model.StateHash(), kernel.StateHash);
    }

    /// <summary>
    /// When memory is full, the engine refuses what adds content and carries out the rest. An event that adds content must therefore say so, and one
    /// that adds none, such as a deletion, must not. A state with more content has a larger snapshot.
    /// </summary>
    [Fact]
    public void A_kind_says_that_it_adds_content_if_and_only_if_it_does()
    {
        const int Seed = 43;
        RandomCommands commands = new(Seed, Dimension);
        ValoriKernel kernel = new(Dimension);
        HashSet<string> adding = [], telling = [];
        long before = SnapshotBytes(kernel);
        for (int i = 0; i < 2_000; i++)
        {
            if (!kernel.Decide(commands.Next()).TryGet(out Event? happened, out _)) continue;
            kernel.Apply(happened!);
            long after = SnapshotBytes(kernel);
            if (after > before)
            {
                adding.Add(happened!.CommandKind.Name);
                Assert.True(happened.AddsContent, $"seed {Seed}, step {i}: the snapshot grew from {before} to {after} bytes, and the event does not say that it adds content: {happened}");
            }
            if (happened!.AddsContent) telling.Add(happened.CommandKind.Name);
            before = after;
        }
        Assert.True(telling.SetEquals(adding), $"seed {Seed}: say that they add content: {Names(telling)}; made the snapshot grow: {Names(adding)}");

        static string Names(IEnumerable<string> kinds) => string.Join(", ", kinds.Order(StringComparer.Ordinal));
    }

    private static long SnapshotBytes(ValoriKernel kernel)
    {
        View view = kernel.TakeView();
        using MemoryStream written = new();
        SnapshotWriter.Write(written, view, new SnapshotHeader(1, 1, Digest.Zero, view.StateHash, new Digest[64]));
        return written.Length;
    }

    private static CommandKind KindOf(string name) => CommandKinds.All.Single(kind => kind.Name == name);

    private static Digest DigestOf(Command command) => DigestMaterial.Hash(Context, command);

    private static IEnumerable<string> Derived<T>() =>
        Sorted(typeof(T).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract));

    private static IEnumerable<string> Sorted(IEnumerable<Type> types) => types.Select(type => type.Name).Order(StringComparer.Ordinal);

    /// <summary>Every id that its properties have, in their order.</summary>
    private static IEnumerable<ulong> IdsOf(Command command)
    {
        foreach (object? value in command.GetType().GetProperties().OrderBy(property => property.Name, StringComparer.Ordinal).Select(property => property.GetValue(command)))
        {
            if (value is RecordId record) yield return record.Value;
            if (value is NodeId node) yield return node.Value;
            if (value is EdgeId edge) yield return edge.Value;
            if (value is RecordRef { Id: { } id }) yield return id.Value;
        }
    }

    /// <summary>The fields of its message, as text.</summary>
    private static Dictionary<int, string> WireFieldsOf(Command command)
    {
        byte[] bytes = WireWriter.ToBytes(command);
        int position = 0;
        Dictionary<int, string> fields = [];
        while (position < bytes.Length)
        {
            ulong tag = Varint();
            int begin = position;
            int type = (int)(tag & 7);
            ulong value = type is 0 or 2 ? Varint() : 0;
            position += type switch { 0 => 0, 1 => 8, 2 => (int)value, 5 => 4, _ => throw new FormatException($"wire type {type}") };
            fields[(int)(tag >> 3)] = fields.GetValueOrDefault((int)(tag >> 3)) + Convert.ToHexString(bytes.AsSpan(begin, position - begin));
        }
        return fields;

        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = bytes[position++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
        }
    }

    private sealed class Told(Func<int, ulong, ContentKind, ulong> map) : IdMap
    {
        protected override ulong Map(ContentKind kind, int field, string name, ulong id) => map(field, id, kind);
    }

    private readonly struct OneCommand(Command command) : IWireFields
    {
        public void WriteFields(ref WireWriter writer) => CommandKinds.Write(ref writer, command);
    }
}
