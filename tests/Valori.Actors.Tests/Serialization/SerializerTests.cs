using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Valori.Actors.Entries;
using Valori.Actors.Serialization;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Kernel.Commands;
using Valori.Kernel.Wire;
using Valori.Protocol;
using JournalProto = Valori.Actors.Entries.JournalProto;
using MessageProto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Tests.Serialization;

/// <summary>Every message and event travels as protobuf and arrives as it was.</summary>
public sealed class SerializerTests : EngineTestKit
{
    private IActorRef At(string path) => ((ExtendedActorSystem)Sys).Provider.ResolveActorRef($"akka://{Sys.Name}/user/valori/{path}");

    private static readonly Digest Hash = Digest.Of("a hash"u8);
    private static readonly VectorBlock Narrow = VectorBlock.FromComponents(2, [0.25f, -0.25f]).Value!;
    private static readonly VectorBlock Wide = VectorBlock.FromComponents(2, [250f, -250f, 1, 2]).Value!;

    private Samples Samples => new Samples()
        .Add(RequestId.Parse("a-b"), RequestId.Parse("~"))
        .Add(new WantedSchema(), new WantedSchema(3), new WantedSchema(384, Metric.Cosine, 0.25), new WantedSchema(Scale: 64))
        .Add(At("notes"))
        .Add(new EngineAddress(new Address("akka.tcp", "valori", "127.0.0.1", 4053), "notes"), new EngineAddress(new Address("akka", "valori"), "a"))
        .Add(new RestoreStarted(At("notes/restore-1")));

    private IEnumerable<object> Messages
    {
        get
        {
            Samples samples = Samples;
            return MessageKinds.All.SelectMany(kind => samples.Of(kind.Type));
        }
    }

    [Fact]
    public void Every_message_arrives_as_it_was_sent_and_none_is_forgotten()
    {
        Open(); // Persistence and its plugins rebuild the bindings when they start: what counts is what holds afterwards
        HashSet<Type> seen = [];
        foreach (object message in Messages)
        {
            Serializer serializer = Sys.Serialization.FindSerializerFor(message);
            Assert.IsType<ValoriSerializer>(serializer);
            string manifest = ((SerializerWithStringManifest)serializer).Manifest(message);
            object arrived = Sys.Serialization.Deserialize(serializer.ToBinary(message), serializer.Identifier, manifest);
            Content.AssertEqual(message, arrived);
            Assert.Equal(serializer.ToBinary(message), serializer.ToBinary(arrived));
            seen.Add(message.GetType());
        }
        Assert.Equal(Sorted(MessageKinds.All.Select(kind => kind.Type)), Sorted(seen));
    }

    /// <summary>It has no public setter, so the samples leave it out.</summary>
    [Fact]
    public void What_a_change_of_the_timeline_did_arrives_as_it_was_sent()
    {
        TimelineEntry sent = new(2, 0, Digest.Zero, Digest.Zero, [new TimelineChange(TimelineKind.ExpirySet, 1, 1, null) { Manner = EventManner.Removed }]);
        Assert.Equal(EventManner.Removed, MessageCodec.FromProto(MessageCodec.ToProto(sent)).Changes[0].Manner);
    }

    /// <summary>What every version since 0.1 sends: an older or newer process must be understood.</summary>
    [Fact]
    public void The_bytes_of_searches_never_change()
    {
        (object Message, string Bytes)[] frozen =
        [
            (new Search(new SearchQuery(Narrow, 3)), "0a0c0a0808021204004000c01003"),
            (new Search(Tagged(Narrow, 3, 7), WithReceipt: true) { AsOf = AsOf.SequenceNr(9) }, "0a170a0808021204004000c010031907000000000000002801a201020809"),
            (new SearchBatch(Tagged(Wide, 300, 0)), "52220a1408021a100000fa00000006ff000001000000020010ac02190000000000000000"),
            (new SearchExpand(Tagged(Narrow, -1, ulong.MaxValue), 2), "12200a0808021204004000c010ffffffffffffffffff0119ffffffffffffffff2002"),
            (new Search(new SearchQuery(Narrow, 3) { Filter = Filter.In("tag", 7) }), "aa011b0a0808021204004000c010033a0d0d030100060700000000000000"),
            (new SearchExpand(new SearchQuery(Narrow, 1), 0), "120c0a0808021204004000c01001"),
            (new Search(new SearchQuery(Narrow, 3) { ScoreLimit = -2 }), "aa010e0a0808021204004000c010033003"),
            (new SearchExpand(new SearchQuery(Narrow, 3) { ScoreLimit = -2 }, 1), "b201100a0808021204004000c010032001" + "3003"),
            (new SearchBatch(new SearchQuery(Narrow, 3) { ScoreLimit = -2 }), "ba010e0a0808021204004000c010033003"),
            (new Search(new SearchQuery(Narrow, 3) { With = RecordParts.Key | RecordParts.Vector }), "aa010e0a0808021204004000c010034009"),
            (new SearchBatch(new SearchQuery(Narrow, 3) { Offset = 5 }), "ba010e0a0808021204004000c010034805"),
            (new Search(new SearchQuery(Narrow, 3)) { Explain = true }, "aa010e0a0808021204004000c010035001"),
            (new Search(new SearchQuery(Narrow, 3) { Mode = SearchMode.Approximate(100) }), "aa01100a0808021204004000c0100358016064"),
            (new SearchBatch(new SearchQuery(Narrow, 3)) { Explain = true }, "ba010e0a0808021204004000c010035001"),
            (new Search(new SearchQuery(Narrow, 3) { Mode = SearchMode.ApproximateWithRecall(0.95) }), "aa01170a0808021204004000c01003580169666666666666ee3f"),
            (new SearchBatch(new SearchQuery(Narrow, 3) { Mode = SearchMode.Auto() }), "ba01100a0808021204004000c0100358026040"),
        ];
        ValoriSerializer serializer = new((ExtendedActorSystem)Sys);
        foreach ((object message, string bytes) in frozen)
        {
            Assert.Equal("query", serializer.Manifest(message));
            Assert.Equal(bytes, Convert.ToHexStringLower(serializer.ToBinary(message)));
            Assert.Equal(message, serializer.FromBinary(Convert.FromHexString(bytes), "query"));
        }
    }

