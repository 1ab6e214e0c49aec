using Google.Protobuf;
using Valori.Protocol;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>The questions that search: one form on the wire for all of them, and a <see cref="SearchQuery"/> in it.</summary>
internal static partial class MessageCodec
{
    public static Proto.Search SearchToProto(SearchQuestion search)
    {
        Proto.Search proto = new() { Query = ToProto(search.Query.Vectors), K = search.Query.K };
        if (search is Search { WithReceipt: true }) proto.WithReceipt = true;
        if (search is Search { Explain: true } or SearchBatch { Explain: true }) proto.Explain = true;
        if (search is SearchExpand { Depth: var depth }) proto.Depth = depth;
        if (search.Query.Filter.TagOrNull() is { } tag) proto.FilterTag = tag;
        else proto.Filter = UnsafeByteOperations.UnsafeWrap(search.Query.Filter.Canonical);
        if (search.Query.ScoreLimit is { } limit) proto.ScoreLimit = limit;
        proto.With = (uint)search.Query.With;
        proto.Offset = search.Query.Offset;
        proto.Mode = (uint)search.Query.Mode.Kind;
        proto.Beam = search.Query.Mode.Beam;
        if (search.Query.Mode.Recall is { } recall) proto.Recall = recall;
        return proto;
    }

    /// <summary>Whether versions that know only the first fields of a search would answer another question than this one.</summary>
    public static bool IsRefined(Proto.Search proto) =>
        !proto.Filter.IsEmpty || proto.HasScoreLimit || proto.With != 0 || proto.Offset != 0 || proto.Explain || proto.Mode != 0 || proto.Beam != 0 || proto.HasRecall;

    public static SearchQuery QueryFromProto(Proto.Search proto) => new(FromProto(proto.Query), proto.K)
    {
        Filter = FilterFromProto(proto),
        ScoreLimit = proto.HasScoreLimit ? proto.ScoreLimit : null,
        With = (RecordParts)proto.With,
        Offset = proto.Offset,
        Mode = proto.Mode == 0 && proto.Beam == 0 && !proto.HasRecall ? SearchMode.Exact
            : new SearchMode((SearchModeKind)proto.Mode, proto.Beam) { Recall = proto.HasRecall ? proto.Recall : null },
    };

    private static Proto.SearchAnswered? ToProto(SearchAnswered? m)
    {
        if (m is null) return null;
        Proto.SearchAnswered proto = new();
        if (m.Graph is { } graph) proto.Graph = new() { Digest = ToBytes(graph.Digest), StateHash = ToBytes(graph.StateHash), Boundary = graph.Boundary, Beam = graph.Beam };
        if (m.ExactBecause is { } because) proto.ExactBecause = because;
        return proto;
    }

    private static SearchAnswered? FromProto(Proto.SearchAnswered? proto) => proto is null ? null : new SearchAnswered(
        proto.Graph is { } graph ? new GraphUse(Digest.Read(graph.Digest.Span), Digest.Read(graph.StateHash.Span), graph.Boundary, graph.Beam) : null,
        proto.HasExactBecause ? proto.ExactBecause : null);

    private static Filter FilterFromProto(Proto.Search proto)
    {
        if (!proto.HasFilterTag) return Filter.Read(proto.Filter.Span);
        return proto.Filter.IsEmpty ? Filter.Tag(proto.FilterTag) : throw new ArgumentException("a search has a filter and a tag as well");
    }
}
