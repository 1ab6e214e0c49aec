using System.Runtime.InteropServices;
using Google.Protobuf;
using Valori.Protocol;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>Queries and their answers.</summary>
internal static partial class MessageCodec
{
    public static Proto.SearchHits ToProto(SearchHits m)
    {
        Proto.SearchHits proto = HitsToProto(m.Hits);
        if (m.Receipt is { } receipt)
            proto.Receipt = new Proto.SearchReceipt { SequenceNr = receipt.SequenceNr, StateHash = ToBytes(receipt.StateHash), Digest = ToBytes(receipt.Digest) };
        if (m.Plan is { } plan) proto.Plan = ToProto(plan);
        proto.Answered = ToProto(m.Answered);
        return proto;
    }

    public static SearchHits FromProto(Proto.SearchHits proto) => new(
        HitsFromProto(proto),
        proto.Receipt is { } receipt ? new SearchReceipt(receipt.SequenceNr, Digest.Read(receipt.StateHash.Span), Digest.Read(receipt.Digest.Span)) : null,
        proto.Plan is { } plan ? FromProto(plan) : null)
    {
        Answered = FromProto(proto.Answered),
    };

    public static Proto.SearchHitsBatch ToProto(SearchHitsBatch m)
    {
        Proto.SearchHitsBatch proto = new() { Queries = { m.Hits.Select(HitsToProto) }, Answered = ToProto(m.Answered) };
        if (m.Plan is { } plan) proto.Plan = ToProto(plan);
        return proto;
    }

    public static SearchHitsBatch FromProto(Proto.SearchHitsBatch proto) => new([.. proto.Queries.Select(HitsFromProto)])
    {
        Answered = FromProto(proto.Answered),
        Plan = proto.Plan is { } plan ? FromProto(plan) : null,
    };

    private static Proto.QueryPlan ToProto(QueryPlan m)
    {
        Proto.QueryPlan proto = new()
        {
            EstimatedRows = m.EstimatedRows,
            RowsExamined = m.RowsExamined,
            RowsFiltered = m.RowsFiltered,
            RowsScored = m.RowsScored,
            Microseconds = m.Microseconds,
        };
        if (m.Index is { } index) proto.Index = index;
        return proto;
    }

    private static QueryPlan FromProto(Proto.QueryPlan proto) => new()
    {
        Index = proto.HasIndex ? proto.Index : null,
        EstimatedRows = proto.EstimatedRows,
        RowsExamined = proto.RowsExamined,
        RowsFiltered = proto.RowsFiltered,
        RowsScored = proto.RowsScored,
        Microseconds = proto.Microseconds,
    };

    public static Proto.ExpandedHits ToProto(ExpandedHits m) => new()
    {
        Metric = (uint)UnitOf(m.Hits.Select(hit => hit.Hit)).Metric,
        ScaleExponent = UnitOf(m.Hits.Select(hit => hit.Hit)).ScaleExponent,
        Hits =
        {
            m.Hits.Select(hit => new Proto.ExpandedHit
            {
                Id = hit.Hit.Id.Value,
                Score = hit.Hit.Score,
                Nodes = { hit.Nodes.Select(node => node.Value) },
                Record = hit.Hit.Record is { } record ? ToProto(record) : null,
            }),
        },
        Answered = ToProto(m.Answered),
    };

    public static ExpandedHits FromProto(Proto.ExpandedHits proto)
    {
        ScoreUnit unit = UnitOf(proto.Metric, proto.ScaleExponent);
        return new ExpandedHits(
            [.. proto.Hits.Select(hit => new ExpandedHit(HitOf(hit.Id, hit.Score, unit, hit.Record), [.. hit.Nodes.Select(node => new NodeId(node))]))])
        {
            Answered = FromProto(proto.Answered),
        };
    }

    public static Proto.RecordContent ToProto(RecordContent m)
    {
        Proto.RecordContent proto = new() { Id = m.Id.Value, Tag = m.Tag, Vector = ToBytes(m.Vector) };
        if (m.Metadata is { } metadata) proto.Metadata = UnsafeByteOperations.UnsafeWrap(metadata);
        if (m.Key is { } key) proto.Key = key.ToString();
        if (!m.Fields.IsEmpty) proto.Fields = UnsafeByteOperations.UnsafeWrap(m.Fields.Canonical);
        if (m.ExpiresAtUnixMicroseconds is { } expiry) proto.ExpiresAt = expiry;
        return proto;
    }

