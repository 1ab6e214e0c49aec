using System.Runtime.InteropServices;
using Google.Protobuf;
using Valori.Kernel.Commands;
using Valori.Kernel.Merkle;
using Valori.Protocol;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>Past states, proofs, the timeline, comparing.</summary>
internal static partial class MessageCodec
{
    public static Proto.AsOf ToProto(AsOf asOf) => asOf switch
    {
        AsOf.AtSequenceNr(var sequenceNr) => new Proto.AsOf { SequenceNr = sequenceNr },
        AsOf.AtTime(var time) => new Proto.AsOf { UnixMicroseconds = time },
        AsOf.AtStateHash(var hash) => new Proto.AsOf { StateHash = ToBytes(hash) },
        _ => throw new ArgumentException($"{asOf.GetType().Name} has no form on the wire"),
    };

    public static AsOf FromProto(Proto.AsOf proto) => proto.StateCase switch
    {
        Proto.AsOf.StateOneofCase.SequenceNr => AsOf.SequenceNr(proto.SequenceNr),
        Proto.AsOf.StateOneofCase.UnixMicroseconds => new AsOf.AtTime(proto.UnixMicroseconds),
        Proto.AsOf.StateOneofCase.StateHash => AsOf.StateHash(Digest.Read(proto.StateHash.Span)),
        var unknown => throw new ArgumentException($"unknown past state {unknown}"),
    };

    public static Proto.ContentProof ToProto(ContentProof m) => new()
    {
        Place = ToProto(m.Place),
        Kind = (uint)m.Proof.Kind,
        Dimension = (uint)m.Proof.Schema.Dimension,
        Metric = (uint)m.Proof.Schema.Metric,
        ScaleExponent = m.Proof.Schema.ScaleExponent,
        Records = ToProto(m.Proof.Records),
        Nodes = ToProto(m.Proof.Nodes),
        Edges = ToProto(m.Proof.Edges),
        Leaf = UnsafeByteOperations.UnsafeWrap(m.Proof.Leaf),
        Path = ToBytes(m.Proof.Path),
    };

    public static ContentProof FromProto(Proto.ContentProof proto) => new(FromProto(proto.Place), new InclusionProof(
        KindOf(proto.Kind), SchemaOf(proto.Dimension, proto.Metric, proto.ScaleExponent), FromProto(proto.Records), FromProto(proto.Nodes), FromProto(proto.Edges),
        proto.Leaf.Memory, DigestsOf(proto.Path)));

    public static Proto.HistoryExtension ToProto(HistoryExtension m) => new()
    {
        From = m.Proof.From,
        To = m.Proof.To,
        PreviousChainFrom = ToBytes(m.Proof.PreviousChainFrom),
        PreviousChainTo = ToBytes(m.Proof.PreviousChainTo),
        InclusionFrom = ToBytes(m.Proof.InclusionFrom),
        InclusionTo = ToBytes(m.Proof.InclusionTo),
        Consistency = ToBytes(m.Proof.Consistency),
    };

    public static HistoryExtension FromProto(Proto.HistoryExtension proto) => new(new HistoryProof(
        proto.From, proto.To, Digest.Read(proto.PreviousChainFrom.Span), Digest.Read(proto.PreviousChainTo.Span),
        DigestsOf(proto.InclusionFrom), DigestsOf(proto.InclusionTo), DigestsOf(proto.Consistency)));

    public static Proto.Comparison ToProto(Comparison m) => new()
    {
        This = ToProto(m.This),
        Other = ToProto(m.Other),
        Differences = { m.Differences.Select(d => new Proto.Difference { Kind = (uint)d.Kind, Id = d.Id, How = (uint)d.How }) },
        IsComplete = m.IsComplete,
        DigestsRead = m.DigestsRead,
    };

    public static Comparison FromProto(Proto.Comparison proto) => new(
        FromProto(proto.This), FromProto(proto.Other),
        [.. proto.Differences.Select(d => new Difference(KindOf(d.Kind), d.Id, (DifferenceKind)d.How))],
        proto.IsComplete, proto.DigestsRead);

    public static Proto.HistoryPlace ToProto(HistoryPlace place) => new()
    {
        SequenceNr = place.SequenceNr,
        UnixMicroseconds = place.UnixMicroseconds,
        StateHash = ToBytes(place.StateHash),
        Chain = ToBytes(place.Chain),
        HistoryRoot = ToBytes(place.HistoryRoot),
    };

    public static HistoryPlace FromProto(Proto.HistoryPlace? proto) => proto is null
        ? throw new ArgumentException("the place in the history is missing")
        : new HistoryPlace(
            proto.SequenceNr, proto.UnixMicroseconds, Digest.Read(proto.StateHash.Span), Digest.Read(proto.Chain.Span), Digest.Read(proto.HistoryRoot.Span));

    public static Proto.TreeHead ToProto(TreeHead head) => new() { Count = head.Count, Root = ToBytes(head.Root) };

    public static TreeHead FromProto(Proto.TreeHead? proto) =>
        proto is null ? throw new ArgumentException("a tree's root is missing") : new TreeHead(proto.Count, Digest.Read(proto.Root.Span));

    public static Proto.TimelineEntry ToProto(TimelineEntry entry)
    {
        Proto.TimelineEntry proto = new()
        {
            SequenceNr = entry.SequenceNr,
            UnixMicroseconds = entry.UnixMicroseconds,
            StateHash = ToBytes(entry.StateHash),
            Chain = ToBytes(entry.Chain),
        };
        foreach (TimelineChange change in entry.Changes)
        {
            Proto.TimelineChange changeProto = new()
            {
                Kind = (uint)change.Kind,
                Count = (uint)change.Count,
                RequestId = change.RequestId ?? "",
                Manner = (uint)change.Manner,
                Author = change.Author ?? "",
            };
            if (change.FirstId is { } id) changeProto.FirstId = id;
            proto.Changes.Add(changeProto);
        }
        return proto;
    }

    public static TimelineEntry FromProto(Proto.TimelineEntry proto) => new(
        proto.SequenceNr, proto.UnixMicroseconds, Digest.Read(proto.StateHash.Span), Digest.Read(proto.Chain.Span),
        [
            .. proto.Changes.Select(change => new TimelineChange(
                (TimelineKind)change.Kind, change.HasFirstId ? change.FirstId : null, checked((int)change.Count),
                change.RequestId.Length > 0 ? change.RequestId : null)
            {
                Manner = (EventManner)change.Manner,
                Author = change.Author.Length > 0 ? change.Author : null,
            }),
        ]);

    public static ContentKind KindOf(uint kind) =>
        kind is >= (uint)ContentKind.Record and <= (uint)ContentKind.Edge ? (ContentKind)kind : throw new ArgumentException($"{kind} is not a kind of content");

    public static TreePlace[] PlacesOf(Proto.GetTreeDigests proto) => proto.Levels.Count == proto.Positions.Count
        ? [.. proto.Levels.Zip(proto.Positions, (level, position) => new TreePlace((int)Math.Min(level, int.MaxValue), position))]
        : throw new ArgumentException($"{proto.Levels.Count} levels, {proto.Positions.Count} positions");

    public static ByteString ToBytes(IReadOnlyList<Digest> digests) => ByteString.CopyFrom(MemoryMarshal.AsBytes<Digest>(digests.ToArray()));

    public static Digest[] DigestsOf(ByteString bytes) => bytes.Length % Digest.SizeBytes == 0
        ? MemoryMarshal.Cast<byte, Digest>(bytes.Span).ToArray()
        : throw new ArgumentException($"{bytes.Length} bytes of digests");
}
