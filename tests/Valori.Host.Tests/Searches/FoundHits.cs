using System.Text.Json;

namespace Valori.Host.Tests.Searches;

/// <summary>An answer, whatever way it came.</summary>
/// <param name="Queries">For each vector, the hits with their scores.</param>
/// <param name="Nodes">For each hit of the only vector, if they were asked for.</param>
internal sealed record FoundHits((ulong Id, long Score)[][] Queries, ulong[][]? Nodes = null, SearchReceipt? Receipt = null)
{
    /// <summary>For each hit in turn, what came with it of its record.</summary>
    public IReadOnlyList<FoundRecord> Records { get; private init; } = [];

    public static FoundHits Of(SearchHits found) => new([Pairs(found.Hits)], Receipt: found.Receipt) { Records = FoundRecord.Of(found.Hits) };

    public static FoundHits Of(IReadOnlyList<SearchHit> hits) => new([Pairs(hits)]) { Records = FoundRecord.Of(hits) };

    public static FoundHits Of(IReadOnlyList<IReadOnlyList<SearchHit>> hits) => new([.. hits.Select(Pairs)]) { Records = FoundRecord.Of(hits.SelectMany(found => found)) };

    public static FoundHits Of(IReadOnlyList<ExpandedHit> hits) =>
        new([Pairs([.. hits.Select(hit => hit.Hit)])], [.. hits.Select(hit => hit.Nodes.Select(node => node.Value).ToArray())]) { Records = FoundRecord.Of(hits.Select(hit => hit.Hit)) };

    public static FoundHits Of(JsonElement answer)
    {
        if (answer.TryGetProperty("results", out JsonElement results))
        {
            return new FoundHits([.. results.EnumerateArray().Select(Pairs)])
            {
                Records = [.. results.EnumerateArray().SelectMany(result => result.GetProperty("hits").EnumerateArray()).Select(FoundRecord.Of)],
            };
        }
        JsonElement[] hits = [.. answer.GetProperty("hits").EnumerateArray()];
        ulong[][]? nodes = hits.Length > 0 && hits[0].TryGetProperty("nodes", out _)
            ? [.. hits.Select(hit => hit.GetProperty("nodes").EnumerateArray().Select(node => node.GetUInt64()).ToArray())]
            : null;
        SearchReceipt? receipt = answer.TryGetProperty("receipt", out JsonElement r)
            ? new SearchReceipt(r.GetProperty("sequence_nr").GetInt64(), Hash(r, "state_hash"), Hash(r, "digest"))
            : null;
        return new FoundHits([Pairs(answer)], nodes, receipt) { Records = [.. hits.Select(FoundRecord.Of)] };
    }

    private static (ulong, long)[] Pairs(IReadOnlyList<SearchHit> hits) => [.. hits.Select(hit => (hit.Id.Value, hit.Score))];

    private static (ulong, long)[] Pairs(JsonElement answer) =>
        [.. answer.GetProperty("hits").EnumerateArray().Select(hit => (hit.GetProperty("id").GetUInt64(), hit.GetProperty("score").GetInt64()))];

    private static Digest Hash(JsonElement receipt, string name) => Digest.TryParse(receipt.GetProperty(name).GetString()!, out Digest digest) ? digest : default;
}
