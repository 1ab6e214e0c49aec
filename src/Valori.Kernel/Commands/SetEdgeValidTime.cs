using Valori.Kernel.Commands;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>
/// Changes the valid time of an edge. To end a fact without losing it, set its end. What is neither set nor cleared stays.
/// </summary>
/// <param name="Set">The ends to set.</param>
/// <param name="Clear">The ends to clear, none of which is set too.</param>
public sealed record SetEdgeValidTime(EdgeId Id, ValidTime Set, ValidTimeEnds Clear = ValidTimeEnds.None) : Command, IWireReadable<SetEdgeValidTime>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<SetEdgeValidTime, EdgeValidTimeSet>(
        33, 19,
        new EventText(EventText.OfPart("valid time of edge", "valid times of edges", "set")) { Removed = EventText.OfPart("valid time of edge", "valid times of edges", "cleared") },
        addsContent: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Id.Value, 0);

    internal override Outcome<Event> Decide(ITables tables)
    {
        if ((CheckParts() ?? Set.Fault() ?? tables.CheckEdge(Id) ?? tables.CheckReplacingInGraph(1)) is { } wrong) return wrong;
        return Change(tables.ValidTimeOf(Id)).Fault() is { } refusal ? refusal : new EdgeValidTimeSet(Id, Set, Clear);
    }

    /// <summary>What this valid time becomes.</summary>
    internal ValidTime Change(ValidTime before) => new(
        Set.FromUnixMicroseconds ?? ((Clear & ValidTimeEnds.From) != 0 ? null : before.FromUnixMicroseconds),
        Set.ToUnixMicroseconds ?? ((Clear & ValidTimeEnds.To) != 0 ? null : before.ToUnixMicroseconds));

    internal override Command MapIds(IdMap map) => this with { Id = map.Edge(1, "edge_id", Id) };

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.ValidTime(2, Set);
        writer.UInt64(4, (ulong)Clear);
    }

    static SetEdgeValidTime IWireReadable<SetEdgeValidTime>.Read(ref WireReader reader) =>
        new(new EdgeId(reader.UInt64(1)), reader.ValidTime(2), (ValidTimeEnds)reader.Byte(4));

    internal override void AddTo(ref DigestMaterial digest)
    {
        digest.Add(Id.Value);
        digest.Add([(byte)((Set.FromUnixMicroseconds is null ? 0 : 1) | (Set.ToUnixMicroseconds is null ? 0 : 2)), (byte)Clear]);
        if (Set.FromUnixMicroseconds is { } from) digest.Add((ulong)from);
        if (Set.ToUnixMicroseconds is { } to) digest.Add((ulong)to);
    }

    private Refusal? CheckParts()
    {
        if ((Clear & ~(ValidTimeEnds.From | ValidTimeEnds.To)) != 0) return Invalid($"the ends to clear are {(int)Clear}; they must be in 0..3 (1 valid_from, 2 valid_to)");
        if (Set.IsAlways && Clear == ValidTimeEnds.None) return Invalid("neither valid_from nor valid_to is set or cleared: name at least one of them");
        if (Set.FromUnixMicroseconds is not null && (Clear & ValidTimeEnds.From) != 0) return Invalid("valid_from is both set and cleared: leave out one of the two");
        return Set.ToUnixMicroseconds is not null && (Clear & ValidTimeEnds.To) != 0 ? Invalid("valid_to is both set and cleared: leave out one of the two") : null;
    }

    private static Refusal Invalid(string message) => new(RefusalKind.InvalidArgument, message);
}

/// <summary>The edge's valid time was changed.</summary>
public sealed record EdgeValidTimeSet(EdgeId Id, ValidTime Set, ValidTimeEnds Clear) : Event, IWireReadable<EdgeValidTimeSet>
{
    internal override CommandKind CommandKind => SetEdgeValidTime.ThisKind;

    internal override EventManner Manner => Set.IsAlways ? EventManner.Removed : EventManner.Usual;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => ToCommand();

    internal override void Apply(ITables tables) => tables.SetValidTime(Id, ToCommand().Change(tables.ValidTimeOf(Id)));

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.ValidTime(2, Set);
        writer.UInt64(4, (ulong)Clear);
    }

    static EdgeValidTimeSet IWireReadable<EdgeValidTimeSet>.Read(ref WireReader reader) =>
        new(new EdgeId(reader.UInt64(1)), reader.ValidTime(2), (ValidTimeEnds)reader.Byte(4));

    private SetEdgeValidTime ToCommand() => new(Id, Set, Clear);
}
