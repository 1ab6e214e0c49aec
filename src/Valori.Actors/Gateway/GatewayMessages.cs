using Akka.Actor;

namespace Valori.Actors.Gateway;

// Between a gateway, its guardian and their storage checks. Never leaves the process.

/// <summary>How a <see cref="StorageCheck"/> went.</summary>
/// <param name="Fault">What is wrong and what to do about it; null if journal and snapshot store answer.</param>
/// <param name="LastSequenceNr">Of the journal; 0 with a fault.</param>
internal sealed record StorageChecked(string? Fault, long LastSequenceNr) : INoSerializationVerificationNeeded;

/// <summary>A gateway to its guardian: it has no engine, and nobody waits for one.</summary>
internal sealed record GatewayIdle : INoSerializationVerificationNeeded;

/// <summary>The guardian to an idle gateway: nothing more comes, so stop if you are still idle.</summary>
internal sealed record StopIfIdle : INoSerializationVerificationNeeded;

/// <summary>A gateway to its guardian: something came before <see cref="StopIfIdle"/>, so it stays.</summary>
internal sealed record GatewayStays : INoSerializationVerificationNeeded;
