using Valori.Protocol;

namespace Valori;

/// <summary>Hits, best first: by score, then by id.</summary>
/// <param name="Receipt">Null unless it was asked for.</param>
/// <param name="Plan">Null unless it was asked for.</param>
public sealed record SearchHits(IReadOnlyList<SearchHit> Hits, SearchReceipt? Receipt = null, QueryPlan? Plan = null) : IWireMessage
{
    /// <summary>What answered a search that may be approximate; null if it had to be exact.</summary>
    public SearchAnswered? Answered { get; init; }
}

/// <summary>
/// Binds an answer to a state. A reader that has that state, or asks as of its state hash, can search again and must get hits with
/// the same digest.
/// </summary>
/// <param name="SequenceNr">The event after which the state was.</param>
/// <param name="StateHash">The state that was searched.</param>
/// <param name="Digest">Of state hash, query, parameters, hits, and the graph if one answered (<see cref="SearchDigest"/>).</param>
public sealed record SearchReceipt(long SequenceNr, Digest StateHash, Digest Digest);

/// <summary>Per query, in the order of the queries, hits, best first: by score, then by id.</summary>
public sealed record SearchHitsBatch(IReadOnlyList<IReadOnlyList<SearchHit>> Hits) : IWireMessage
{
    /// <summary>Of all vectors together; null unless it was asked for.</summary>
    public QueryPlan? Plan { get; init; }

    /// <summary>As <see cref="SearchHits.Answered"/>.</summary>
    public SearchAnswered? Answered { get; init; }
}

/// <summary>Hits, best first, each with the nodes around it.</summary>
public sealed record ExpandedHits(IReadOnlyList<ExpandedHit> Hits) : IWireMessage
{
    /// <summary>As <see cref="SearchHits.Answered"/>.</summary>
    public SearchAnswered? Answered { get; init; }
}

/// <summary>Hits, best first, and the graph around their records.</summary>
public sealed record SubgraphHits(IReadOnlyList<SearchHit> Hits, Subgraph Subgraph) : IWireMessage
{
    /// <summary>As <see cref="SearchHits.Answered"/>.</summary>
    public SearchAnswered? Answered { get; init; }
}