    public static RecordContent FromProto(Proto.RecordContent proto)
    {
        if (proto.Vector.Length % sizeof(int) != 0) throw new ArgumentException($"{proto.Vector.Length} bytes of raw values");
        return new RecordContent(
            new RecordId(proto.Id), proto.Tag, MemoryMarshal.Cast<byte, int>(proto.Vector.Span).ToArray(),
            proto.HasMetadata ? proto.Metadata.Memory : (ReadOnlyMemory<byte>?)null)
        {
            Key = proto.HasKey ? KeyOf(proto.Key) : null,
            Fields = proto.HasFields ? Fields.Read(proto.Fields.Span) : Fields.Empty,
            ExpiresAtUnixMicroseconds = proto.HasExpiresAt ? proto.ExpiresAt : null,
        };
    }

    public static Proto.Query ToProto(GetRecord m) =>
        m.Record.Key is { } key ? new Proto.Query { GetRecordByKey = key.ToString() } : m.Record.Id is { } id ? new Proto.Query { GetRecord = id.Value } : new Proto.Query();

    public static Proto.RecordName ToProto(RecordRef record) =>
        record.Key is { } key ? new Proto.RecordName { Key = key.ToString() } : record.Id is { } id ? new Proto.RecordName { Id = id.Value } : new Proto.RecordName();

    public static RecordRef FromProto(Proto.RecordName proto) => proto.RecordCase switch
    {
        Proto.RecordName.RecordOneofCase.Id => new RecordId(proto.Id),
        Proto.RecordName.RecordOneofCase.Key => KeyOf(proto.Key),
        _ => throw new ArgumentException(Refusal.NoRecordNamed.Message),
    };

    public static RecordKey KeyOf(string key) =>
        RecordKey.Of(key).TryGet(out RecordKey? checkedKey, out Refusal? refusal) ? checkedKey : throw new ArgumentException(refusal.Message, nameof(key));

    public static Proto.RecordPresence ToProto(RecordPresence m)
    {
        Proto.RecordPresence proto = new();
        if (m.Id is { } id) proto.Id = id.Value;
        return proto;
    }

    public static RecordPresence FromProto(Proto.RecordPresence proto) => new(proto.HasId ? new RecordId(proto.Id) : null);

    public static Proto.RecordPage ToProto(RecordPage m)
    {
        Proto.RecordPage proto = new() { Records = { m.Records.Select(ToProto) } };
        if (m.Cursor is { } cursor) proto.Cursor = cursor;
        return proto;
    }

    public static RecordPage FromProto(Proto.RecordPage proto) => new([.. proto.Records.Select(FromProto)], proto.HasCursor ? proto.Cursor : null);

    public static Proto.RecordList ToProto(RecordList m) =>
        new() { Records = { m.Records.Select(record => record is null ? new Proto.FoundRecord() : new Proto.FoundRecord { Record = ToProto(record) }) } };

    public static RecordList FromProto(Proto.RecordList proto) => new([.. proto.Records.Select(found => found.Record is { } record ? FromProto(record) : null)]);

    public static Proto.DistinctValues ToProto(DistinctValues m) => new()
    {
        Values = { m.Values.Select(value => new Proto.ValueCount { Value = UnsafeByteOperations.UnsafeWrap(OnlyField(value.Value).Canonical), Count = value.Count }) },
        Total = m.Total,
    };

    public static DistinctValues FromProto(Proto.DistinctValues proto) =>
        new([.. proto.Values.Select(value => new ValueCount(OnlyValue(Fields.Read(value.Value.Span)), value.Count))], proto.Total);

    // The shortest name that a field can have: with the name that it has in its record, the value fitted.
    private static Fields OnlyField(FieldValue value) => new FieldsBuilder { ["v"] = value }.Build();

    private static FieldValue OnlyValue(Fields fields) => fields.Count == 1 ? fields.Values.Single() : throw new ArgumentException($"a value is {fields.Count} fields");

    public static Proto.RecordMetadata ToProto(RecordMetadata m) =>
        m.Bytes is { } bytes ? new Proto.RecordMetadata { Metadata = UnsafeByteOperations.UnsafeWrap(bytes) } : new Proto.RecordMetadata();

    public static RecordMetadata FromProto(Proto.RecordMetadata proto) => new(proto.HasMetadata ? proto.Metadata.Memory : (ReadOnlyMemory<byte>?)null);

    public static Proto.NodeContent ToProto(NodeContent m)
    {
        Proto.NodeContent proto = new() { Id = m.Id.Value, Kind = m.Kind.Value };
        if (m.Record is { } record) proto.RecordId = record.Value;
        if (!m.Fields.IsEmpty) proto.Fields = UnsafeByteOperations.UnsafeWrap(m.Fields.Canonical);
        if (m.Key is { } key) proto.Key = key.ToString();
        return proto;
    }

