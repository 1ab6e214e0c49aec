using System.Runtime.InteropServices;
using Akka.Actor;
using Google.Protobuf;
using Valori.Actors.Protocol;
using Valori.Kernel.Blake3;
using Valori.Kernel.Merkle;
using Valori.Kernel.Proofs;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>Past states, proofs, the timeline, comparing.</summary>
internal static partial class MessageCodec
{
    private static Proto.AsOf ToProto(AsOf asOf) => asOf switch
    {
        AsOf.AtSequenceNr(var sequenceNr) => new Proto.AsOf { SequenceNr = sequenceNr },
        AsOf.AtTime(var time) => new Proto.AsOf { UnixMicroseconds = time },
        AsOf.AtStateHash(var hash) => new Proto.AsOf { StateHash = ToBytes(hash) },
        _ => throw new ArgumentException($"{asOf.GetType().Name} has no form on the wire"),
    };

    private static AsOf FromProto(Proto.AsOf proto) => proto.StateCase switch
    {
        Proto.AsOf.StateOneofCase.SequenceNr => AsOf.SequenceNr(proto.SequenceNr),
        Proto.AsOf.StateOneofCase.UnixMicroseconds => new AsOf.AtTime(proto.UnixMicroseconds),
        Proto.AsOf.StateOneofCase.StateHash => AsOf.StateHash(Digest.Read(proto.StateHash.Span)),
        var unknown => throw new ArgumentException($"unknown past state {unknown}"),
    };

    private static Proto.Query HistoryQueryToProto(Query query) => query switch
    {
        ProveContent(var kind, var id) => new Proto.Query { ProveContent = new Proto.ProveContent { Kind = (uint)kind, Id = id } },
        ProveHistory(var from, var to) => new Proto.Query { ProveHistory = new Proto.ProveHistory { From = from, To = to } },
        GetTimeline(var from, var count) => new Proto.Query { GetTimeline = new Proto.GetTimeline { From = from, Count = count } },
        GetTreeDigests(var kind, var places) => new Proto.Query
        {
            GetTreeDigests = new Proto.GetTreeDigests
            {
                Kind = (uint)kind,
                Levels = { places.Select(place => (uint)place.Level) },
                Positions = { places.Select(place => place.Position) },
            },
        },
        CompareWith(var other, var limit) => new Proto.Query { CompareWith = new Proto.CompareWith { Other = PathOf(other), Limit = limit } },
        _ => throw new ArgumentException($"{query.GetType().Name} has no form on the wire"),
    };

    private static Query HistoryQueryFromProto(Proto.Query proto, ExtendedActorSystem system) => proto.QueryCase switch
    {
        Proto.Query.QueryOneofCase.ProveContent => new ProveContent(KindOf(proto.ProveContent.Kind), proto.ProveContent.Id),
        Proto.Query.QueryOneofCase.ProveHistory => new ProveHistory(proto.ProveHistory.From, proto.ProveHistory.To),
        Proto.Query.QueryOneofCase.GetTimeline => new GetTimeline(proto.GetTimeline.From, proto.GetTimeline.Count),
        Proto.Query.QueryOneofCase.GetTreeDigests => new GetTreeDigests(KindOf(proto.GetTreeDigests.Kind), PlacesOf(proto.GetTreeDigests)),
        Proto.Query.QueryOneofCase.CompareWith => new CompareWith(ResolveGateway(proto.CompareWith.Other, system), proto.CompareWith.Limit),
        var unknown => throw new ArgumentException($"unknown query {unknown}"),
    };

    private static IMessage HistoryAnswerToProto(object message) => message switch
    {
        ContentProof(var place, var proof) => new Proto.ContentProof
        {
            Place = ToProto(place),
            Kind = (uint)proof.Kind,
            Dimension = (uint)proof.Dimension,
            Records = ToProto(proof.Records),
            Nodes = ToProto(proof.Nodes),
            Edges = ToProto(proof.Edges),
            Leaf = UnsafeByteOperations.UnsafeWrap(proof.Leaf),
            Path = ToBytes(proof.Path),
        },
        HistoryExtension(var proof) => new Proto.HistoryExtension
        {
            From = proof.From,
            To = proof.To,
            PreviousChainFrom = ToBytes(proof.PreviousChainFrom),
            PreviousChainTo = ToBytes(proof.PreviousChainTo),
            InclusionFrom = ToBytes(proof.InclusionFrom),
            InclusionTo = ToBytes(proof.InclusionTo),
            Consistency = ToBytes(proof.Consistency),
        },
        Timeline(var entries, var last) => new Proto.Timeline { Entries = { entries.Select(ToProto) }, LastSequenceNr = last },
        TreeDigests(var digests) => new Proto.TreeDigests { Digests = ToBytes(digests) },
        Comparison m => new Proto.Comparison
        {
            This = ToProto(m.This),
            Other = ToProto(m.Other),
            Differences = { m.Differences.Select(d => new Proto.Difference { Kind = (uint)d.Kind, Id = d.Id, How = (uint)d.How }) },
            IsComplete = m.IsComplete,
            DigestsRead = m.DigestsRead,
        },
        _ => throw new ArgumentException($"{message.GetType().Name} has no form on the wire"),
    };

