using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;

namespace Valori.Simulation;

/// <summary>What the parts of one simulated process find each other by.</summary>
internal sealed class SimulationSetup(Steps steps, SimulatedDisk disk) : Setup
{
    public Steps Steps { get; } = steps;

    public SimulatedDisk Disk { get; } = disk;
}

/// <summary>
/// The steps that could be taken next: one message of one actor each. The simulation takes them one at a time, in an order that
/// its seed decides, so every interleaving of actors is possible and each can be had again.
/// </summary>
internal sealed class Steps(Random random)
{
    private readonly List<IRunnable> _ready = [];
    private readonly Thread _thread = Thread.CurrentThread;

    public int Count => _ready.Count;

    public void Add(IRunnable step)
    {
        // A step that comes from another thread comes at another moment each time, and the seed decides nothing any more.
        if (Thread.CurrentThread != _thread) throw new InvalidOperationException("a message from outside of the simulation");
        _ready.Add(step);
    }

    public void TakeOne()
    {
        int chosen = random.Next(_ready.Count);
        IRunnable step = _ready[chosen];
        // In the place of a removal in the middle: the order of the others is theirs to be chosen from anyway.
        _ready[chosen] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        step.Run();
    }
}

/// <summary>Selected by HOCON for every dispatcher of the simulated process.</summary>
public sealed class SimulatedDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : MessageDispatcherConfigurator(config, prerequisites)
{
    public override MessageDispatcher Dispatcher() => new SimulatedDispatcher(this, Prerequisites.Settings.Setup.Get<SimulationSetup>().Value.Steps);

    private sealed class SimulatedDispatcher(MessageDispatcherConfigurator configurator, Steps steps) : MessageDispatcher(configurator)
    {
        protected override void ExecuteTask(IRunnable run) => steps.Add(run);

        protected override void Shutdown()
        {
        }
    }
}
