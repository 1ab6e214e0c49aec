using Valori.Kernel.Proofs;

namespace Valori;

/// <summary>
/// Proves that a later place in a history extends an earlier one, and that both places' values belong to their history roots
/// (section 15 of docs/formats.md in Valori's repository). <see cref="ProofVerifier"/> checks its bytes without any of this code.
/// </summary>
/// <param name="From">Sequence number of the earlier place.</param>
/// <param name="To">Sequence number of the later place.</param>
/// <param name="PreviousChainFrom">The chain value before the earlier place.</param>
/// <param name="PreviousChainTo">The chain value before the later place.</param>
/// <param name="InclusionFrom">Path of the earlier place's chain value to the later one's root (RFC 9162 section 2.1.3.1).</param>
/// <param name="InclusionTo">Path of the later place's own chain value.</param>
/// <param name="Consistency">The consistency proof of RFC 9162 section 2.1.4.1.</param>
public sealed record HistoryProof(
    long From, long To, Digest PreviousChainFrom, Digest PreviousChainTo,
    IReadOnlyList<Digest> InclusionFrom, IReadOnlyList<Digest> InclusionTo, IReadOnlyList<Digest> Consistency)
{
    private const uint FormatVersion = 1;

    /// <summary>What its JSON form has as <c>format</c>.</summary>
    internal const string Format = "valori-history-proof";

    /// <summary>How its binary form begins.</summary>
    internal static ReadOnlySpan<byte> Magic => "VALORIHP"u8;

    /// <summary>The compact form: what a verifier takes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[8 + 4 + 2 * 8 + 2 * Digest.SizeBytes
            + ProofWriter.PathBytes(InclusionFrom) + ProofWriter.PathBytes(InclusionTo) + ProofWriter.PathBytes(Consistency)];
        ProofWriter writer = new(bytes);
        writer.Write(Magic);
        writer.Write(FormatVersion);
        writer.Write((ulong)From);
        writer.Write((ulong)To);
        writer.Write(PreviousChainFrom);
        writer.Write(PreviousChainTo);
        writer.WritePath(InclusionFrom);
        writer.WritePath(InclusionTo);
        writer.WritePath(Consistency);
        return bytes;
    }

    /// <summary>The same as JSON. A verifier takes it too, as UTF-8 bytes (<see cref="System.Text.Encoding.UTF8"/>).</summary>
    public string ToJson() => ProofJson.Of(writer =>
    {
        writer.WriteString("format", Format);
        writer.WriteNumber("version", FormatVersion);
        writer.WriteNumber("from", From);
        writer.WriteNumber("to", To);
        writer.WriteDigest("previous_chain_from", PreviousChainFrom);
        writer.WriteDigest("previous_chain_to", PreviousChainTo);
        writer.WritePath("inclusion_from", InclusionFrom);
        writer.WritePath("inclusion_to", InclusionTo);
        writer.WritePath("consistency", Consistency);
    });
}
