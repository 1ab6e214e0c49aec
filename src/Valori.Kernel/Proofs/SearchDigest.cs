using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Proofs;

/// <summary>
/// Binds a search and its answer to a state hash (docs/formats.md, section 15). The answer is a function of the state, the
/// query and its parameters, so whoever has the state can search again and must get the same digest. Frozen.
/// </summary>
public static class SearchDigest
{
    private const uint FormatVersion = 1;

    private static readonly HashContext Context = new("Valori 2026-11-25 v1 search receipt");

    /// <param name="stateHash">Of the state that was searched.</param>
    /// <param name="queries">A block that holds the query.</param>
    /// <param name="row">The query's row in it.</param>
    /// <param name="k">As it was asked for.</param>
    /// <param name="hits">In the order of the answer.</param>
    public static Digest Compute(in Digest stateHash, VectorBlock queries, int row, int k, ulong? filterTag, IReadOnlyList<SearchHit> hits)
    {
        byte[] bytes = new byte[4 + Digest.SizeBytes + 4 + queries.Dimension * sizeof(int) + 8 + 9 + 8 + hits.Count * 16];
        ProofWriter writer = new(bytes);
        writer.Write(FormatVersion);
        writer.Write(stateHash);
        writer.Write((uint)queries.Dimension);
        int[] raw = new int[queries.Dimension];
        queries.CopyRow(row, raw);
        writer.Write(MemoryMarshal.AsBytes(raw.AsSpan()));
        writer.Write((ulong)k);
        writer.Write(filterTag is null ? (byte)0 : (byte)1);
        writer.Write(filterTag ?? 0);
        writer.Write((ulong)hits.Count);
        foreach (SearchHit hit in hits)
        {
            writer.Write(hit.Id.Value);
            writer.Write((ulong)hit.Score);
        }
        return Context.Hash(bytes);
    }
}
