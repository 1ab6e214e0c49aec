using Valori.Kernel.Blake3;

namespace Valori.Kernel.Proofs;

/// <summary>A place in an engine's history, as a receipt names it (FORMATS section 15).</summary>
/// <param name="SequenceNr">The journal's sequence number, counting from 1.</param>
/// <param name="UnixMicroseconds">The time of that event.</param>
/// <param name="StateHash">The state hash behind that event (FORMATS section 6).</param>
/// <param name="Chain">The chain value at that event (FORMATS section 7).</param>
/// <param name="HistoryRoot">The root of the history tree over the chain values of the events up to this one.</param>
public sealed record HistoryPlace(long SequenceNr, long UnixMicroseconds, Digest StateHash, Digest Chain, Digest HistoryRoot)
{
    /// <summary>In a line: the event and the state hash, which name the place to people. Every value is in its property.</summary>
    public override string ToString() => FormattableString.Invariant($"event {SequenceNr} with state hash {StateHash}");
}
