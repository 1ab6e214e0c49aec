using Valori.Protocol;

namespace Valori;

/// <summary>What an engine holds and where it is in its history.</summary>
/// <param name="SequenceNr">The journal's sequence number of the last durable event.</param>
/// <param name="UnixMicroseconds">The time of that event.</param>
/// <param name="StateHash">The hash of all content after that event.</param>
/// <param name="Chain">The value of the history chain after that event: equal values mean equal histories.</param>
/// <param name="HistoryRoot">The root of the tree over all chain values so far.</param>
/// <param name="RecordCount">Live records; <paramref name="RecordSlots"/> counts tombstones too. The same for nodes and edges.</param>
public sealed record EngineStatus(
    string Name, EngineSchema Schema, long SequenceNr, long UnixMicroseconds, Digest StateHash, Digest Chain, Digest HistoryRoot,
    ulong RecordCount, ulong NodeCount, ulong EdgeCount, ulong RecordSlots, ulong NodeSlots, ulong EdgeSlots) : IWireMessage
{
    /// <summary>Components of every vector.</summary>
    public int Dimension => Schema.Dimension;

    /// <summary>The place in the history, for <see cref="ProofVerifier"/>.</summary>
    public HistoryPlace Place => new(SequenceNr, UnixMicroseconds, StateHash, Chain, HistoryRoot);

    /// <summary>In a line: what it is, what it holds and the place. Every value is in its property.</summary>
    public override string ToString() => $"{Name}: {RecordCount} records of {Schema}, {NodeCount} nodes, {EdgeCount} edges at {Place}";
}
