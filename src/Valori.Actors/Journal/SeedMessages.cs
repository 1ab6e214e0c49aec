using Akka.Actor;

namespace Valori.Actors.Journal;

// A journal that begins after a snapshot, asked of the journal plugin. Never leaves the process.

/// <summary>
/// Writes the first rows of an engine that has none: that of a snapshot's event, marked as the last of those that were dropped, and the one after it.
/// Answered with <see cref="EngineSeeded"/>, or with <see cref="DropStepFailed"/>.
/// </summary>
internal sealed record SeedEngine(string PersistenceId, long SequenceNr, byte[] Entry, byte[] Next) : INoSerializationVerificationNeeded;

/// <param name="IsDone">False if there were rows.</param>
internal sealed record EngineSeeded(bool IsDone) : INoSerializationVerificationNeeded;
