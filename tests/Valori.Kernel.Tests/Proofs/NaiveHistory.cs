using System.Text;
using System.Text.Json.Nodes;

namespace Valori.Kernel.Tests.Proofs;

/// <summary>A history of events, chained after docs/formats.md, section 7, that proves one of its places from another.</summary>
internal sealed class NaiveHistory
{
    private static readonly HashContext Chain = new("Valori 2026-11-22 v1 history chain");

    private readonly List<Digest> _chains;
    private readonly List<HistoryPlace> _places = [];
    private readonly NaiveTree _tree;

    /// <param name="start">The chain value before the first event: 32 zero bytes in every true history.</param>
    public NaiveHistory(IEnumerable<(long UnixMicroseconds, Digest StateHash)> events, Digest start = default)
    {
        _chains = [start];
        // Leaf n - 1 is chain(n).
        _tree = new NaiveTree(index => _chains[(int)index + 1]);
        foreach ((long time, Digest stateHash) in events)
        {
            long number = _chains.Count;
            _chains.Add(Link(_chains[^1], number, time, stateHash));
            _places.Add(new HistoryPlace(number, time, stateHash, _chains[^1], _tree.Root((ulong)number)));
        }
    }

    /// <summary>Some events, a few in the same microsecond.</summary>
    public static NaiveHistory OfLength(int events) => new(Enumerable.Range(1, events).Select(Event));

    public static (long UnixMicroseconds, Digest StateHash) Event(int number) =>
        (1_795_478_400_000_000 + number / 3 * 1_000, Link(Digest.Zero, number, 0, Digest.Zero));

    public HistoryPlace Place(int number) => _places[number - 1];

    public NaiveHistoryProof Prove(int from, int to) => new(
        from,
        to,
        _chains[from - 1],
        _chains[to - 1],
        _tree.Path((ulong)from - 1, (ulong)to),
        _tree.Path((ulong)to - 1, (ulong)to),
        _tree.Consistency((ulong)from, (ulong)to));

    public static Digest Link(Digest previous, long number, long time, Digest stateHash) => Chain.Hash(
        [.. previous.ToArray(), .. BitConverter.GetBytes(number), .. BitConverter.GetBytes(time), .. stateHash.ToArray()]);
}

/// <summary>A history proof as its fields, with an encoding of its own after docs/formats.md, section 15. Nothing is checked.</summary>
internal sealed record NaiveHistoryProof(
    long From,
    long To,
    Digest PreviousFrom,
    Digest PreviousTo,
    IReadOnlyList<Digest> InclusionFrom,
    IReadOnlyList<Digest> InclusionTo,
    IReadOnlyList<Digest> Consistency)
{
    public byte[] ToBytes()
    {
        MemoryStream bytes = new();
        BinaryWriter writer = new(bytes);
        writer.Write("VALORIHP"u8);
        writer.Write(1u);
        writer.Write(From);
        writer.Write(To);
        writer.Write(PreviousFrom.ToArray());
        writer.Write(PreviousTo.ToArray());
        NaiveInclusion.WritePath(writer, InclusionFrom);
        NaiveInclusion.WritePath(writer, InclusionTo);
        NaiveInclusion.WritePath(writer, Consistency);
        return bytes.ToArray();
    }

    public JsonObject ToJson() => new()
    {
        ["format"] = "valori-history-proof",
        ["version"] = 1,
        ["from"] = From,
        ["to"] = To,
        ["previous_chain_from"] = PreviousFrom.ToString(),
        ["previous_chain_to"] = PreviousTo.ToString(),
        ["inclusion_from"] = NaiveInclusion.JsonPath(InclusionFrom),
        ["inclusion_to"] = NaiveInclusion.JsonPath(InclusionTo),
        ["consistency"] = NaiveInclusion.JsonPath(Consistency),
    };

    public byte[] ToJsonBytes() => Encoding.UTF8.GetBytes(ToJson().ToJsonString());
}