    public static NodeContent FromProto(Proto.NodeContent proto) =>
        new(new NodeId(proto.Id), new NodeKind(ToKind(proto.Kind)), proto.HasRecordId ? new RecordId(proto.RecordId) : null)
        {
            Fields = proto.HasFields ? Fields.Read(proto.Fields.Span) : Fields.Empty,
            Key = proto.HasKey ? KeyOf(proto.Key) : null,
        };

    public static Proto.EdgeContent ToProto(EdgeContent m)
    {
        Proto.EdgeContent proto = new() { Id = m.Id.Value, FromId = m.From.Value, ToId = m.To.Value, Kind = m.Kind.Value };
        if (!m.Fields.IsEmpty) proto.Fields = UnsafeByteOperations.UnsafeWrap(m.Fields.Canonical);
        if (m.Valid.FromUnixMicroseconds is { } from) proto.ValidFrom = from;
        if (m.Valid.ToUnixMicroseconds is { } to) proto.ValidTo = to;
        return proto;
    }

    public static EdgeContent FromProto(Proto.EdgeContent proto) =>
        new(new EdgeId(proto.Id), new NodeId(proto.FromId), new NodeId(proto.ToId), new EdgeKind(ToKind(proto.Kind)))
        {
            Fields = proto.HasFields ? Fields.Read(proto.Fields.Span) : Fields.Empty,
            Valid = new ValidTime(proto.HasValidFrom ? proto.ValidFrom : null, proto.HasValidTo ? proto.ValidTo : null),
        };

    public static Proto.EngineStatus ToProto(EngineStatus m) => new()
    {
        Name = m.Name,
        Dimension = (uint)m.Schema.Dimension,
        Metric = (uint)m.Schema.Metric,
        ScaleExponent = m.Schema.ScaleExponent,
        SequenceNr = m.SequenceNr,
        UnixMicroseconds = m.UnixMicroseconds,
        StateHash = ToBytes(m.StateHash),
        Chain = ToBytes(m.Chain),
        HistoryRoot = ToBytes(m.HistoryRoot),
        RecordCount = m.RecordCount,
        NodeCount = m.NodeCount,
        EdgeCount = m.EdgeCount,
        RecordSlots = m.RecordSlots,
        NodeSlots = m.NodeSlots,
        EdgeSlots = m.EdgeSlots,
    };

    public static EngineStatus FromProto(Proto.EngineStatus proto) => new(
        proto.Name, SchemaOf(proto.Dimension, proto.Metric, proto.ScaleExponent), proto.SequenceNr, proto.UnixMicroseconds,
        Digest.Read(proto.StateHash.Span), Digest.Read(proto.Chain.Span), HistoryRootOf(proto.HistoryRoot),
        proto.RecordCount, proto.NodeCount, proto.EdgeCount, proto.RecordSlots, proto.NodeSlots, proto.EdgeSlots);

    public static Proto.SearchHits HitsToProto(IReadOnlyList<SearchHit> hits)
    {
        ScoreUnit unit = UnitOf(hits);
        return new()
        {
            Ids = { hits.Select(hit => hit.Id.Value) },
            Scores = { hits.Select(hit => hit.Score) },
            Metric = (uint)unit.Metric,
            ScaleExponent = unit.ScaleExponent,
            Records = { hits.Where(hit => hit.Record is not null).Select(hit => ToProto(hit.Record!)) },
        };
    }

    public static SearchHit[] HitsFromProto(Proto.SearchHits hits)
    {
        if (hits.Ids.Count != hits.Scores.Count) throw new ArgumentException($"{hits.Ids.Count} ids, {hits.Scores.Count} scores");
        if (hits.Records.Count > 0 && hits.Records.Count != hits.Ids.Count) throw new ArgumentException($"{hits.Ids.Count} ids, {hits.Records.Count} records");
        ScoreUnit unit = UnitOf(hits.Metric, hits.ScaleExponent);
        return [.. hits.Ids.Select((id, i) => HitOf(id, hits.Scores[i], unit, hits.Records.Count > 0 ? hits.Records[i] : null))];
    }

    private static SearchHit HitOf(ulong id, long score, ScoreUnit unit, Proto.RecordContent? record)
    {
        if (record is not null && record.Id != id) throw new ArgumentException($"the hit {id} has the record {record.Id}");
        return new SearchHit(new RecordId(id), score) { Unit = unit, Record = record is null ? null : FromProto(record) };
    }

    /// <summary>All hits of an answer are of one collection.</summary>
    private static ScoreUnit UnitOf(IEnumerable<SearchHit> hits) => hits.FirstOrDefault().Unit;

    /// <exception cref="ArgumentException">There can be no such metric or scale.</exception>
    private static ScoreUnit UnitOf(uint metric, int scaleExponent) => SchemaOf(Limits.MinimumDimension, metric, scaleExponent).ScoreUnit;
}
