namespace Valori;

/// <summary>How far a <see cref="ValoriFollower"/> is.</summary>
/// <param name="SequenceNr">The last event that is durable here.</param>
/// <param name="FollowedSequenceNr">The last event of the collection that is followed, as far as it is known.</param>
/// <param name="LastFault">Why it could not go on last; null if it goes on.</param>
public sealed record FollowerStatus(long SequenceNr, long FollowedSequenceNr, string? LastFault)
{
    /// <summary>How many events are missing here.</summary>
    public long Behind => Math.Max(0, FollowedSequenceNr - SequenceNr);
}
