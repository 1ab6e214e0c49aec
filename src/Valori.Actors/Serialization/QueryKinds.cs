using System.Collections.Frozen;
using Google.Protobuf;
using Valori.Protocol;
using static Valori.Actors.Serialization.MessageCodec;
using Field = Valori.Actors.Serialization.MessageProto.Query.QueryOneofCase;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>The list of all kinds of query: each is a field of the message Query.</summary>
internal static class QueryKinds
{
    private static readonly FrozenDictionary<Type, QueryKind> ByType;
    private static readonly FrozenDictionary<Field, QueryKind> ByField;

    static QueryKinds()
    {
        ByType = All.ToFrozenDictionary(kind => kind.Type);
        ByField = All.SelectMany(kind => new[] { kind.Field, kind.OtherField }.Distinct().Select(field => (field, kind))).ToFrozenDictionary(pair => pair.field, pair => pair.kind);
    }

    public static IReadOnlyList<QueryKind> All { get; } =
    [
        OfSearch<Search, SearchHits>(
            Field.Search, Field.RefinedSearch, (search, isRefined) => isRefined ? new() { RefinedSearch = search } : new() { Search = search },
            proto => proto.RefinedSearch ?? proto.Search, proto => new Search(QueryFromProto(proto), proto.WithReceipt) { Explain = proto.Explain }),
        OfSearch<SearchBatch, SearchHitsBatch>(
            Field.SearchBatch, Field.RefinedSearchBatch, (search, isRefined) => isRefined ? new() { RefinedSearchBatch = search } : new() { SearchBatch = search },
            proto => proto.RefinedSearchBatch ?? proto.SearchBatch, proto => new SearchBatch(QueryFromProto(proto)) { Explain = proto.Explain }),
        OfSearch<SearchExpand, ExpandedHits>(
            Field.SearchExpand, Field.RefinedSearchExpand, (search, isRefined) => isRefined ? new() { RefinedSearchExpand = search } : new() { SearchExpand = search },
            proto => proto.RefinedSearchExpand ?? proto.SearchExpand, proto => new SearchExpand(QueryFromProto(proto), proto.Depth)),
        QueryKind.Of<GetRecord, RecordContent>(
            Field.GetRecord, MessageCodec.ToProto,
            proto => new GetRecord(proto.HasGetRecordByKey ? KeyOf(proto.GetRecordByKey) : new RecordId(proto.GetRecord))) with { OtherField = Field.GetRecordByKey },
        QueryKind.Of<FindRecord, RecordPresence>(Field.FindRecord, m => new() { FindRecord = MessageCodec.ToProto(m.Record) }, proto => new FindRecord(FromProto(proto.FindRecord))),
        QueryKind.Of<ListRecords, RecordPage>(
            Field.ListRecords, m => new() { ListRecords = ToProto(m) },
            proto => new ListRecords(Filter.Read(proto.ListRecords.Filter.Span), proto.ListRecords.Limit, proto.ListRecords.HasCursor ? proto.ListRecords.Cursor : null)
            {
                With = proto.ListRecords.HasWith ? (RecordParts)proto.ListRecords.With : RecordParts.AllButVector,
                Order = OrderOf(proto.ListRecords),
            }),
        QueryKind.Of<GetMany, RecordList>(
            Field.GetMany, m => new() { GetMany = ToProto(m) },
            proto => new GetMany([.. proto.GetMany.Records.Select(FromProto)]) { With = proto.GetMany.HasWith ? (RecordParts)proto.GetMany.With : RecordParts.AllButVector }),
        QueryKind.Of<Distinct, DistinctValues>(
            Field.Distinct, m => new() { Distinct = new() { Field = m.Field, Filter = UnsafeByteOperations.UnsafeWrap(m.Filter.Canonical), Limit = m.Limit } },
            proto => new Distinct(proto.Distinct.Field, Filter.Read(proto.Distinct.Filter.Span), proto.Distinct.Limit)),
        QueryKind.Of<CountRecords, RecordTotal>(
            Field.CountRecords, m => new() { CountRecords = new() { Filter = UnsafeByteOperations.UnsafeWrap(m.Filter.Canonical) } },
            proto => new CountRecords(Filter.Read(proto.CountRecords.Filter.Span))),
        QueryKind.Of<GetMetadata, RecordMetadata>(Field.GetMetadata, m => new() { GetMetadata = m.Id.Value }, proto => new GetMetadata(new RecordId(proto.GetMetadata))),
        QueryKind.Of<GetNode, NodeContent>(
            Field.GetNode, m => m.Node.Key is { } key ? new() { GetNodeByKey = key.ToString() } : new() { GetNode = m.Node.Id!.Value.Value },
            proto => new GetNode(proto.HasGetNodeByKey ? KeyOf(proto.GetNodeByKey) : new NodeId(proto.GetNode))) with { OtherField = Field.GetNodeByKey },
        QueryKind.Of<GetEdge, EdgeContent>(Field.GetEdge, m => new() { GetEdge = m.Id.Value }, proto => new GetEdge(new EdgeId(proto.GetEdge))),
        QueryKind.Of<GetNodeEdges, NodeEdges>(Field.GetNodeEdges, m => new() { GetNodeEdges = m.Id.Value }, proto => new GetNodeEdges(new NodeId(proto.GetNodeEdges))),
        QueryKind.Of<Expand, NodeList>(
            Field.Expand, m => m.Traversal.IsOutgoing ? new() { Expand = MessageCodec.ToProto(m) } : new() { RefinedExpand = MessageCodec.ToProto(m) },
            proto => FromProto(proto.RefinedExpand ?? proto.Expand)) with { OtherField = Field.RefinedExpand },
        QueryKind.Of<GetSubgraph, Subgraph>(Field.GetSubgraph, m => new() { GetSubgraph = MessageCodec.ToProto(m) }, proto => FromProto(proto.GetSubgraph)),
        QueryKind.Of<SearchSubgraph, SubgraphHits>(Field.SearchSubgraph, m => new() { SearchSubgraph = MessageCodec.ToProto(m) }, proto => FromProto(proto.SearchSubgraph)),
        QueryKind.Of<ListNodes, NodePage>(Field.ListNodes, m => new() { ListNodes = MessageCodec.ToProto(m) }, proto => FromProto(proto.ListNodes)),
        QueryKind.Of<ListEdges, EdgePage>(Field.ListEdges, m => new() { ListEdges = MessageCodec.ToProto(m) }, proto => FromProto(proto.ListEdges)),
        QueryKind.Of<GetStatus, EngineStatus>(Field.GetStatus, _ => new() { GetStatus = new() }, _ => new GetStatus()),
        QueryKind.Of<ProveContent, ContentProof>(
            Field.ProveContent, m => new() { ProveContent = new() { Kind = (uint)m.Kind, Id = m.Id } }, proto => new ProveContent(KindOf(proto.ProveContent.Kind), proto.ProveContent.Id)),
        QueryKind.Of<ProveHistory, HistoryExtension>(
            Field.ProveHistory, m => new() { ProveHistory = new() { From = m.From, To = m.To } }, proto => new ProveHistory(proto.ProveHistory.From, proto.ProveHistory.To)),
        QueryKind.Of<GetTimeline, Timeline>(
            Field.GetTimeline, m => new() { GetTimeline = new() { From = m.From, Count = m.Count } }, proto => new GetTimeline(proto.GetTimeline.From, proto.GetTimeline.Count)),
        QueryKind.Of<GetEvents, EventPage>(
            Field.GetEvents, m => new() { GetEvents = new() { From = m.From, Offset = m.Offset, WaitMilliseconds = m.WaitMilliseconds } },
            proto => new GetEvents(proto.GetEvents.From, proto.GetEvents.Offset, proto.GetEvents.WaitMilliseconds)),
        QueryKind.Of<GetTreeDigests, TreeDigests>(
            Field.GetTreeDigests, m => new() { GetTreeDigests = ToProto(m) }, proto => new GetTreeDigests(KindOf(proto.GetTreeDigests.Kind), PlacesOf(proto.GetTreeDigests))),
        QueryKind.Of<CompareWith, Comparison>(
            Field.CompareWith, m => new() { CompareWith = new() { Other = m.Other.ToString(), Limit = m.Limit } },
            proto => new CompareWith(EngineAddressOf(proto.CompareWith.Other), proto.CompareWith.Limit)),
    ];

