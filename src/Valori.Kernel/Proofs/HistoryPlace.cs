namespace Valori;

/// <summary>A place in an engine's history, as a receipt names it.</summary>
/// <param name="SequenceNr">The journal's sequence number, counting from 1.</param>
/// <param name="UnixMicroseconds">The time of that event.</param>
/// <param name="StateHash">The hash of all content after that event.</param>
/// <param name="Chain">The value of the history chain after that event.</param>
/// <param name="HistoryRoot">The root of the history tree over the chain values of the events up to this one.</param>
public sealed record HistoryPlace(long SequenceNr, long UnixMicroseconds, Digest StateHash, Digest Chain, Digest HistoryRoot)
{
    /// <summary>In a line: the event and the state hash, which name the place. Every value is in its property.</summary>
    public override string ToString() => FormattableString.Invariant($"event {SequenceNr} with state hash {StateHash}");
}