    /// <summary>Answers of an older version would be about other records, and its vectors would be stored as they are.</summary>
    [Fact]
    public void What_an_older_version_would_misunderstand_stands_where_it_does_not_look()
    {
        // The fields that 0.1 was first built with.
        SearchQuery refined = new(Narrow, 3) { Filter = Filter.Eq("user", "ada") };
        foreach (SearchQuestion search in new SearchQuestion[] { new Search(refined), new SearchBatch(refined), new SearchExpand(refined, 1), new Search(new SearchQuery(Narrow, 3) { ScoreLimit = 9 }) })
        {
            MessageProto.Query proto = QueryKinds.ToProto(search);
            Assert.Null(proto.Search ?? proto.SearchBatch ?? proto.SearchExpand);
        }
        MessageProto.EngineOpened plain = MessageCodec.ToProto(new EngineOpened("notes", new EngineSchema(3), At("notes")));
        Assert.Equal((true, ""), (plain.Gateway.Length > 0, plain.GatewayWithSchema));
        foreach (EngineSchema schema in new[] { new EngineSchema(3, Metric.Dot), new EngineSchema(3, Metric.L2, 6) })
        {
            MessageProto.EngineOpened opened = MessageCodec.ToProto(new EngineOpened("notes", schema, At("notes")));
            Assert.Equal(("", plain.Gateway), (opened.Gateway, opened.GatewayWithSchema));
        }
    }

    /// <summary>A newer version may ask for more than is known here: the answer would be to another question.</summary>
    [Fact]
    public void A_query_with_a_field_that_is_not_known_here_becomes_what_the_gateway_refuses()
    {
        ValoriSerializer serializer = new((ExtendedActorSystem)Sys);
        Samples samples = Samples;
        int count = 0;
        foreach (object query in QueryKinds.All.SelectMany(kind => samples.Of(kind.Type)))
        {
            byte[] bytes = serializer.ToBinary(query);
            Assert.Null(UnknownFields.FirstOf(bytes, MessageProto.Query.Descriptor));
            Assert.Equal("field 127 of Query is not known here", Unreadable([.. bytes, 0xF8, 0x07, 0x01]));
            count++;
        }
        Assert.True(count >= QueryKinds.All.Count);
        // A field of a search, one of its vectors, a filter that is a number, and a query.
        Assert.Equal("field 15 of Search is not known here", Unreadable(Convert.FromHexString("0a0e0a0808021204004000c010037801")));
        Assert.Equal("field 9 of Vectors is not known here", Unreadable(Convert.FromHexString("0a0e0a0a08021204004000c048011003")));
        Assert.Equal("field 7 of Search is not known here", Unreadable(Convert.FromHexString("0a0e0a0808021204004000c010033801")));
        Assert.Equal("field 30 of Query is not known here", Unreadable(Convert.FromHexString("f20100")));
        Assert.Equal("the message holds no query", Unreadable([]));

        string Unreadable(byte[] bytes) => Assert.IsType<UnreadableMessage>(serializer.FromBinary(bytes, "query")).Reason;
    }

    /// <summary>Versions that named an actor there wrote its path with its number.</summary>
    [Fact]
    public void A_comparison_names_the_other_engine_by_its_path()
    {
        const string path = "akka.tcp://valori@127.0.0.1:4053/user/valori/notes";
        CompareWith compare = new(new EngineAddress(new Address("akka.tcp", "valori", "127.0.0.1", 4053), "notes"), 5);
        ValoriSerializer serializer = new((ExtendedActorSystem)Sys);
        Assert.Equal(
            new MessageProto.Query { CompareWith = new MessageProto.CompareWith { Other = path, Limit = 5 } }.ToByteArray(), serializer.ToBinary(compare));
        foreach (string other in new[] { path, path + "#1234567" })
            Assert.Equal(compare, serializer.FromBinary(new MessageProto.Query { CompareWith = new MessageProto.CompareWith { Other = other, Limit = 5 } }.ToByteArray(), "query"));
    }

