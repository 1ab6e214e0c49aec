using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Proofs;

/// <summary>
/// Binds a search and its answer to a state hash (section 15 of docs/formats.md in Valori's repository). The answer is a function of the state, the
/// query and its parameters, so whoever has the state can search again and must get the same digest. Metric and scale are in the state
/// hash. Frozen.
/// </summary>
public static class SearchDigest
{
    private const uint FormatVersion = 1;
    private const uint LimitFormatVersion = 2;

    private static readonly HashContext Context = new("Valori 2026-11-25 v1 search receipt");

    /// <param name="stateHash">Of the state that was searched.</param>
    /// <param name="query">As it was asked, with one vector.</param>
    /// <param name="hits">In the order of the answer.</param>
    /// <exception cref="ArgumentException">The query has no vector, or several.</exception>
    public static Digest Compute(in Digest stateHash, SearchQuery query, IReadOnlyList<SearchHit> hits)
    {
        if (query.CheckSingle() is { } refusal) throw new ArgumentException(refusal.Message, nameof(query));
        ulong? tag = TagOf(query.Filter);
        VectorBlock vector = query.Vectors;
        bool hasLimit = query.ScoreLimit is not null;
        byte[] bytes = new byte[4 + Digest.SizeBytes + 4 + vector.Dimension * sizeof(int) + 8 + 9 + (hasLimit ? 9 : 0) + 8 + hits.Count * 16];
        ProofWriter writer = new(bytes);
        writer.Write(hasLimit ? LimitFormatVersion : FormatVersion);
        writer.Write(stateHash);
        writer.Write((uint)vector.Dimension);
        int[] raw = new int[vector.Dimension];
        vector.CopyRow(0, raw);
        writer.Write(MemoryMarshal.AsBytes(raw.AsSpan()));
        writer.Write((ulong)query.K);
        writer.Write(tag is null ? (byte)0 : (byte)1);
        writer.Write(tag ?? 0);
        if (query.ScoreLimit is { } limit)
        {
            writer.Write((byte)1);
            writer.Write((ulong)limit);
        }
        writer.Write((ulong)hits.Count);
        foreach (SearchHit hit in hits)
        {
            writer.Write(hit.Id.Value);
            writer.Write((ulong)hit.Score);
        }
        return Context.Hash(bytes);
    }

    private static ulong? TagOf(RecordFilter filter) => filter switch
    {
        RecordFilter.Everything => null,
        RecordFilter.TagEquals(var tag) => tag,
        _ => throw new InvalidOperationException($"no form of {filter.GetType().Name} in a search digest"),
    };
}
