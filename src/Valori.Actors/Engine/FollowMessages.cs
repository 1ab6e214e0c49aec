using Akka.Actor;
using Valori.Actors.Entries;

namespace Valori.Actors.Engine;

// Between a follower, the gateway and the engine that follows. Never leaves the process.

/// <summary>
/// The next events of the engine that is followed. Answered with the receipt of the last one when they are durable, with
/// <see cref="FollowedDifference"/>, a refusal or a failure.
/// </summary>
/// <param name="From">The sequence number of the first one. Those that the engine has already are compared.</param>
internal sealed record FollowEvents(long From, IReadOnlyList<JournalRecord> Records) : INoSerializationVerificationNeeded;

/// <summary>An event does not lead to the same here. The engine is where it was before the message that had it.</summary>
/// <param name="Here">What it leads to here, in a human-readable word.</param>
/// <param name="There">What it led to there.</param>
internal sealed record FollowedDifference(long SequenceNr, string Here, string There) : INoSerializationVerificationNeeded;

/// <summary>The engine takes commands of its own from now on; answered with <see cref="FollowingStopped"/>.</summary>
internal sealed record StopFollowing : INoSerializationVerificationNeeded;

internal sealed record FollowingStopped : INoSerializationVerificationNeeded;
