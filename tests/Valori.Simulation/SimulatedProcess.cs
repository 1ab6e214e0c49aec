using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Valori.Actors.Files;
using Valori.Actors.Gateway;
using Valori.Actors.Queries;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Protocol;

namespace Valori.Simulation;

/// <summary>A clock that moves when the simulation says so, and may jump.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan by) => _now += by;
}

/// <summary>
/// One life of a process: an ActorSystem whose every actor runs on the simulation's steps and clock, with one engine's gateway, or with the guardian of all.
/// Dying is forgetting it: nothing of it runs unless a step is taken.
/// </summary>
internal sealed class SimulatedProcess
{
    private readonly TestScheduler _scheduler;

    public SimulatedProcess(Random random, SimulatedDisk disk, SimulatedTime time, string settings, bool hasGuardian)
    {
        Steps = new Steps(random);
        Config config = ConfigurationFactory.ParseString(settings).WithFallback(Configuration);
        ActorSystem system = ActorSystem.Create("simulated", BootstrapSetup.Create().WithConfig(config).And(new SimulationSetup(Steps, disk)).And(new FileSystemSetup(disk.Files)));
        _scheduler = (TestScheduler)system.Scheduler;
        ValoriSettings valori = new(system.Settings.Config);
        MemoryBudget memory = new(valori.MaximumMemoryBytes);
        if (hasGuardian)
        {
            Guardian = system.ActorOf(Props.Create(() => new ValoriGuardian(valori, memory, time, null)), GuardianAddress.Name);
            return;
        }
        QueryLanes lanes = QueryLanes.Start(system, valori, time);
        Gateway = system.ActorOf(Props.Create(() => new EngineGateway("simulated", new GatewayState("simulated"), lanes, valori, memory, time, null)), "gateway");
    }

    public Steps Steps { get; }

    /// <summary>Where requests of clients go; nobody while there is no engine that was opened.</summary>
    public IActorRef? Gateway { get; set; }

    /// <summary>Opens and drops the engine; nobody if the gateway is alone.</summary>
    public IActorRef? Guardian { get; }

    /// <summary>Lets timers fire that are due by then.</summary>
    public void Advance(TimeSpan by) => _scheduler.Advance(by);

    private static readonly Config Own = ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          loggers = []
          log-dead-letters = off
          scheduler.implementation = "{{Name<TestScheduler>()}}"
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          actor {
            default-dispatcher { type = "{{Name<SimulatedDispatcherConfigurator>()}}", throughput = 1 }
            internal-dispatcher { type = "{{Name<SimulatedDispatcherConfigurator>()}}", throughput = 1 }
            default-blocking-io-dispatcher { type = "{{Name<SimulatedDispatcherConfigurator>()}}", throughput = 1 }
          }
        }
        valori {
          query-actors = 2
          restart-backoff.random-factor = 0.0
          journal-plugin-id = "simulated-journal"
          data-directory = {{ReferenceConfig.Quote(Path.GetTempPath())}}
          engine-dispatcher { type = "{{Name<SimulatedDispatcherConfigurator>()}}", throughput = 1 }
          costly-query-dispatcher { type = "{{Name<SimulatedDispatcherConfigurator>()}}", throughput = 1 }
          query-dispatcher { type = "{{Name<SimulatedDispatcherConfigurator>()}}", throughput = 1 }
          snapshot-dispatcher { type = "{{Name<SimulatedDispatcherConfigurator>()}}", throughput = 1 }
          journal-dispatcher { type = "{{Name<SimulatedDispatcherConfigurator>()}}", throughput = 1 }
        }
        simulated-journal { class = "{{Name<SimulatedJournal>()}}", plugin-dispatcher = "akka.actor.default-dispatcher" }
        simulated-table-store { class = "{{Name<SimulatedTableStore>()}}", plugin-dispatcher = "akka.actor.default-dispatcher" }
        simulated-file-store { class = "{{Name<SimulatedFileStore>()}}", plugin-dispatcher = "akka.actor.default-dispatcher" }
        """);

    // Parsed once: a process lives for some milliseconds.
    private static readonly Config Configuration = Own.WithFallback(ReferenceConfig.FallbackFor(Own));

    private static string Name<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
