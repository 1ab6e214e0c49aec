namespace Valori;

/// <summary>Why the engine could not answer. Unlike a refusal, this says nothing about the request itself.</summary>
public enum EngineFailureKind
{
    /// <summary>The write failed on its way: it may or may not be in the journal. The engine recovers from there.</summary>
    OutcomeUnknown = 1,

    /// <summary>The engine is recovering: nothing was done; try again.</summary>
    Recovering = 2,

    /// <summary>Too much is in flight, or the time that its sender waits had passed before it was begun: nothing was done; try again later.</summary>
    Overloaded = 3,

    /// <summary>The engine cannot prove its state, or is stopping: nothing was done, and trying again does not help.</summary>
    Stopped = 4,

    /// <summary>The snapshot could not be written or read back. No data is lost: what no snapshot has is in the journal.</summary>
    SnapshotFailed = 5,
}
