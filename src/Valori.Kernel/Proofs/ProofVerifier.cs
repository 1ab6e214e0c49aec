namespace Valori;

/// <summary>
/// Verifies inclusion proofs and history proofs with nothing but the proof and the digests that the caller trusts. Pure, without an
/// engine, and safe on any number of threads. Takes any bytes: whatever is not exactly a proof that holds is refused, nothing throws, and
/// no more is allocated than a small multiple of the proof's size.
/// </summary>
/// <remarks>
/// Shares only BLAKE3, and the checks of keys and of canonical fields, with the code that hashes states and makes proofs. It reads
/// leaves, folds trees and hashes roots on its own, after the text of the formats and of RFC 9162, so that a mistake would have to be
/// made twice to stay unseen.
/// </remarks>
public static partial class ProofVerifier
{
    private const uint FormatVersion = 1;

    /// <summary>Of an inclusion proof in a collection whose schema has more than a dimension.</summary>
    private const uint SchemaFormatVersion = 2;

    /// <summary>Levels of a tree with 2^64 - 1 leaves: no path has more digests.</summary>
    private const int MaximumPathLength = 64;

    private static bool IsJson(ReadOnlySpan<byte> proof) => proof.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static Refusal Invalid(string message) => new(RefusalKind.InvalidProof, message);
}
