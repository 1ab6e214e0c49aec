using Akka.Actor;
using Valori.Kernel.Hashing;

namespace Valori.Actors.Protocol;

// What a client sends to a gateway besides queries: the kernel's commands (InsertRecords, DeleteRecord, ...) as they are,
// and the messages below. Each is answered with Receipt (or the message named), Refusal, or EngineFailure.

/// <summary>A command was carried out and is durable.</summary>
/// <param name="SequenceNr">Its place in the journal.</param>
/// <param name="UnixMicroseconds">Its time.</param>
/// <param name="StateHash">The state hash behind it.</param>
/// <param name="Chain">The history chain behind it.</param>
/// <param name="FirstId">The first id that it created, or the id that it was about.</param>
/// <param name="Count">How many ids it created, counting up from the first.</param>
public sealed record Receipt(long SequenceNr, long UnixMicroseconds, Digest StateHash, Digest Chain, ulong FirstId, int Count) : IWireMessage;

/// <summary>Why the engine could not answer. Unlike a refusal, this says nothing about the request itself.</summary>
public enum EngineFailureKind
{
    /// <summary>The write failed on its way: it may or may not be in the journal. The engine recovers from there.</summary>
    OutcomeUnknown = 1,

    /// <summary>The engine is recovering: nothing was done; try again.</summary>
    Recovering = 2,

    /// <summary>Too much is in flight: nothing was done; try again later.</summary>
    Overloaded = 3,

    /// <summary>The engine cannot prove its state, or is stopping: nothing was done, and trying again does not help.</summary>
    Stopped = 4,

    /// <summary>The snapshot could not be written or read. No data is lost: the journal has everything.</summary>
    SnapshotFailed = 5,
}

/// <summary>The engine could not answer.</summary>
public sealed record EngineFailure(EngineFailureKind Kind, string Message) : IWireMessage;

/// <summary>Writes a snapshot of the latest durable state; answered with <see cref="SnapshotSaved"/>.</summary>
public sealed record SaveSnapshot : IWireMessage;

/// <summary>A snapshot is durable.</summary>
/// <param name="Path">The file, or for a snapshot store without files a description of the place.</param>
public sealed record SnapshotSaved(string Path, long SequenceNr, Digest StateHash) : IWireMessage;

/// <summary>Begins the upload of snapshot bytes; answered with <see cref="RestoreStarted"/>.</summary>
public sealed record BeginRestore : IWireMessage;

/// <summary>The actor that takes the bytes.</summary>
public sealed record RestoreStarted(IActorRef Upload) : IWireMessage;

/// <summary>The next bytes of the snapshot, in order; answered with <see cref="RestoreChunkTaken"/> before the next may be sent.</summary>
public sealed record RestoreChunk(long Offset, ReadOnlyMemory<byte> Bytes) : IWireMessage;

/// <summary>The bytes up to the offset are there.</summary>
public sealed record RestoreChunkTaken(long NextOffset) : IWireMessage;

/// <summary>All bytes were sent: verify them and make them the state. Answered with <see cref="Receipt"/> or a refusal.</summary>
public sealed record CompleteRestore : IWireMessage;

/// <summary>Gives the upload up; nothing was changed.</summary>
public sealed record AbortRestore : IWireMessage;
