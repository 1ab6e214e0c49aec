using Valori.Protocol;

namespace Valori;

/// <summary>A proof, and the place in the history whose state hash it leads to.</summary>
public sealed record ContentProof(HistoryPlace Place, InclusionProof Proof) : IWireMessage;
