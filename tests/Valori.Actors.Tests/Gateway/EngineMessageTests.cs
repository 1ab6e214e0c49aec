using Akka.Actor;
using Google.Protobuf;
using Valori.Actors.Serialization;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

/// <summary>Messages that name their collection, their deadline and their trace.</summary>
public sealed class EngineMessageTests : EngineTestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task One_actor_can_be_sent_the_messages_of_all_collections()
    {
        Open("notes");
        Open("faces");
        Receipt inserted = await Guardian.Ask<Receipt>(new EngineMessage(Insert(1, 2)) { Engine = "faces" }, Patience);
        Assert.Equal(2, inserted.SequenceNr);
        Assert.Equal(1UL, (await Guardian.Ask<EngineStatus>(new EngineMessage(new GetStatus()) { Engine = "faces" }, Patience)).RecordCount);
        Assert.Equal(0UL, (await Guardian.Ask<EngineStatus>(new EngineMessage(new GetStatus()) { Engine = "notes" }, Patience)).RecordCount);
    }

    [Fact]
    public async Task A_message_without_a_collection_for_another_or_with_nothing_that_can_be_asked_is_refused()
    {
        IActorRef notes = Open("notes");
        (IActorRef To, EngineMessage Message, string Expected)[] wrong =
        [
            (Guardian, new EngineMessage(new GetStatus()), "must name its collection (Engine)"),
            (Guardian, new EngineMessage(new GetStatus()) { Engine = "absent" }, "collection 'absent' is not open here: open it first (OpenEngine)"),
            (Guardian, new EngineMessage(new GetStatus()) { Engine = "../x" }, "is not a valid collection name"),
            (notes, new EngineMessage(new GetStatus()) { Engine = "faces" }, "the message is for collection 'faces', and came to 'notes'"),
            (notes, new EngineMessage(new EngineMessage(new GetStatus())), "an envelope must hold a message, and not another envelope"),
            (notes, new EngineMessage(null!), "an envelope must hold a message"),
            (notes, new EngineMessage(new ListEngines()), "an envelope for a collection cannot hold a ListEngines"),
            (notes, new EngineMessage(new InsertRecords(null!, default)), "InsertRecords.Vectors is null"),
        ];
        foreach ((IActorRef to, EngineMessage message, string expected) in wrong)
        {
            Refusal refusal = await to.Ask<Refusal>(message, Patience);
            Assert.Contains(expected, refusal.Message);
        }
        Assert.Equal(0UL, Status(notes).RecordCount);
    }

    /// <summary>What waits for a write that hangs is not begun when nobody waits for it any more.</summary>
    [Fact]
    public async Task A_command_and_a_query_that_come_too_late_are_not_done()
    {
        IActorRef notes = Open("notes");
        // Too late for everything.
        EngineFailure late = await AskLateAsync(notes, Insert(1, 2));
        Assert.Equal((EngineFailureKind.Overloaded, "the time that the sender waits was over before the command was begun; nothing was done"), (late.Kind, late.Message));
        Assert.Equal((1L, 0UL), (Status(notes).SequenceNr, Status(notes).RecordCount));
        late = await AskLateAsync(notes, new GetStatus());
        Assert.Equal((EngineFailureKind.Overloaded, "the time that the sender waits was over before the query was begun; nothing was done"), (late.Kind, late.Message));
        // In time.
        await notes.Ask<Receipt>(new EngineMessage(Insert(1, 2)) { TimeoutMilliseconds = 30_000 }, Patience);
    }

    [Theory]
    [InlineData(typeof(RefusalKind))]
    [InlineData(typeof(EngineFailureKind))]
    public void Every_kind_of_error_arrives_as_it_was_sent(Type kinds)
    {
        foreach (object kind in Enum.GetValues(kinds))
        {
            object sent = kind is RefusalKind refusal ? new Refusal(refusal, $"why: {refusal}") : new EngineFailure((EngineFailureKind)kind, $"why: {kind}");
            Akka.Serialization.Serializer serializer = Sys.Serialization.FindSerializerFor(sent);
            string manifest = ((Akka.Serialization.SerializerWithStringManifest)serializer).Manifest(sent);
            Assert.Equal(sent, Sys.Serialization.Deserialize(serializer.ToBinary(sent), serializer.Identifier, manifest));
        }
    }

    [Fact]
    public void What_an_envelope_holds_that_cannot_be_read_is_refused_in_its_place()
    {
        ValoriSerializer serializer = new((ExtendedActorSystem)Sys);
        byte[] bytes = new Actors.Serialization.MessageProto.EngineMessage { Manifest = "command", Message = ByteString.CopyFrom(0xFF) }.ToByteArray();
        EngineMessage read = Assert.IsType<EngineMessage>(serializer.FromBinary(bytes, "envelope"));
        Assert.IsType<UnreadableMessage>(read.Message);
        byte[] nested = new Actors.Serialization.MessageProto.EngineMessage { Manifest = "envelope", Message = ByteString.CopyFrom(bytes) }.ToByteArray();
        Assert.Contains("holds no other one", Assert.Throws<System.Runtime.Serialization.SerializationException>(() => serializer.FromBinary(nested, "envelope")).Message);
        byte[] stored = new Actors.Serialization.MessageProto.EngineMessage { Manifest = "J", Message = ByteString.CopyFrom(1) }.ToByteArray();
        Assert.Contains("unknown manifest 'J'", Assert.Throws<System.Runtime.Serialization.SerializationException>(() => serializer.FromBinary(stored, "envelope")).Message);
    }

    /// <summary>It would not answer: so it is sent what it knows.</summary>
    [Fact]
    public void A_version_from_before_envelopes_is_known_by_its_answer()
    {
        ValoriSerializer serializer = new((ExtendedActorSystem)Sys);
        Actors.Serialization.MessageProto.EngineOpened before = new() { Name = "notes", Dimension = 2, Gateway = "akka://valori/user/valori/notes#1" };
        Assert.False(((EngineOpened)serializer.FromBinary(before.ToByteArray(), "opened")).TakesEnvelopes);
        before.TakesEnvelopes = true;
        Assert.True(((EngineOpened)serializer.FromBinary(before.ToByteArray(), "opened")).TakesEnvelopes);
    }

    /// <summary>A negative time has passed for certain.</summary>
    private static Task<EngineFailure> AskLateAsync(IActorRef gateway, object message) => gateway.Ask<EngineFailure>(new EngineMessage(message) { TimeoutMilliseconds = -1 }, Patience);
}