    /// <exception cref="ArgumentException">The query is not one of Valori's.</exception>
    public static Proto.Query ToProto(Query query)
    {
        if (!ByType.TryGetValue(query.GetType(), out QueryKind? kind)) throw new ArgumentException($"{query.GetType().Name} has no form on the wire");
        Proto.Query proto = kind.Write(query);
        if (query.AsOf is { } asOf) proto.AsOf = MessageCodec.ToProto(asOf);
        return proto;
    }

    /// <returns>A query, or what the gateway refuses in its place: without a part that is not known here it would ask something else.</returns>
    /// <exception cref="ArgumentException">The bytes do not hold what they must.</exception>
    public static object Read(byte[] bytes)
    {
        Proto.Query proto = Proto.Query.Parser.ParseFrom(bytes);
        if (UnknownFields.FirstOf(bytes, Proto.Query.Descriptor) is { } unknown) return UnreadableMessage.Because(unknown);
        if (proto.QueryCase == Field.Refusal) return UnreadableMessage.Because(proto.Refusal) with { IsOfSender = true };
        if (!ByField.TryGetValue(proto.QueryCase, out QueryKind? kind)) return UnreadableMessage.Because("the message holds no query");
        return kind.Read(proto) with { AsOf = proto.AsOf is { } asOf ? FromProto(asOf) : null };
    }

