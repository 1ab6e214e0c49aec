using System.Buffers.Binary;
using Valori.Kernel.Blake3;

namespace Valori;

/// <content>History proofs: a later place in a history extends an earlier one.</content>
public static partial class ProofVerifier
{
    private static readonly HashContext ChainContext = new("Valori 2026-11-22 v1 history chain");

    /// <summary>
    /// Whether the later place's history extends the earlier one's, and the values of both belong to their history roots. Follows
    /// RFC 9162 sections 2.1.3.2 and 2.1.4.2.
    /// </summary>
    /// <param name="proof">The binary form, or the JSON form in UTF-8.</param>
    /// <param name="earlier">A place that the caller trusts to be what a receipt said.</param>
    /// <param name="later">Another one of the same engine, or the same.</param>
    /// <returns>Null if the proof holds; otherwise a <see cref="RefusalKind.InvalidProof"/>.</returns>
    public static Refusal? VerifyHistory(ReadOnlySpan<byte> proof, HistoryPlace earlier, HistoryPlace later)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(later);
        HistoryParts parts = IsJson(proof) ? ReadHistoryJson(proof, out Refusal? refusal) : ReadHistoryBytes(proof, out refusal);
        return refusal ?? CheckNumbers(parts, earlier, later) ?? CheckChain(parts, earlier, later) ?? CheckTree(parts, earlier, later);
    }

    private static Refusal? CheckNumbers(in HistoryParts parts, HistoryPlace earlier, HistoryPlace later)
    {
        if (parts.From < 1 || parts.From > parts.To)
            return Invalid($"expected sequence numbers 1 <= from <= to, found from {parts.From} and to {parts.To}");
        if (parts.From != earlier.SequenceNr)
            return Invalid($"expected a proof from sequence number {earlier.SequenceNr} of the earlier place, found one from {parts.From}");
        if (parts.To != later.SequenceNr)
            return Invalid($"expected a proof to sequence number {later.SequenceNr} of the later place, found one to {parts.To}");
        if (earlier.UnixMicroseconds > later.UnixMicroseconds)
            return Invalid($"expected the later place's time not before {earlier.UnixMicroseconds}, found {later.UnixMicroseconds}");
        return parts.From == parts.To && earlier != later ? Invalid($"expected two equal places, found {earlier} and {later}") : null;
    }

    private static Refusal? CheckChain(in HistoryParts parts, HistoryPlace earlier, HistoryPlace later)
    {
        if (parts.From == 1 && parts.PreviousChainFrom != Digest.Zero)
            return Invalid($"expected the chain value {Digest.Zero} before the first event, found {parts.PreviousChainFrom}");
        if (parts.From == parts.To - 1 && parts.PreviousChainTo != earlier.Chain)
            return Invalid($"expected the earlier place's chain value {earlier.Chain} before the later, found {parts.PreviousChainTo}");
        return CheckLink(parts.PreviousChainFrom, earlier, "earlier") ?? CheckLink(parts.PreviousChainTo, later, "later");
    }

    private static Refusal? CheckLink(Digest previous, HistoryPlace place, string which)
    {
        Digest found = HashLink(previous, place);
        return found == place.Chain ? null : Invalid($"expected the chain value {place.Chain} of the {which} place, found {found}");
    }

    private static Refusal? CheckTree(in HistoryParts parts, HistoryPlace earlier, HistoryPlace later)
    {
        ulong from = (ulong)parts.From, to = (ulong)parts.To;
        Refusal? refusal = CheckInclusion(parts.InclusionFrom, from, earlier, to, later, "earlier")
            ?? CheckInclusion(parts.InclusionTo, to, later, to, later, "later")
            ?? CheckConsistencyLength(parts.Consistency, from, to);
        // Equal numbers leave nothing to fold: the places, and with them the roots, were found equal before.
        if (refusal is not null || from == to) return refusal;

        (Digest fromRoot, Digest toRoot) = FoldConsistency(from, to, earlier.HistoryRoot, parts.Consistency);
        if (fromRoot != earlier.HistoryRoot)
            return Invalid($"expected the earlier place's history root {earlier.HistoryRoot}, found {fromRoot} by the consistency proof");
        return toRoot == later.HistoryRoot
            ? null
            : Invalid($"expected the later place's history root {later.HistoryRoot}, found {toRoot} by the consistency proof");
    }

    private static Refusal? CheckInclusion(
        ReadOnlySpan<byte> path, ulong number, HistoryPlace place, ulong to, HistoryPlace later, string which)
    {
        if (CheckInclusionLength(path, number - 1, to, $"path of the {which} place") is { } refusal) return refusal;
        Digest found = FoldInclusion(place.Chain, number - 1, to, path);
        return found == later.HistoryRoot
            ? null
            : Invalid($"expected the later place's history root {later.HistoryRoot}, found {found} by the path of the {which} place");
    }

    /// <summary>The chain value (section 7 of docs/formats.md in Valori's repository).</summary>
    private static Digest HashLink(Digest previous, HistoryPlace place)
    {
        Span<byte> bytes = stackalloc byte[80];
        previous.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], place.SequenceNr);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], place.UnixMicroseconds);
        place.StateHash.CopyTo(bytes[48..]);
        return ChainContext.Hash(bytes);
    }

    /// <summary>What both forms of a history proof hold.</summary>
    private ref struct HistoryParts
    {
        public long From, To;
        public Digest PreviousChainFrom, PreviousChainTo;
        public ReadOnlySpan<byte> InclusionFrom, InclusionTo, Consistency;
    }
}
