using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Valori.Actors.Entries;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Plugins;

/// <summary>A journal plugin behind its messages, without an engine. Five events of one engine are there, the last two from one atomic write.</summary>
public abstract class JournalPluginKit : TestKit
{
    protected const string Id = "valori-plugin";
    protected const int Instance = 7;

    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Backend _backend;
    private ActorSystem? _again;

    protected JournalPluginKit(Backend backend, string more = "")
        : base(Configuration(backend, more), $"test-{Guid.NewGuid():N}")
    {
        _backend = backend;
        Journal = JournalOf(Sys);
        Assert.All(Write(Entries(1), Entries(2), Entries(3), Entries(4, 5)), answer => Assert.IsType<WriteMessageSuccess>(answer));
    }

    protected IActorRef Journal { get; private set; }

    protected override void AfterAll()
    {
        base.AfterAll();
        if (_again is not null) Shutdown(_again, Patience);
        _backend.Dispose();
    }

    /// <summary>Ends the plugin, and starts another one on what was written.</summary>
    protected void StartAgain()
    {
        Watch(Journal);
        Sys.Stop(Journal);
        ExpectTerminated(Journal, Patience);
        ValoriExtension.Get(Sys).Release();
        _again = ActorSystem.Create($"test-{Guid.NewGuid():N}", Configuration(_backend, ""));
        Journal = JournalOf(_again);
    }

    private protected static JournalRecord Record(string id, long sequenceNr) => new(JournalRowSamples.Row(id, sequenceNr).Message);

    protected static AtomicWrite Entries(params long[] sequenceNrs) => Entries(Id, sequenceNrs);

    protected static AtomicWrite Entries(string id, params long[] sequenceNrs) =>
        new([.. sequenceNrs.Select(sequenceNr => (IPersistentRepresentation)new Persistent(Record(id, sequenceNr), sequenceNr, id, writerGuid: "writer"))]);

    /// <summary>Writes them as one batch. The answers, one for each event.</summary>
    protected IReadOnlyList<object> Write(params AtomicWrite[] writes)
    {
        TestProbe probe = CreateTestProbe();
        Journal.Tell(new WriteMessages(writes, probe, Instance), ActorRefs.NoSender);
        object first = probe.ReceiveOne(Patience);
        List<object> answers = [.. writes.SelectMany(write => (IEnumerable<IPersistentRepresentation>)write.Payload).Select(_ => probe.ReceiveOne(Patience))];
        Assert.IsType(answers.Any(answer => answer is WriteMessageFailure) ? typeof(WriteMessagesFailed) : typeof(WriteMessagesSuccessful), first);
        return answers;
    }

    protected void Delete(long to, string id = Id)
    {
        TestProbe probe = CreateTestProbe();
        Journal.Tell(new DeleteMessagesTo(id, to, probe), ActorRefs.NoSender);
        Assert.Equal(to, probe.ExpectMsg<DeleteMessagesSuccess>(Patience).ToSequenceNr);
    }

    /// <summary>The sequence numbers that come, and the highest one that the end of the replay tells.</summary>
    protected (string Replayed, long Highest) Replay(long from, long to = long.MaxValue, long maximum = long.MaxValue, string id = Id)
    {
        TestProbe probe = CreateTestProbe();
        Journal.Tell(new ReplayMessages(from, to, maximum, id, probe), ActorRefs.NoSender);
        List<long> replayed = [];
        while (true)
        {
            switch (probe.ReceiveOne(Patience))
            {
                case ReplayedMessage message:
                    Assert.Equal(id, message.Persistent.PersistenceId);
                    replayed.Add(message.Persistent.SequenceNr);
                    break;
                case RecoverySuccess success: return (string.Join(' ', replayed), success.HighestSequenceNr);
                case var other: Assert.Fail($"{other ?? "nothing"} after {string.Join(' ', replayed)}"); break;
            }
        }
    }

    private static IActorRef JournalOf(ActorSystem system)
    {
        // It prepares the directory or the database.
        ValoriExtension.Get(system);
        return Persistence.Instance.Apply(system).JournalFor("valori.journal");
    }

    private static Config Configuration(Backend backend, string more) => ConfigurationFactory
        .ParseString(more + $"\nvalori.data-directory = {HoconFile.Quote(backend.DirectoryOf())}")
        .WithFallback(backend.Configuration);
}
