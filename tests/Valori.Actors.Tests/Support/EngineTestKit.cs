using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using Valori.Actors.Settings;
using Valori.Protocol;

namespace Valori.Actors.Tests.Support;

/// <summary>A clock that is set by hand.</summary>
public sealed class ManualTime : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero).Ticks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}

/// <summary>
/// An engine on a journal with faults, in a TestKit. Every message is serialized on its way, as it would be between
/// processes.
/// </summary>
public abstract class EngineTestKit : TestKit
{
    protected const int Dimension = 2;

    private readonly TemporaryDirectory _directory;

    protected EngineTestKit(string moreConfiguration = "")
        : this(new TemporaryDirectory(), new ManualTime(), moreConfiguration)
    {
    }

    private EngineTestKit(TemporaryDirectory directory, ManualTime time, string moreConfiguration)
        : base(SetupFor(directory, time, moreConfiguration), $"test-{Guid.NewGuid():N}")
    {
        _directory = directory;
        Time = time;
        Faults = JournalFaults.Of(Sys);
        Guardian = ValoriExtension.Get(Sys).Guardian;
    }

    protected ManualTime Time { get; }

    protected JournalFaults Faults { get; }

    protected IActorRef Guardian { get; }

    protected string DirectoryPath => _directory.Path;

    /// <summary>Opens the engine and returns its gateway.</summary>
    protected IActorRef Open(string name = "test")
    {
        Guardian.Tell(new OpenEngine(name, Dimension), TestActor);
        return ExpectMsg<EngineOpened>().Gateway;
    }

    protected static InsertRecords Insert(params float[] components)
    {
        VectorBlock block = VectorBlock.FromComponents(Dimension, components).Value!;
        return new InsertRecords(block, new ulong[block.Count]);
    }

    protected EngineStatus Status(IActorRef gateway)
    {
        gateway.Tell(new GetStatus(), TestActor);
        return ExpectMsg<EngineStatus>();
    }

    /// <summary>The status once the engine takes commands again after a fault.</summary>
    protected EngineStatus StatusAfterRecovery(IActorRef gateway)
    {
        AwaitAssert(() =>
        {
            gateway.Tell(new DeleteEdge(new EdgeId(12345)), TestActor);
            ExpectMsg<Refusal>();
        }, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(50));
        return Status(gateway);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        ValoriExtension.Get(Sys).Release();
        _directory.Dispose();
    }

    private static ActorSystemSetup SetupFor(TemporaryDirectory directory, ManualTime time, string more)
    {
        Config config = ConfigurationFactory.ParseString(more).WithFallback(ConfigurationFactory.ParseString($$"""
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            akka.actor.serialize-messages = on
            # The default of 3 s is too short for a machine on which other tests move gigabytes at the same time.
            akka.test.single-expect-default = 30s
            valori.data-directory = {{ReferenceConfig.Quote(directory.Path)}}
            valori.journal-plugin-id = "test-journal"
            valori.restart-backoff.minimum = 10ms
            valori.restart-backoff.maximum = 100ms
            test-journal {
              class = "{{typeof(FaultyJournal).AssemblyQualifiedName}}"
              plugin-dispatcher = "akka.actor.default-dispatcher"
            }
            """)).WithFallback(TestKit.DefaultConfig);
        return BootstrapSetup.Create().WithConfig(config).And(new ValoriSetup(time));
    }
}
