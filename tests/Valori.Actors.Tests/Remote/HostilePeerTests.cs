using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Persistence;
using Google.Protobuf;
using Valori.Actors.Engine;
using Valori.Actors.Gateway;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Protocol;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Tests.Remote;

/// <summary>
/// What a process that reaches the port tries, and does not get. The service here trusts its peers as little as hocon/remote.conf says;
/// the peer is a real system on the loopback interface.
/// </summary>
[Trait("Category", "Slow")]
public sealed class HostilePeerTests() : EngineTestKit(Remoting + "akka.actor.serialize-messages = off")
{
    private const string Remoting = """
        akka.actor.provider = remote
        akka.remote { untrusted-mode = on, trusted-selection-paths = ["/user/valori"] }
        akka.actor.serializers.akka-stream-ref = "Valori.Actors.Serialization.RefusingSerializer, Valori.Actors"
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }

        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HostilePeer _peer = new();

    private Address Address => ((ExtendedActorSystem)Sys).Provider.DefaultAddress;

    protected override void AfterAll()
    {
        _peer.System.Terminate().Wait(Patience);
        base.AfterAll();
    }

    [Fact]
    public async Task Nothing_stops_restarts_or_suspends_an_actor()
    {
        IActorRef gateway = Open();
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
        int recoveries = Faults.Replays;
        ActorPath journal = Persistence.Instance.Apply(Sys).JournalFor("test-journal").Path, snapshots = Persistence.Instance.Apply(Sys).SnapshotStoreFor("valori.snapshot-store").Path;
        ActorPath[] paths = [.. Tree(Guardian), journal, snapshots, Guardian.Path.Parent];
        Assert.True(paths.Length > 8, $"{paths.Length} actors");
        foreach (ActorPath path in paths)
        {
            IActorRef target = _peer.At(Sys, path);
            foreach (object attack in new object[] { PoisonPill.Instance, Kill.Instance, Akka.Actor.ReceiveTimeout.Instance, new Status.Failure(new PlantedException()) })
            {
                target.Tell(attack);
                // A selection is another way in.
                _peer.System.ActorSelection($"{Address}{path.ToStringWithoutAddress()}").Tell(attack);
            }
            // Those are sent in another way, and a connection ends with the first that is refused: a peer each.
            await using HostilePeer once = new();
            foreach (ISystemMessage message in SystemMessages(once.At(Sys, path)))
                ((IInternalActorRef)once.At(Sys, path)).SendSystemMessage(message);
        }
        Akka.Serialization.Serialization ours = ((ExtendedActorSystem)Sys).Serialization, theirs = _peer.System.Serialization;
        foreach (ISystemMessage message in SystemMessages(_peer.At(Sys, gateway.Path)))
        {
            byte[] bytes = theirs.FindSerializerFor(message).ToBinary(message);
            Assert.Throws<SerializationException>(() => ours.Deserialize(bytes, 22, message.GetType().AssemblyQualifiedName!));
        }
        await AllHaveArrivedAsync(gateway);
        await gateway.Ask<Receipt>(Insert(2, 2), Patience);
        Assert.Equal(recoveries, Faults.Replays);
        Assert.Equal(paths[..^3], Tree(Guardian));
        Assert.Equal(0, Planted.Created);
    }

    [Fact]
    public async Task Internal_messages_are_not_taken_from_outside()
    {
        IActorRef gateway = Open();
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
        Faults.Hold();
        Task<object> waiting = gateway.Ask<object>(Insert(2, 2), Patience);
        AwaitAssert(() => Assert.Equal(3, Faults.Writes.Count), Patience, TimeSpan.FromMilliseconds(5));
        Receipt forged = Forged();
        foreach (ActorPath path in Tree(Guardian))
        {
            IActorRef target = _peer.At(Sys, path);
            object[] attacks =
            [
                .. Enumerable.Range(0, 5).Select(ticket => new Answer(ticket, forged)), new EngineOnline(target), new EngineMissing(null), new EngineFailing("hostile", true),
                new StorageChecked("hostile", 0, ["test"]), new CollectionDropped(), new UnfinishedDrops(["test"]), new DropDecided(), new DropOver(true, null), new RecoveryProgress(3), StopEngine.Instance, new StopNow(), new StopEngines(), new RestoreAnswered(forged), new GatewayIdle(), new StopIfIdle(),
            ];
            foreach (object attack in attacks) target.Tell(attack, target);
        }
        await AllHaveArrivedAsync(gateway);
        Assert.False(waiting.IsCompleted);
        Faults.Release();
        Receipt receipt = Assert.IsType<Receipt>(await waiting);
        Assert.NotEqual(forged, receipt);
        Assert.Equal(2UL, (await gateway.Ask<EngineStatus>(new GetStatus(), Patience)).RecordCount);
    }

    [Fact]
    public async Task No_answer_can_be_given_in_the_place_of_an_engine_or_a_guardian()
    {
        ValoriEngine engine = await ValoriExtension.Get(Sys).OpenAsync("test", Dimension);
        Faults.Hold();
        var waiting = engine.InsertAsync(new float[] { 1, 1 });
        AwaitAssert(() => Assert.Equal(2, Faults.Writes.Count), Patience, TimeSpan.FromMilliseconds(5));
        // Akka numbers its own askers: $a, $b, and so on, in 64 digits.
        const string digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";
        foreach (char low in digits)
        {
            _peer.At(Address, $"/temp/${low}").Tell(Forged());
            foreach (char high in "abcd") _peer.At(Address, $"/temp/${low}{high}").Tell(Forged());
        }
        await AllHaveArrivedAsync(engine.Gateway);
        Assert.False(waiting.IsCompleted);
        Faults.Release();
        Assert.NotEqual(Forged().SequenceNr, (await waiting).Receipt.SequenceNr);
    }

    [Fact]
    public async Task No_type_that_a_message_names_is_created_and_no_actor_deployed()
    {
        IActorRef gateway = Open();
        string type = typeof(Planted).AssemblyQualifiedName!;
        byte[] json = Encoding.UTF8.GetBytes($$"""{"$type":"{{typeof(Planted).FullName}}, {{typeof(Planted).Assembly.GetName().Name}}"}""");
        IActorRef[] targets = [_peer.At(Sys, gateway.Path), _peer.At(Sys, Guardian.Path)];
        foreach (IActorRef target in targets)
        {
            for (int id = -5; id < 45; id++)
            {
                target.Tell(new Raw(id == 0 ? 45 : id, type, json));
                target.Tell(new Raw(id == 0 ? 45 : id, type, []));
            }
            target.Tell(new Planted4Json());
            target.Tell(new Status.Failure(new PlantedException()));
            target.Tell(new Identify(new Planted4Json()));
        }
        await AllHaveArrivedAsync(gateway);
        // A deployment: the peer's own system asks this one to create the actor.
        await using (HostilePeer deployer = new())
            deployer.System.ActorOf(Props.Create<PlantedActor>().WithDeploy(Deploy.None.WithScope(new RemoteScope(Address))), "planted").Tell("hello");
        Assert.Equal(0, Planted.Created);
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
    }

    [Fact]
    public async Task Messages_inside_of_each_other_are_read_to_a_limited_depth()
    {
        const int containers = 6, misc = 16;
        IActorRef gateway = Open();
        Akka.Serialization.Serialization ours = ((ExtendedActorSystem)Sys).Serialization;
        foreach ((int serializer, string manifest) in new[] { (misc, "ID"), (misc, "AID"), (containers, "") })
        {
            // Without the limit ten thousand of them end this process, and the test run with it.
            byte[] message = [];
            for (int i = 0; i < 50; i++) message = Carried(message, serializer, manifest);
            string reason = Assert.Throws<SerializationException>(() => ours.Deserialize(message, serializer, manifest)).ToString();
            Assert.Contains("the message is nested in 8 others", reason);
        }
        // The plugins have started: what they brought with them did not take the place of a guard.
        foreach (string guarded in new[] { "akka-containers", "akka-misc", "akka-persistence-message", "akka-persistence-snapshot" })
            Assert.EndsWith(", Valori.Actors", Sys.Settings.Config.GetString($"akka.actor.serializers.{guarded}"));
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
    }

    private static byte[] Carried(byte[] message, int serializer, string manifest)
    {
        using MemoryStream payload = new(), carrier = new();
        using (CodedOutputStream output = new(payload, leaveOpen: true))
        {
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(message));
            output.WriteTag(2, WireFormat.WireType.Varint);
            output.WriteInt32(serializer);
            output.WriteTag(3, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFromUtf8(manifest));
        }
        using (CodedOutputStream output = new(carrier, leaveOpen: true))
        {
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(payload.ToArray()));
        }
        return carrier.ToArray();
    }

    [Fact]
    public async Task Stored_bytes_are_not_taken_as_messages()
    {
        IActorRef gateway = Open();
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        IActorRef target = _peer.At(Sys, gateway.Path);
        ValoriKernel kernel = new(Dimension);
        History history = new();
        history.Extend(1, kernel.StateHash, kernel.Mark());
        DurableView view = new(kernel.TakeView(), history, 1, 1, history.Chain, 1, MemoryBytes: 0, IsInsideRestore: false);
        byte[] snapshot = ((ExtendedActorSystem)Sys).Serialization.FindSerializerFor(view).ToBinary(view);
        target.Tell(new Raw(ValoriSerializer.Number, "S", snapshot));
        target.Tell(new Raw(ValoriSerializer.Number, ValoriSerializer.JournalRecordManifest, [1, 2, 3]));
        target.Tell(new EngineNames([]));
        // What nobody takes there is the last one alone; the first two were never made.
        Assert.IsType<EngineNames>(ExpectMsg<UnhandledMessage>(Patience).Message);
        await AllHaveArrivedAsync(gateway);
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task A_command_or_query_that_cannot_be_read_is_refused_by_name_at_once_and_leaves_no_trace()
    {
        IActorRef gateway = Open();
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
        EngineStatus before = await gateway.Ask<EngineStatus>(new GetStatus(), Patience);
        byte[] command = MessageKinds.Of(Insert(2, 2)).ToBytes(Insert(2, 2));
        byte[] longId = [0x0A, 0xD0, 0x86, 0x03, .. Enumerable.Repeat((byte)'x', 50_000)];
        (string Manifest, byte[] Bytes, string Reason)[] attacks =
        [
            ("command", [.. command, 0xF8, 0x07, 0x01], "field 127 is not known here"), ("command", [0xF2, 0x07, 0x00], "126 is not the number of a command"),
            ("command", command[..^1], ""), ("request", command, ""), ("request", longId, "the request id 'xxx"),
            ("query", [0x4A, 0x00, 0xF8, 0x07, 0x01], "field 127 of Query is not known here"), ("query", [], "the message holds no query"),
        ];
        foreach ((string manifest, byte[] bytes, string reason) in attacks)
        {
            Refusal refusal = await _peer.At(Sys, gateway.Path).Ask<Refusal>(new Raw(ValoriSerializer.Number, manifest, bytes), Patience);
            Assert.Equal(RefusalKind.InvalidArgument, refusal.Kind);
            Assert.StartsWith("nothing was done, because the bytes of the message are not those of a command or query that is known here: " + reason, refusal.Message);
            Assert.InRange(refusal.Message.Length, 1, UnreadableMessage.MaximumReason + 200);
        }
        // Nobody else takes it.
        _peer.At(Sys, Guardian.Path).Tell(new Raw(ValoriSerializer.Number, "command", [0xF2, 0x07, 0x00]));
        await AllHaveArrivedAsync(gateway);
        Assert.Equal(before, await gateway.Ask<EngineStatus>(new GetStatus(), Patience));
    }

    [Fact]
    public async Task An_upload_has_an_address_that_nobody_guesses_and_takes_no_answer_from_outside()
    {
        IActorRef gateway = Open();
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
        SnapshotSaved saved = await gateway.Ask<SnapshotSaved>(new Protocol.SaveSnapshot(), Patience);
        byte[] bytes = await File.ReadAllBytesAsync(saved.Path);
        IActorRef upload = (await gateway.Ask<RestoreStarted>(new BeginRestore(), Patience)).Upload;
        Assert.Matches("^restore-[0-9a-f]{32}$", upload.Path.Name);
        await upload.Ask<RestoreChunkTaken>(new RestoreChunk(0, bytes), Patience);
        foreach (object forged in new object[] { Forged(), new Refusal(RefusalKind.Conflict, "hostile"), new EngineFailure(EngineFailureKind.Stopped, "hostile") })
            _peer.At(Sys, upload.Path).Tell(forged, _peer.At(Sys, gateway.Path));
        await AllHaveArrivedAsync(gateway);
        Receipt restored = Assert.IsType<Receipt>(await upload.Ask<object>(new CompleteRestore(), Patience));
        Assert.Equal(saved.StateHash, restored.StateHash);
    }

    [Fact]
    public async Task A_message_to_a_query_actor_does_not_make_it_idle_twice()
    {
        IActorRef gateway = Open();
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        foreach (ActorPath path in Tree(Guardian).Where(path => path.Name.Contains("query-", StringComparison.Ordinal)))
        {
            for (int i = 0; i < 20; i++) _peer.At(Sys, path).Tell(new GetStatus());
            for (int i = 0; i < 20; i++) ExpectMsg<UnhandledMessage>(Patience);
        }
        EngineStatus[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => gateway.Ask<EngineStatus>(new GetStatus(), Patience)));
        Assert.Single(answers.Select(answer => answer.StateHash).Distinct());
    }

    [Fact]
    public async Task A_comparison_asks_gateways_alone_and_believes_no_answer_of_the_wrong_length()
    {
        IActorRef gateway = Open();
        await gateway.Ask<Receipt>(Insert(1, 1), Patience);
        byte[] query = new Proto.Query { CompareWith = new Proto.CompareWith { Other = $"{Address}/system/remote-watcher", Limit = 5 } }.ToByteArray();
        SerializationException e = Assert.Throws<SerializationException>(
            () => ((ExtendedActorSystem)Sys).Serialization.Deserialize(query, ValoriSerializer.Number, "query"));
        Assert.Contains("is not the path of an actor of Valori", e.Message);

        EngineStatus status = await gateway.Ask<EngineStatus>(new GetStatus(), Patience);
        EngineStatus lie = status with { StateHash = Digest.Zero, RecordSlots = ulong.MaxValue };
        _peer.System.ActorOf(Props.Create(() => new LyingGuardian(lie)), GuardianAddress.Name);
        EngineAddress liar = new(_peer.System.Provider.DefaultAddress, "notes");
        EngineFailure failure = await gateway.Ask<EngineFailure>(new CompareWith(liar, 10), Patience);
        Assert.Contains("asked for 1 digests, got 1 and 0", failure.Message);
        Assert.Contains("it must be in 1..1048576", (await gateway.Ask<Refusal>(new CompareWith(liar, int.MaxValue), Patience)).Message);
    }

    [Fact]
    public async Task A_guardian_that_is_asked_for_a_comparison_cannot_name_an_actor_of_another()
    {
        IActorRef gateway = Open();
        _peer.System.ActorOf(Props.Create(() => new FalseGuardian($"{Address}/user/valori/test")), GuardianAddress.Name);
        EngineFailure failure = await gateway.Ask<EngineFailure>(new CompareWith(new EngineAddress(_peer.System.Provider.DefaultAddress, "notes"), 10), Patience);
        Assert.Contains("which is not below it", failure.Message);
    }

    [Fact]
    public async Task A_server_cannot_make_its_client_send_to_another_actor()
    {
        // The peer's own guardian of the same name, and an actor of the client that it would like to reach.
        _peer.System.ActorOf(Props.Create(() => new FalseGuardian($"{Address}/user/valori/victim")), GuardianAddress.Name);
        Address server = _peer.System.Provider.DefaultAddress;
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriEngine.ConnectAsync(Sys, server, "notes"));
        Assert.Contains("which is not below it", e.Message);
    }

    [Theory]
    [InlineData("", "akka.remote.untrusted-mode = on")]
    [InlineData("akka.remote.untrusted-mode = on\nakka.remote.trusted-selection-paths = [\"/system/x\"]", "has \"/system/x\"")]
    [InlineData("akka.remote.untrusted-mode = on\nakka.remote.trusted-selection-paths = [\"/user/valori/notes\"]", "has \"/user/valori/notes\"")]
    [InlineData("akka.remote.untrusted-mode = on\nakka.remote.trusted-selection-paths = [\"/user/valori\"]", "akka.actor.serializers.akka-stream-ref = ")]
    [InlineData("akka.remote.untrusted-mode = on\nakka.actor.serializers.json = \"Akka.Serialization.NewtonSoftJsonSerializer, Akka\"", "the serializer 'json'")]
    [InlineData("akka.remote.untrusted-mode = on\nakka.actor.serializers.own = \"Valori.Actors.Tests.Support.RawSerializer, Valori.Actors.Tests\"", "the serializer 'own'")]
    [InlineData("valori.remote-peers = maybe", "it must be \"untrusted\" or \"trusted\"")]
    public async Task A_system_that_would_trust_its_peers_is_refused_with_what_to_write(string settings, string advice)
    {
        using TemporaryDirectory directory = new();
        ActorSystem system = ActorSystem.Create("open", ConfigurationFactory.ParseString(Bare(directory) + settings));
        try
        {
            Assert.Contains(advice, Assert.Throws<ConfigurationException>(() => ValoriExtension.Get(system)).Message);
            Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
            Assert.Contains(advice, (await Assert.ThrowsAsync<ConfigurationException>(() => ValoriEngine.ConnectAsync(system, Address))).Message);
        }
        finally
        {
            await system.Terminate();
        }
    }

    [Fact]
    public async Task An_application_that_trusts_its_peers_says_so_and_keeps_its_own_serializers()
    {
        using TemporaryDirectory directory = new();
        ActorSystem system = ActorSystem.Create("trusting", ConfigurationFactory.ParseString(Bare(directory) + "valori.remote-peers = trusted"));
        await using ValoriEngine engine = await ValoriExtension.Get(system).OpenAsync("notes", 2);
        await engine.InsertAsync(new float[] { 1, 2 });
        Assert.IsType<Akka.Serialization.NewtonSoftJsonSerializer>(system.Serialization.FindSerializerForType(typeof(Planted4Json)));
        await system.Terminate();
        ValoriExtension.Get(system).Release();
    }

    private static string Bare(TemporaryDirectory directory) => $$"""
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        valori.data-directory = {{ReferenceConfig.Quote(directory.Path)}}