    /// <summary>A message that is not in the list would be found when somebody sends it.</summary>
    [Fact]
    public void Every_type_that_says_it_travels_is_in_the_list_of_messages()
    {
        IEnumerable<Type> travelling = typeof(IWireMessage).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IWireMessage)))
            .Concat(typeof(Command).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Command))))
            .Where(type => !type.IsAbstract);
        Assert.Empty(Sorted(travelling).Except(Sorted(MessageKinds.All.Select(kind => kind.Type))));
        IEnumerable<Type> events = typeof(EngineEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(EngineEvent)));
        Assert.Equal(Sorted(EngineEventKind.All.Select(kind => kind.Type)), Sorted(events));
    }

    /// <summary>What may be stored or routed names engines. These two are for who asked (docs/formats.md, section 13).</summary>
    [Fact]
    public void Only_two_answers_carry_an_actor_reference() => Assert.Equal(
        ["EngineOpened", "RestoreStarted"],
        Sorted(MessageKinds.All.Select(kind => kind.Type).Where(type => type.GetProperties().Any(property => property.PropertyType.IsAssignableTo(typeof(ICanTell))))));

    /// <summary>The document lists every message and every event, by manifest and by number.</summary>
    [Fact]
    public void The_format_s_tables_have_a_row_for_each_kind()
    {
        string[] sections = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "formats.md")).Split("\n## ");
        string[] RowsOf(string section) => [.. sections.Single(text => text.StartsWith(section, StringComparison.Ordinal)).Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal))];
        string[] journal = RowsOf("10. "), messages = RowsOf("13. ");
        foreach ((int number, string name) in CommandKinds.All.Select(kind => (kind.EventNumber, kind.Name)).Concat(EngineEventKind.All.Select(kind => (kind.Number, kind.Type.Name))))
            Assert.True(journal.Any(row => row.StartsWith($"| {number} | `{name}` |", StringComparison.Ordinal)), $"section 10 has no row `| {number} | `{name}` |`");
        foreach (CommandKind kind in CommandKinds.All.Where(kind => !kind.IsOfEngine))
            Assert.True(journal.Count(row => row.Split('|')[1].Split(',').Any(number => number.Trim() == $"{kind.EventNumber}")) >= 2, $"section 10 does not say what the digest of {kind.CommandType.Name} ({kind.EventNumber}) is of");
        foreach (MessageKind kind in MessageKinds.All.Where(kind => kind.Manifest is not ("command" or "query")))
            Assert.True(messages.Any(row => row.StartsWith($"| `{kind.Manifest}` | `{kind.Type.Name}`", StringComparison.Ordinal)), $"section 13 has no row for `{kind.Manifest}`, `{kind.Type.Name}`");
    }

    /// <summary>Frozen: both ends must have the same.</summary>
    [Fact]
    public void The_manifests_never_change() => Assert.Equal(
        "envelope open opened drop dropped list names command request receipt refusal failure save saved begin-request restore restore-started chunk chunk-taken restore-complete restore-abort query "
            + "record-page record-list distinct-values record-total hits hits-batch expanded-hits record presence metadata node edge node-edges node-page edge-page subgraph subgraph-hits nodes status content-proof history-proof timeline events tree-digests comparison "
            + "index wait-for-index index-status",
        string.Join(' ', MessageKinds.All.Select(kind => kind.Manifest).Distinct()));

    /// <summary>Any protobuf runtime can read a journal and send commands: Valori's own writer and the runtime write the same.</summary>
    [Fact]
    public void Commands_and_events_are_the_messages_of_the_proto_files()
    {
        Samples samples = Samples;
        foreach (CommandKind kind in CommandKinds.All)
        {
            foreach (object command in samples.Of(kind.CommandType))
            {
                byte[] bytes = MessageKinds.Of(command).ToBytes(command);
                MessageProto.Command proto = MessageProto.Command.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
                Assert.Equal((kind.CommandType.Name, kind.CommandNumber), (proto.CommandCase.ToString(), (int)proto.CommandCase));
                Assert.Equal(bytes, proto.ToByteArray());
            }
            foreach (Event happened in samples.Of(kind.EventType).Cast<Event>())
            {
                AssertIsProto(new KernelChanged([new Change(happened)]), kind.Name, kind.EventNumber);
                AssertIsProto(new KernelChanged([new Change(happened, RequestId.Parse("a"))]), kind.Name, kind.EventNumber);
                AssertIsProto(new KernelChanged([new Change(happened, RequestId.Parse("a"), Author.Parse("ada"))]), kind.Name, kind.EventNumber);
                AssertIsProto(new KernelChanged([new Change(happened), new Change(happened, RequestId.Parse("a"), Author.Parse("ada"))]), "Changes", 20);
            }
        }
        foreach (EngineEventKind kind in EngineEventKind.All)
        {
            foreach (object happened in samples.Of(kind.Type)) AssertIsProto((EngineEvent)happened, kind.Type.Name, kind.Number);
        }
    }

    private static void AssertIsProto(JournalEvent happened, string name, int number)
    {
        byte[] bytes = JournalCodec.Encode(Entry(happened)).Payload;
        JournalProto.Entry proto = JournalProto.Entry.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        Assert.Equal((name, number), (proto.EventCase.ToString(), (int)proto.EventCase));
        Assert.Equal(bytes, proto.ToByteArray());
    }

    /// <summary>The timeline names them by these numbers.</summary>
    [Fact]
    public void The_timeline_knows_every_kind_of_event() => Assert.Equal(
        CommandKinds.All.Select(kind => (kind.Name, kind.EventNumber)).Concat(EngineEventKind.All.Select(kind => (kind.Type.Name, kind.Number))).OrderBy(kind => kind.Item2),
        Enum.GetValues<TimelineKind>().Select(kind => (kind.ToString(), (int)kind)).OrderBy(kind => kind.Item2));

    private static IEnumerable<string> Sorted(IEnumerable<Type> types) => types.Select(type => type.Name).Order(StringComparer.Ordinal);

    [Fact]
    public void Hostile_bytes_give_a_serialization_error_and_nothing_else()
    {
        ValoriSerializer serializer = new((ExtendedActorSystem)Sys);
        Random random = new(17);
        foreach (object message in Messages)
        {
            byte[] bytes = serializer.ToBinary(message);
            for (int round = 0; round < 200 && bytes.Length > 0; round++)
            {
                byte[] mutated = [.. bytes];
                for (int i = 0; i <= random.Next(3); i++) mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(8));
                if (random.Next(4) == 0) mutated = mutated[..random.Next(mutated.Length)];
                try
                {
                    serializer.FromBinary(mutated, serializer.Manifest(message));
                }
                catch (System.Runtime.Serialization.SerializationException)
                {
                    // the one error there is
                }
            }
        }
        Assert.Throws<System.Runtime.Serialization.SerializationException>(() => serializer.FromBinary([1, 2, 3], "no such manifest"));
        Assert.Throws<System.Runtime.Serialization.SerializationException>(() => serializer.FromBinary([1, 2, 3], "S"));
    }

    /// <summary>Another version may ask for more of a schema than is known here: nothing is opened or created then.</summary>
    [Fact]
    public void A_request_to_open_is_read_as_it_always_was_and_refused_if_it_cannot_be_read()
    {
        ValoriSerializer serializer = new((ExtendedActorSystem)Sys);
        (OpenEngine Message, string Bytes)[] frozen =
        [
            (new OpenEngine("a", 384), "0a01611080031801"),
            (new OpenEngine("a", null, Create: false, Wait: false), "0a01612001"),
            (new OpenEngine("a", new WantedSchema(3, Metric.Cosine, 0.25)), "100318012801" + "3003" + "3a0161"),
            (new OpenEngine("a", new WantedSchema(null, Metric.L2, 1)), "0a01611801" + "2800" + "3000"),
            (new OpenEngine("a", new WantedSchema(null, Metric.L2, 2)), "1801" + "2800" + "3002" + "3a0161"),
        ];
        foreach ((OpenEngine message, string bytes) in frozen)
        {
            Assert.Equal(bytes, Convert.ToHexStringLower(serializer.ToBinary(message)));
            Assert.Equal(message, serializer.FromBinary(Convert.FromHexString(bytes), "open"));
            Assert.Equal(Convert.FromHexString(bytes), MessageProto.OpenEngine.Parser.ParseFrom(Convert.FromHexString(bytes)).ToByteArray());
        }
        (string Bytes, string Reason)[] unreadable =
        [
            ("0a0161" + "10ffffffff0f", "dimension is 4294967295, which is more than there can be"), ("0a0161" + "28ffffffff0f", "metric is 4294967295"),
            ("0a0161" + "3022", "scale is 2^17"), ("0a0161" + "4001", "field 8 is not known here"), ("0a0161" + "3a0162", "fields 1 and 7 both have a name"), ("0a0161" + "1802", "field 3 is 2; it must be in 0..1"),
        ];
        foreach ((string bytes, string reason) in unreadable)
            Assert.Contains(reason, Assert.IsType<UnreadableMessage>(serializer.FromBinary(Convert.FromHexString(bytes), "open")).Reason);
        (WantedSchema Wanted, string Reason)[] impossible =
        [
            (new WantedSchema(Scale: 3), "scale is 2^2147483647; it must be in 2^-16..2^16"), (new WantedSchema(Metric: (Metric)(-1)), "metric is 4294967295, which is more than there can be"),
        ];
        foreach ((WantedSchema wanted, string reason) in impossible)
            Assert.Contains(reason, Assert.IsType<UnreadableMessage>(serializer.FromBinary(serializer.ToBinary(new OpenEngine("a", wanted)), "open")).Reason);
        // What the guardian sees and refuses.
        Assert.Equal(new OpenEngine("a", new WantedSchema(0, (Metric)9), Create: false), serializer.FromBinary(Convert.FromHexString("0a0161" + "1000" + "2809"), "open"));
    }

    /// <summary>Dropped, whoever sent it would wait for its timeout.</summary>
    [Fact]
    public void A_command_that_cannot_be_read_becomes_what_the_gateway_refuses()
    {
        ValoriSerializer serializer = new((ExtendedActorSystem)Sys);
        Samples samples = Samples;
        foreach (object message in CommandKinds.All.SelectMany(kind => samples.Of(kind.CommandType)).Concat(samples.Of(typeof(Request))))
        {
            byte[] bytes = serializer.ToBinary(message);
            string manifest = serializer.Manifest(message);
            Assert.Contains("field 127 is not known here", Unreadable([.. bytes, 0xF8, 0x07, 0x01], manifest));
            Unreadable(bytes[..^1], manifest);
        }
        Assert.Contains("126 is not the number of a command that is known here", Unreadable([0xF2, 0x07, 0x00], "command"));
        Assert.Equal("the message holds no command", Unreadable([], "command"));
        Assert.Equal("the request has no id", Unreadable([], "request"));
        Assert.Equal(UnreadableMessage.MaximumReason, Unreadable([0x0A, 0xA0, 0x8D, 0x06, .. Enumerable.Repeat((byte)'x', 100_000)], "request").Length);

        string Unreadable(byte[] bytes, string manifest) => Assert.IsType<UnreadableMessage>(serializer.FromBinary(bytes, manifest)).Reason;
    }

    [Fact]
    public void Journal_entries_decode_to_what_was_encoded_and_only_from_their_own_bytes()
    {
        JournalEvent[] events =
        [
            new EngineCreated(new EngineSchema(384)), new KernelChanged([new Change(new RecordsInserted(new RecordId(3), Wide, new ulong[] { 1, 2 }))]),
            new KernelChanged([new Change(new RecordsInserted(new RecordId(0), Narrow, new ulong[] { 0 }))]), new KernelChanged([new Change(new RecordDeleted(new RecordId(0)))]),
            new KernelChanged([new Change(new MetadataSet(new RecordId(0), Array.Empty<byte>()))]), new KernelChanged([new Change(new NodeCreated(new NodeId(0), NodeKind.Record, null))]),
            new KernelChanged([new Change(new NodeCreated(new NodeId(0), NodeKind.Record, new RecordId(0)))]),
            new KernelChanged([new Change(new EdgeCreated(new EdgeId(0), new NodeId(1), new NodeId(2), EdgeKind.ParentOf))]),
            new KernelChanged([new Change(new NodeDeleted(new NodeId(0)))]), new KernelChanged([new Change(new EdgeDeleted(new EdgeId(9)))]),
            new KernelChanged([new Change(new RecordDeleted(new RecordId(0)), RequestId.Parse("a-1"))]),
            new KernelChanged([new Change(new RecordsInserted(new RecordId(ulong.MaxValue), Wide, new ulong[] { ulong.MaxValue, 2 }), RequestId.Parse("a-1"))]),
            new KernelChanged([new Change(new NodeDeleted(new NodeId(0)), RequestId.Parse("a-2")), new Change(new EdgeDeleted(new EdgeId(9)))]),
            new RequestsKept([new KeptRequest(RequestId.Parse("a-0"), new Receipt(7, 1_700_000_000_000_000, Hash, Hash, Digest.Zero, 3, 1))]),
            new RequestsKept([new KeptRequest(RequestId.Parse("a-1"), new Receipt(7, 1_700_000_000_000_000, Hash, Hash, Hash, 3, 1))]),
            new RequestsKept([new KeptRequest(RequestId.Parse("a-1"), new Receipt(7, 1_700_000_000_000_000, Hash, Hash, Hash, 3, 1), Hash)]),
            new RequestsKept([new KeptRequest(RequestId.Parse("a-1"), new Receipt(7, 1_700_000_000_000_000, Hash, Hash, Hash, 3, 1), Hash, IsLaterStep: true)]),
            new SnapshotChunk(0, new byte[] { 1, 2, 3 }), new SnapshotChunk(1, new byte[100_000]), new Restored(1), new Restored(1) { KeepsRequestsTo = 300 },
        ];
        Samples samples = Samples;
        IEnumerable<JournalEvent> sampled =
        [
            .. CommandKinds.All.SelectMany(kind => samples.Of(kind.EventType)).Select(happened => new KernelChanged([new Change((Event)happened)])),
            .. EngineEventKind.All.SelectMany(kind => samples.Of(kind.Type)).Cast<JournalEvent>(),
        ];
        foreach (JournalEvent happened in events.Concat(sampled))
        {
            JournalRecord record = JournalCodec.Encode(Entry(happened));
            JournalEntry decoded = JournalCodec.Decode(record);
            Content.AssertEqual(Entry(happened) with { Check = decoded.Check }, decoded);
            Assert.Equal(record.Payload, JournalCodec.Encode(decoded).Payload);
            // An unknown field, which protobuf would skip without a word.
            Assert.Throws<FormatException>(() => JournalCodec.Decode(new JournalRecord([.. record.Payload, 0xF8, 0x07, 0x01])));
            Assert.Throws<FormatException>(() => JournalCodec.Decode(new JournalRecord(record.Payload[..^1])));
        }
    }

    [Fact]
    public void A_number_of_a_journal_entry_that_no_writer_could_write_is_a_format_error()
    {
        // EngineCreated with dimension 2^32 - 1.
        byte[] entry = [0x12, 32, .. Hash.ToArray(), 0x1A, 32, .. Hash.ToArray(), 0x52, 6, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        Assert.Throws<FormatException>(() => JournalCodec.Decode(new JournalRecord(entry)));
    }

    /// <summary>It would compute other answers than the engine that wrote it.</summary>
    [Fact]
    public void A_schema_with_a_field_that_is_not_known_is_refused_by_the_number_of_the_field()
    {
        byte[] entry = [0x12, 32, .. Hash.ToArray(), 0x1A, 32, .. Hash.ToArray(), 0x52, 4, 0x08, 0x08, 0x20, 0x01];
        FormatException refused = Assert.Throws<FormatException>(() => JournalCodec.Decode(new JournalRecord(entry)));
        Assert.Contains("the schema has the field 4, which this version does not know", refused.Message);
        byte[] known = [.. entry[..^6], 0x52, 2, 0x08, 0x08];
        Assert.Equal(new EngineCreated(new EngineSchema(8)), JournalCodec.Decode(new JournalRecord(known)).Event);
    }

    /// <summary>Formats only grow: what a process without history roots sends is taken.</summary>
    [Fact]
    public void A_receipt_and_a_status_without_a_history_root_are_read_with_none()
    {
        ValoriSerializer serializer = new((ExtendedActorSystem)Sys);
        object[] sent = [new Receipt(3, 4, Hash, Hash, Hash, 5, 6), new EngineStatus("a", new EngineSchema(2), 3, 4, Hash, Hash, Hash, 5, 6, 7, 8, 9, 10)];
        foreach ((object message, int tag) in sent.Zip([0x3A, 0x6A]))
        {
            byte[] bytes = serializer.ToBinary(message);
            // The last field on the wire: its tag, its length, 32 bytes.
            Assert.Equal((tag, 32), (bytes[^34], bytes[^33]));
            object read = serializer.FromBinary(bytes[..^34], serializer.Manifest(message));
            Assert.Equal(Digest.Zero, read is Receipt receipt ? receipt.HistoryRoot : ((EngineStatus)read).HistoryRoot);
        }
    }

    /// <summary>Replays of large batches live on it.</summary>
    [Fact]
    public void Vectors_of_an_entry_are_read_where_they_stand()
    {
        JournalRecord record = JournalCodec.Encode(Entry(new KernelChanged([new Change(new RecordsInserted(new RecordId(3), Narrow, new ulong[] { 7 }))])));
        RecordsInserted read = (RecordsInserted)((KernelChanged)JournalCodec.Decode(record).Event).Changes[0].Happened;
        Assert.True(MemoryMarshal.TryGetArray(read.Vectors.Raw, out ArraySegment<byte> raw));
        Assert.Same(record.Payload, raw.Array);
    }

    /// <summary>Frozen: if this changes, journals of earlier versions are refused.</summary>
    [Theory]
    [InlineData("2491e51517f0f98a", null)]
    [InlineData("d55b48dfa36bbccf", "a-1")]
    public void The_bytes_of_a_journal_entry_never_change(string expected, string? request) => Assert.Equal(
        expected,
        Digest.Of(JournalCodec.Encode(Entry(new KernelChanged(
            [new Change(new RecordsInserted(new RecordId(3), Narrow, new ulong[] { 7 }), request is null ? null : RequestId.Parse(request))]))).Payload).ToString()[..16]);

    /// <summary>Formats only grow: lists without digests and restores that keep no requests are written and read as they always were.</summary>
    [Fact]
    public void The_bytes_of_lists_of_requests_and_of_restores_never_change()
    {
        KeptRequest old = new(RequestId.Parse("a-0"), new Receipt(7, 1_700_000_000_000_000, Hash, Hash, Hash, 3, 1));
        (JournalEvent Happened, string Expected)[] events =
        [
            (new RequestsKept([old]), "0c9c4de8cfeae226"), (new RequestsKept([old with { Command = Hash }]), "a8d9136fde47d89d"),
            (new Restored(3), "511b661f2c229401"), (new Restored(3) { KeepsRequestsTo = 300 }, "dd354f214924dd07"),
        ];
        foreach ((JournalEvent happened, string expected) in events)
        {
            byte[] payload = JournalCodec.Encode(Entry(happened)).Payload;
            Assert.Equal(expected, Digest.Of(payload).ToString()[..16]);
            JournalEvent read = JournalCodec.Decode(new JournalRecord(payload)).Event;
            if (happened is RequestsKept(var wanted)) Assert.Equal(wanted, ((RequestsKept)read).Requests);
            else Assert.Equal(happened, read);
        }
    }

    /// <summary>Otherwise a command that a restore undid would be answered as carried out.</summary>
    [Fact]
    public void A_flipped_bit_in_what_a_restore_keeps_is_a_format_error()
    {
        byte[] payload = JournalCodec.Encode(Entry(new Restored(3) { KeepsRequestsTo = 300 })).Payload;
        // Behind hash and chain: the check, and the event.
        for (int bit = (payload.Length - 17) * 8; bit < payload.Length * 8; bit++)
        {
            payload[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<FormatException>(() => JournalCodec.Decode(new JournalRecord(payload)));
            payload[bit / 8] ^= (byte)(1 << bit % 8);
        }
        Assert.Equal(payload, JournalCodec.Encode(JournalCodec.Decode(new JournalRecord(payload))).Payload);
    }

    /// <summary>No hash covers them: without a check, another command would be taken for the one that was carried out.</summary>
    [Fact]
    public void A_flipped_bit_in_the_requests_of_an_entry_is_a_format_error()
    {
        Change named = new(new RecordDeleted(new RecordId(0)), RequestId.Parse("name")), unnamed = new(new RecordDeleted(new RecordId(1)));
        Receipt receipt = new(7, 1_700_000_000_000_000, Hash, Hash, Hash, 3, 1);
        JournalEvent[] events =
        [
            new KernelChanged([named]), new KernelChanged([unnamed, named]),
            new KernelChanged([new Change(new RecordsInserted(new RecordId(3), Narrow, new ulong[] { 7 }), named.Request)]),
            new RequestsKept([new KeptRequest(RequestId.Parse("first"), receipt, Hash), new KeptRequest(RequestId.Parse("name"), receipt)]),
        ];
        foreach (JournalEvent happened in events)
        {
            byte[] payload = JournalCodec.Encode(Entry(happened)).Payload;
            int start = payload.AsSpan().IndexOf("name"u8), end = happened is RequestsKept ? payload.Length : start + 4;
            for (int bit = start * 8; bit < end * 8; bit++)
            {
                payload[bit / 8] ^= (byte)(1 << bit % 8);
                Assert.Throws<FormatException>(() => JournalCodec.Decode(new JournalRecord(payload)));
                payload[bit / 8] ^= (byte)(1 << bit % 8);
            }
            Assert.Equal(payload, JournalCodec.Encode(JournalCodec.Decode(new JournalRecord(payload))).Payload);
        }
    }

    [Fact]
    public void The_check_of_the_requests_is_the_beginning_of_the_hash_of_their_names()
    {
        Change unnamed = new(new RecordDeleted(new RecordId(0))), named = new(new RecordDeleted(new RecordId(1)), RequestId.Parse("a-1"));
        foreach ((KernelChanged happened, byte[] names) in new (KernelChanged, byte[])[] { (new([named]), [3, .. "a-1"u8]), (new([unnamed, named]), [0, 3, .. "a-1"u8]) })
        {
            byte[] field = [0x29, .. Digest.Of(names).ToArray()[..8]];
            Assert.True(JournalCodec.Encode(Entry(happened)).Payload.AsSpan().IndexOf(field) > 0);
        }
    }

    /// <summary>The flipped bit leaves the state as it is: an end that is not set is cleared, or a field that is not there is removed.</summary>
    public static TheoryData<Event, int> EventsThatMayChangeNothing => new()
    {
        { new EdgeValidTimeSet(new EdgeId(0), ValidTime.Always, ValidTimeEnds.From), 2 },
        { new NodeFieldsSet(new NodeId(0), FieldsMode.Remove, Fields.Empty, ["a"]), 2 },
        { new EdgeFieldsSet(new EdgeId(0), FieldsMode.Remove, Fields.Empty, ["a"]), 2 },
        { new ExpirySet(new RecordId(0), null, 5), 1 },
        { new FieldsSet(new RecordId(0), null, FieldsMode.Remove, Fields.Empty, ["a"]), 2 },
        { new Transacted([new EdgeValidTimeSet(new EdgeId(0), ValidTime.Always, ValidTimeEnds.From)]), 2 },
        { new Transacted([new FieldsSet(new RecordId(0), null, FieldsMode.Remove, Fields.Empty, ["a"])]), 2 },
    };

    [Theory]
    [MemberData(nameof(EventsThatMayChangeNothing))]
    public void A_flipped_bit_in_an_event_that_the_state_does_not_prove_is_found(Event happened, int bit)
    {
        Change[][] entries = [[new Change(happened)], [new Change(happened, RequestId.Parse("r"))], [new Change(new RecordDeleted(new RecordId(0))), new Change(happened)]];
        foreach (Change[] changes in entries)
        {
            byte[] payload = JournalCodec.Encode(Entry(new KernelChanged(changes))).Payload;
            Content.AssertEqual(new KernelChanged(changes), JournalCodec.Decode(new JournalRecord(payload)).Event);
            int last = payload.AsSpan().LastIndexOf(WireWriter.ToBytes(happened)) + WireWriter.ToBytes(happened).Length - 1;
            payload[last] ^= (byte)bit;
            Assert.Contains("requests", Assert.Throws<FormatException>(() => JournalCodec.Decode(new JournalRecord(payload))).Message);
        }
    }

    /// <summary>Then the same command would be another one when it is sent again. Without a name, nobody sends it again.</summary>
    [Fact]
    public void A_flipped_bit_in_a_put_or_a_deletion_by_key_that_a_request_names_is_found()
    {
        RecordsPut put = new(new RecordId(0), Narrow, new ulong[Narrow.Count], [.. Enumerable.Repeat(RecordAttributes.None, Narrow.Count)], Replace: true);
        foreach (Event happened in (Event[])[put, new KeyDeleted(new RecordId(0), "key")])
        {
            byte[] payload = JournalCodec.Encode(Entry(new KernelChanged([new Change(happened, RequestId.Parse("r"))]))).Payload;
            payload[^1] ^= 1;
            Assert.Throws<FormatException>(() => JournalCodec.Decode(new JournalRecord(payload)));
            Assert.Equal(
                JournalCodec.Encode(Entry(new KernelChanged([new Change(happened)])) with { Check = CheckForm.None }).Payload,
                JournalCodec.Encode(Entry(new KernelChanged([new Change(happened)]))).Payload);
        }
    }

    /// <summary>The check of these events covered names alone, before it covered them too.</summary>
    [Fact]
    public void An_entry_with_the_older_check_is_read_and_a_flipped_bit_in_the_newer_one_makes_none_of_it()
    {
        FieldsSet set = new(new RecordId(0), "key", FieldsMode.Remove, Fields.Empty, ["a"]);
        Change named = new(set, RequestId.Parse("a-1")), unnamed = new(set);
        foreach (Change[] changes in (Change[][])[[named], [unnamed], [unnamed, named], [new Change(new KeyDeleted(new RecordId(0), "key"), RequestId.Parse("a-1"))]])
        {
            JournalEntry entry = Entry(new KernelChanged(changes));
            byte[] older = JournalCodec.Encode(entry with { Check = CheckForm.Older }).Payload, newest = JournalCodec.Encode(entry).Payload;
            Assert.NotEqual(older, newest);
            JournalEntry read = JournalCodec.Decode(new JournalRecord(older));
            Content.AssertEqual(entry.Event, read.Event);
            Assert.Equal(older, JournalCodec.Encode(read).Payload);
            for (int bit = 0; bit < 8 * newest.Length; bit++)
            {
                // Time and hashes are for the engine to prove.
                if (bit / 8 is >= 1 and < 9 or >= 11 and < 43 or >= 45 and < 77) continue;
                byte[] flipped = [.. newest];
                flipped[bit / 8] ^= (byte)(1 << bit % 8);
                Assert.Throws<FormatException>(() => JournalCodec.Decode(new JournalRecord(flipped)));
            }
        }
    }

    /// <summary>Formats only grow: entries from before there was a check are read as they are.</summary>
    [Fact]
    public void An_entry_without_a_check_of_its_requests_is_read()
    {
        JournalEvent[] events =
        [
            new KernelChanged([new Change(new RecordDeleted(new RecordId(0)), RequestId.Parse("a-1"))]),
            new KernelChanged([new Change(new RecordsInserted(new RecordId(3), Narrow, new ulong[] { 7 }), RequestId.Parse("a-1"))]),
            new RequestsKept([new KeptRequest(RequestId.Parse("a-0"), new Receipt(7, 1_700_000_000_000_000, Hash, Hash, Hash, 3, 1))]),
        ];
        foreach (JournalEvent happened in events)
        {
            byte[] with = JournalCodec.Encode(Entry(happened)).Payload, without = JournalCodec.Encode(Entry(happened) with { Check = CheckForm.None }).Payload;
            // A tag and eight bytes.
            Assert.Equal(with.Length - 9, without.Length);
            Assert.Equal(without, JournalCodec.Encode(JournalCodec.Decode(new JournalRecord(without))).Payload);
        }
    }

    private static JournalEntry Entry(JournalEvent happened) => new(happened, 1_700_000_000_000_000, Hash, Digest.Zero);

    [Fact]
    public void A_snapshot_goes_through_other_snapshot_stores_as_bytes()
    {
        ValoriKernel kernel = new(2);
        kernel.Apply(kernel.Decide(new InsertRecords(Wide, new ulong[2])).Value!);
        History history = new();
        while (history.SequenceNr < 5) history.Extend(6, kernel.StateHash, kernel.Mark());
        DurableView view = new(kernel.TakeView(), history, 5, 6, history.Chain, 1, MemoryBytes: 0, IsInsideRestore: false);
        ValoriSerializer serializer = new((ExtendedActorSystem)Sys);
        SnapshotContent read = Assert.IsType<SnapshotContent>(serializer.FromBinary(serializer.ToBinary(view), serializer.Manifest(view)));
        Assert.Equal(view.ToSnapshotHeader(), read.Header);
        Assert.Equal(kernel.StateHash, read.Kernel.StateHash);
    }

    private static SearchQuery Tagged(VectorBlock vectors, int k, ulong tag) => new(vectors, k) { Filter = Filter.Tag(tag) };
}