    private static object HistoryAnswerFromBytes(byte[] bytes, string manifest)
    {
        switch (manifest)
        {
            case "content-proof":
                Proto.ContentProof proof = Proto.ContentProof.Parser.ParseFrom(bytes);
                return new ContentProof(FromProto(proof.Place), new InclusionProof(
                    KindOf(proof.Kind), checked((int)proof.Dimension), FromProto(proof.Records), FromProto(proof.Nodes), FromProto(proof.Edges),
                    proof.Leaf.Memory, DigestsOf(proof.Path)));
            case "history-proof":
                Proto.HistoryExtension extension = Proto.HistoryExtension.Parser.ParseFrom(bytes);
                return new HistoryExtension(new HistoryProof(
                    extension.From, extension.To, Digest.Read(extension.PreviousChainFrom.Span), Digest.Read(extension.PreviousChainTo.Span),
                    DigestsOf(extension.InclusionFrom), DigestsOf(extension.InclusionTo), DigestsOf(extension.Consistency)));
            case "timeline":
                Proto.Timeline timeline = Proto.Timeline.Parser.ParseFrom(bytes);
                return new Timeline([.. timeline.Entries.Select(FromProto)], timeline.LastSequenceNr);
            case "tree-digests":
                return new TreeDigests(DigestsOf(Proto.TreeDigests.Parser.ParseFrom(bytes).Digests));
            case "comparison":
                Proto.Comparison comparison = Proto.Comparison.Parser.ParseFrom(bytes);
                return new Comparison(
                    FromProto(comparison.This), FromProto(comparison.Other),
                    [.. comparison.Differences.Select(d => new Difference(KindOf(d.Kind), d.Id, (DifferenceKind)d.How))],
                    comparison.IsComplete, comparison.DigestsRead);
            default: throw new ArgumentException($"unknown manifest '{manifest}'");
        }
    }

    private static Proto.HistoryPlace ToProto(HistoryPlace place) => new()
    {
        SequenceNr = place.SequenceNr,
        UnixMicroseconds = place.UnixMicroseconds,
        StateHash = ToBytes(place.StateHash),
        Chain = ToBytes(place.Chain),
        HistoryRoot = ToBytes(place.HistoryRoot),
    };

    private static HistoryPlace FromProto(Proto.HistoryPlace? proto) => proto is null
        ? throw new ArgumentException("the place in the history is missing")
        : new HistoryPlace(
            proto.SequenceNr, proto.UnixMicroseconds, Digest.Read(proto.StateHash.Span), Digest.Read(proto.Chain.Span), Digest.Read(proto.HistoryRoot.Span));

    private static Proto.TreeHead ToProto(TreeHead head) => new() { Count = head.Count, Root = ToBytes(head.Root) };

    private static TreeHead FromProto(Proto.TreeHead? proto) =>
        proto is null ? throw new ArgumentException("a tree's root is missing") : new TreeHead(proto.Count, Digest.Read(proto.Root.Span));

    private static Proto.TimelineEntry ToProto(TimelineEntry entry)
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
            Proto.TimelineChange changeProto = new() { Kind = (uint)change.Kind, Count = (uint)change.Count, RequestId = change.RequestId ?? "" };
            if (change.FirstId is { } id) changeProto.FirstId = id;
            proto.Changes.Add(changeProto);
        }
        return proto;
    }

    private static TimelineEntry FromProto(Proto.TimelineEntry proto) => new(
        proto.SequenceNr, proto.UnixMicroseconds, Digest.Read(proto.StateHash.Span), Digest.Read(proto.Chain.Span),
        [
            .. proto.Changes.Select(change => new TimelineChange(
                (TimelineKind)change.Kind, change.HasFirstId ? change.FirstId : null, checked((int)change.Count),
                change.RequestId.Length > 0 ? change.RequestId : null)),
        ]);

    private static ContentKind KindOf(uint kind) =>
        kind is >= (uint)ContentKind.Record and <= (uint)ContentKind.Edge ? (ContentKind)kind : throw new ArgumentException($"{kind} is no kind of content");

    private static TreePlace[] PlacesOf(Proto.GetTreeDigests proto) => proto.Levels.Count == proto.Positions.Count
        ? [.. proto.Levels.Zip(proto.Positions, (level, position) => new TreePlace((int)Math.Min(level, int.MaxValue), position))]
        : throw new ArgumentException($"{proto.Levels.Count} levels, {proto.Positions.Count} positions");

    private static ByteString ToBytes(IReadOnlyList<Digest> digests) => ByteString.CopyFrom(MemoryMarshal.AsBytes<Digest>(digests.ToArray()));

    private static Digest[] DigestsOf(ByteString bytes) => bytes.Length % Digest.SizeBytes == 0
        ? MemoryMarshal.Cast<byte, Digest>(bytes.Span).ToArray()
        : throw new ArgumentException($"{bytes.Length} bytes of digests");
}