        """;

    /// <summary>What the peer has sent before is there: one connection keeps the order. Twice, for what other actors were told.</summary>
    private async Task AllHaveArrivedAsync(IActorRef gateway)
    {
        for (int i = 0; i < 2; i++) await _peer.At(Sys, gateway.Path).Ask<object>(new GetNode(new NodeId(0)), Patience);
    }

    private static ISystemMessage[] SystemMessages(IActorRef target) =>
    [
        new Terminate(), new Suspend(), new Recreate(new InvalidOperationException("hostile")), new Resume(new PlantedException()),
        new Failed(target, new InvalidOperationException("hostile"), 0), new DeathWatchNotification(target, true, true), new Supervise(target, true),
        new Watch((IInternalActorRef)target, (IInternalActorRef)target), new Unwatch((IInternalActorRef)target, (IInternalActorRef)target),
    ];

    private static Receipt Forged() => new(999_999, 1, Digest.Zero, Digest.Zero, Digest.Zero, 7, 7);

    private static ActorPath[] Tree(IActorRef actor) =>
        [actor.Path, .. actor is ActorRefWithCell { Underlying: ICell cell } ? cell.ChildrenContainer.Children.SelectMany(Tree) : []];

    /// <summary>Sent by the peer's own serializer of any object.</summary>
    public sealed class Planted4Json
    {
        public string Name { get; set; } = "planted";
    }

    private sealed class Liar(EngineStatus status) : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message is GetStatus ? status : new TreeDigests([]));
    }

    /// <summary>It says the truth about whose child the liar is.</summary>
    private sealed class LyingGuardian(EngineStatus lie) : UntypedActor
    {
        private readonly IActorRef _liar = Context.ActorOf(Props.Create(() => new Liar(lie)), "notes");

        protected override void OnReceive(object message) => Sender.Tell(new EngineOpened("notes", new EngineSchema(Dimension), _liar));
    }

    private sealed class FalseGuardian(string victim) : UntypedActor
    {
        protected override void OnReceive(object message) =>
            Sender.Tell(new EngineOpened("notes", new EngineSchema(2), ((ExtendedActorSystem)Context.System).Provider.ResolveActorRef(victim)));
    }
}
