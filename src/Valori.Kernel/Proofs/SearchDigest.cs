using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;
using Valori.Kernel.Filters;
using Valori.Kernel.Proofs;

namespace Valori;

/// <summary>
/// Binds a search and its answer to a state hash (section 15 of docs/formats.md in Valori's repository). The answer is a function of the state, the
/// query and its parameters, and of the graph that answered it if the search was approximate. So a reader that has these can search again and must
/// get the same digest. Metric and scale are in the state hash. Frozen.
/// </summary>
public static class SearchDigest
{
    // The first that has room for what the query asks.
    private const uint TagVersion = 1, LimitVersion = 2, FilterVersion = 3, OffsetVersion = 4, GraphVersion = 5;

    private const int GraphBytes = 2 * Digest.SizeBytes + sizeof(uint);

    private static readonly HashContext Context = new("Valori 2026-11-25 v1 search receipt");

    /// <param name="stateHash">Of the state that was searched.</param>
    /// <param name="query">As it was asked, with one vector.</param>
    /// <param name="hits">In the order of the answer.</param>
    /// <param name="graph">What the answer names as its graph; null if it is exact, whatever the mode of the query.</param>
    /// <exception cref="ArgumentException">The query has no vector, or several.</exception>
    public static Digest Compute(in Digest stateHash, SearchQuery query, IReadOnlyList<SearchHit> hits, GraphUse? graph = null)
    {
        if (query.CheckSingle() is { } refusal) throw new ArgumentException(refusal.Message, nameof(query));
        ulong? tag = query.Filter.TagOrNull();
        ReadOnlySpan<byte> filter = tag is null ? query.Filter.Canonical.Span : [];
        uint version = graph is not null ? GraphVersion
            : query.Offset != 0 ? OffsetVersion
            : tag is null && query.Filter is not Everything ? FilterVersion
            : query.ScoreLimit is not null ? LimitVersion
            : TagVersion;
        VectorBlock vector = query.Vectors;
        int[] raw = new int[vector.Dimension];
        vector.CopyRow(0, raw);
        int length = 4 + Digest.SizeBytes + 4 + raw.Length * sizeof(int) + 8 + 9
            + (version >= LimitVersion ? 9 : 0) + (version >= FilterVersion ? 4 + filter.Length : 0) + (version >= OffsetVersion ? 8 : 0)
            + (version == GraphVersion ? GraphBytes : 0) + 8 + hits.Count * 16;
        byte[] bytes = new byte[length];
        ProofWriter writer = new(bytes);
        writer.Write(version);
        writer.Write(stateHash);
        writer.Write((uint)vector.Dimension);
        writer.Write(MemoryMarshal.AsBytes(raw.AsSpan()));
        writer.Write((ulong)query.K);
        WriteOptional(ref writer, tag);
        if (version >= LimitVersion) WriteOptional(ref writer, (ulong?)query.ScoreLimit);
        if (version >= FilterVersion)
        {
            writer.Write((uint)filter.Length);
            writer.Write(filter);
        }
        if (version >= OffsetVersion) writer.Write((ulong)query.Offset);
        if (graph is not null)
        {
            writer.Write(graph.StateHash);
            writer.Write(graph.Digest);
            writer.Write((uint)graph.Beam);
        }
        writer.Write((ulong)hits.Count);
        foreach (SearchHit hit in hits)
        {
            writer.Write(hit.Id.Value);
            writer.Write((ulong)hit.Score);
        }
        return Context.Hash(bytes);
    }

    private static void WriteOptional(ref ProofWriter writer, ulong? value)
    {
        writer.Write(value is null ? (byte)0 : (byte)1);
        writer.Write(value ?? 0);
    }
}
