using Valori.Kernel.Hashing;

namespace Valori.Kernel.Proofs;

/// <summary>A place in an engine's history, as a receipt names it (docs/formats.md, section 15).</summary>
public sealed record HistoryPlace(long SequenceNr, long UnixMicroseconds, Digest StateHash, Digest Chain, Digest HistoryRoot);