    /// <param name="refined">The field of those that versions from before filters must refuse.</param>
    private static QueryKind OfSearch<TSearch, TAnswer>(
        Field field, Field refined, Func<Proto.Search, bool, Proto.Query> write, Func<Proto.Query, Proto.Search> partOf, Func<Proto.Search, TSearch> read)
        where TSearch : SearchQuestion
    {
        return QueryKind.Of<TSearch, TAnswer>(field, Write, proto => read(partOf(proto))) with { OtherField = refined };

        Proto.Query Write(TSearch search)
        {
            Proto.Search proto = SearchToProto(search);
            return write(proto, IsRefined(proto));
        }
    }

    private static Proto.ListRecords ToProto(ListRecords query)
    {
        Proto.ListRecords proto = new() { Filter = UnsafeByteOperations.UnsafeWrap(query.Filter.Canonical), Limit = query.Limit };
        if (query.Cursor is { } cursor) proto.Cursor = cursor;
        if (query.With != RecordParts.AllButVector) proto.With = (uint)query.With;
        if (query.Order != RecordOrder.ById) (proto.OrderBy, proto.Descending) = (query.Order.Name, query.Order.IsDescending);
        return proto;
    }

    private static RecordOrder OrderOf(Proto.ListRecords proto)
    {
        RecordOrder order = RecordOrder.ById;
        if (proto.OrderBy.Length > 0 && !RecordOrder.Parse(proto.OrderBy).TryGet(out order!, out Refusal? refusal)) throw new ArgumentException(refusal.Message);
        return proto.Descending ? order with { IsDescending = true } : order;
    }

    private static Proto.GetMany ToProto(GetMany query)
    {
        Proto.GetMany proto = new() { Records = { query.Records.Select(MessageCodec.ToProto) } };
        if (query.With != RecordParts.AllButVector) proto.With = (uint)query.With;
        return proto;
    }

    private static MessageProto.GetTreeDigests ToProto(GetTreeDigests query) => new()
    {
        Kind = (uint)query.Kind,
        Levels = { query.Places.Select(place => (uint)place.Level) },
        Positions = { query.Places.Select(place => place.Position) },
    };
}
