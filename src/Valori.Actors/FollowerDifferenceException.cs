namespace Valori;

/// <summary>
/// A collection that follows another one is not what that one is: an event does not lead to the same state, or the histories differ. Following has
/// ended before that event.
/// </summary>
public sealed class FollowerDifferenceException(long sequenceNr, string here, string there)
    : Exception($"event {sequenceNr} leads to {here} in this collection, and to {there} in the one that it follows. This one stays as it was before that event")
{
    /// <summary>The first event that differs.</summary>
    public long SequenceNr { get; } = sequenceNr;

    /// <summary>What this collection has, such as <c>state hash 6d0c...</c>.</summary>
    public string Here { get; } = here;

    /// <summary>What the other one has.</summary>
    public string There { get; } = there;
}
