using Akka.Actor;
using Valori.Actors.Entries;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

// Between a gateway, its guardian and their storage checks. Never leaves the process.

/// <summary>How a <see cref="StorageCheck"/> went.</summary>
/// <param name="Fault">What is wrong and what to do about it; null if journal and snapshot store answer.</param>
/// <param name="LastSequenceNr">Of the journal; 0 with a fault.</param>
/// <param name="Dropped">The collections that the journal has an intent to drop, by name; none with a fault.</param>
internal sealed record StorageChecked(string? Fault, long LastSequenceNr, IReadOnlyList<string> Dropped) : INoSerializationVerificationNeeded;

/// <summary>Opens an engine that follows another one, by way of the guardian; answered as <see cref="OpenEngine"/> is.</summary>
/// <param name="Request">Never creates one: the first event of an engine that follows is another one's.</param>
/// <param name="Beginning">That event, if the engine need not exist yet.</param>
internal sealed record FollowEngine(OpenEngine Request, JournalRecord? Beginning) : INoSerializationVerificationNeeded;

/// <summary>A gateway to its guardian: it has no engine, and no caller waits for one.</summary>
internal sealed record GatewayIdle : INoSerializationVerificationNeeded;

/// <summary>The guardian to an idle gateway: nothing more comes, so stop if you are still idle.</summary>
internal sealed record StopIfIdle : INoSerializationVerificationNeeded;

/// <summary>A gateway to its guardian: something came before <see cref="StopIfIdle"/>, so it stays.</summary>
internal sealed record GatewayStays : INoSerializationVerificationNeeded;

/// <summary>The guardian to a gateway: its collection does not exist any more. Waiting callers are told, and everything below stops.</summary>
internal sealed record CollectionDropped : INoSerializationVerificationNeeded;

/// <summary>A gateway to its guardian: the journal has intents to drop these collections.</summary>
internal sealed record UnfinishedDrops(IReadOnlyList<string> Names) : INoSerializationVerificationNeeded;

/// <summary>A <see cref="DropActor"/> to its guardian: the collection does not exist any more, and its gateway must stop.</summary>
internal sealed record DropDecided : INoSerializationVerificationNeeded;

/// <summary>The guardian to a <see cref="DropActor"/>: what is to be deleted is not in use.</summary>
internal sealed record GatewayGone : INoSerializationVerificationNeeded;

/// <summary>A <see cref="DropActor"/> to its guardian: a step failed, and is tried again.</summary>
/// <param name="IsDecided">Whether the collection does not exist any more.</param>
internal sealed record DropFailing(string Fault, bool IsDecided) : INoSerializationVerificationNeeded;

/// <summary>The guardian to itself: what is not dropped by now is left to the next start.</summary>
internal sealed record StopDropsNow : INoSerializationVerificationNeeded;

/// <summary>A <see cref="DropActor"/> to its guardian: it has come to its end.</summary>
/// <param name="IsDone">Whether the collection was dropped.</param>
/// <param name="Fault">Why not; null if there was nothing to drop.</param>
internal sealed record DropOver(bool IsDone, string? Fault) : INoSerializationVerificationNeeded;
