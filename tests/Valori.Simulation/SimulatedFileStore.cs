using Valori.Actors.Snapshots;

namespace Valori.Simulation;

/// <summary>Valori's own snapshot store, on simulated files.</summary>
internal sealed class SimulatedFileStore() : FileSnapshotStore(Context.System.Settings.Setup.Get<SimulationSetup>().Value.Disk.Files);
