using Akka.Actor;

namespace Valori.Actors.Journal;

// What a drop asks of the journal plugin, step by step. Each step may be asked for again, and then finds less to do. Each is answered
// with the record beside it, or with DropStepFailed. Never leaves the process.

/// <summary>Asks which collections are being dropped; answered with <see cref="DropsFound"/>.</summary>
internal sealed record FindDrops : INoSerializationVerificationNeeded;

/// <param name="PersistenceIds">Of the collections that do not exist any more, and of which something may be left.</param>
internal sealed record DropsFound(IReadOnlyList<string> PersistenceIds) : INoSerializationVerificationNeeded;

/// <summary>Makes the intent durable if there is something to drop; answered with <see cref="DropBegun"/>.</summary>
/// <param name="IsKnownElsewhere">Whether there is something, even if the journal has no event of it.</param>
internal sealed record BeginDrop(string PersistenceId, bool IsKnownElsewhere) : INoSerializationVerificationNeeded;

/// <param name="Exists">Whether there was something to drop, so that the intent is durable now.</param>
internal sealed record DropBegun(bool Exists) : INoSerializationVerificationNeeded;

/// <summary>
/// Overwrites some of the events where they are, if the database would leave a copy of what it deletes; answered with
/// <see cref="EventsErased"/>.
/// </summary>
/// <param name="After">The last event that was overwritten before; 0 for none.</param>
internal sealed record EraseEvents(string PersistenceId, long After) : INoSerializationVerificationNeeded;

/// <param name="Last">The last event that was overwritten; null if none is left.</param>
internal sealed record EventsErased(long? Last) : INoSerializationVerificationNeeded;

/// <summary>Deletes some of the rows; answered with <see cref="RowsDeleted"/>.</summary>
internal sealed record DeleteRows(string PersistenceId) : INoSerializationVerificationNeeded;

/// <param name="IsMore">Whether some are left.</param>
internal sealed record RowsDeleted(bool IsMore) : INoSerializationVerificationNeeded;

/// <summary>Leaves no copy of what was deleted, and removes the intent; answered with <see cref="DropEnded"/>.</summary>
internal sealed record EndDrop(string PersistenceId) : INoSerializationVerificationNeeded;

internal sealed record DropEnded : INoSerializationVerificationNeeded;

/// <summary>A step was not taken, or whether it was is unknown.</summary>
internal sealed record DropStepFailed(Exception Fault) : INoSerializationVerificationNeeded;
