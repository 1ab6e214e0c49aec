using Valori.Protocol;

namespace Valori.Host.Tests.Support;

/// <summary>
/// Commands of every kind that clients send, from a seed, on the records, nodes and edges that it was told of. No two vectors, fields, valid times or
/// expiries are alike, and nodes and edges carry their owner, so that what is found after a crash tells which command it came from.
/// </summary>
internal sealed class MixedCommands(int seed, int dimension, byte owner)
{
    /// <summary>Stands for a snapshot that is asked for.</summary>
    public static readonly Command Save = new DeleteEdge(new EdgeId(ulong.MaxValue));

    /// <summary>Owners from here on have none of the kinds that the nodes and edges of chunks have, so that those are not taken for theirs.</summary>
    public const byte FirstOwner = 10;

    // The kind of the edges from each chunk to the next.
    private const byte NextChunk = 2;

    private const int LargestBatch = 40, MostChunks = 6;

    private readonly Random _random = new(seed);
    private int _vectors;

    public List<ulong> Records { get; } = [];

    public List<ulong> Nodes { get; } = [];

    public List<ulong> Edges { get; } = [];

    /// <summary>The keys that are in use, with the records that have them.</summary>
    public SortedDictionary<string, ulong> Keys { get; } = new(StringComparer.Ordinal);

    /// <summary>The documents that there are: their keys, with their nodes.</summary>
    public SortedDictionary<string, ulong> Documents { get; } = new(StringComparer.Ordinal);

    public byte Owner => owner;

    /// <summary>Lets its records with fields through: far fewer than one step of a command takes, which so is one event, there or not.</summary>
    private Filter Own => Filter.Eq("of.owner", $"{owner}");

    public Command Next() => _random.Next(40) switch
    {
        < 5 => Insert(1),
        < 7 => Insert(_random.Next(2, LargestBatch)),
        < 11 when Records.Count > 0 => new SetMetadata(Record(), Metadata()),
        < 13 when Records.Count > 0 => new DeleteRecord(Record()),
        < 16 => new CreateNode(new NodeKind(owner), Records.Count > 0 && _random.Next(2) == 0 ? Record() : null),
        < 18 when Nodes.Count > 1 => new CreateEdge(Node(), Node(), new EdgeKind(owner)),
        18 when Nodes.Count > 4 => new DeleteNode(Node()),
        19 when _random.Next(3) == 0 => Save,
        20 or 21 => Put(),
        22 when Records.Count > 0 => SetFields.Merge(Record(), SomeFields()),
        23 when Keys.Count > 0 => new DeleteKey(Keys.Keys.ElementAt(_random.Next(Keys.Count))),
        24 => new PutNode(new NodeKind(owner), Records.Count > 0 && _random.Next(2) == 0 ? Record() : null, SomeFields()),
        25 or 26 when Nodes.Count > 1 => new PutEdge(Node(), Node(), new EdgeKind(owner), SomeFields(), new ValidTime(LongAgo(), MaybeFarOff())),
        27 when Nodes.Count > 0 => SetNodeFields.Merge(Node(), SomeFields()),
        28 when Edges.Count > 0 => SetEdgeFields.Merge(Edge(), SomeFields()),
        29 when Edges.Count > 0 => NewValidTime(),
        30 when Records.Count > 0 => new SetExpiry(Record(), FarOff()),
        31 or 32 when Nodes.Count > 0 => ConnectedRecord(),
        33 => new SetFieldsWhere(Own, 0, Limits.MaximumChangedRecords, FieldsMode.Merge, SomeFields(), []),
        34 when _random.Next(2) == 0 => new DeleteWhere(Own),
        35 when Edges.Count > 4 => new DeleteEdge(Edge()),
        36 or 37 or 38 => Document(),
        39 when Documents.Count > 0 => DeletedDocument(),
        _ => Insert(1),
    };

    /// <summary>Tells it of everything that the model holds, deleted or not, so that some commands will be refused.</summary>
    public void KnowAllOf(PlainModel model)
    {
        for (int id = Records.Count; id < model.Records.Count; id++) Records.Add((ulong)id);
        for (int id = Nodes.Count; id < model.Nodes.Count; id++) Nodes.Add((ulong)id);
        for (int id = Edges.Count; id < model.Edges.Count; id++) Edges.Add((ulong)id);
        KnowDocumentsOf(model);
    }

    /// <summary>Tells it of the documents that the model holds.</summary>
    public void KnowDocumentsOf(PlainModel model)
    {
        Documents.Clear();
        foreach (string key in model.Nodes.Select(node => node.Key).OfType<string>().Distinct())
            if (model.DocumentOf(key) is { } node) Documents.Add(key, node.Value);
    }

    public InsertRecords Insert(int count)
    {
        float[] components = new float[count * dimension];
        ulong[] tags = new ulong[count];
        for (int row = 0; row < count; row++, _vectors++)
        {
            Span<float> vector = components.AsSpan(row * dimension, dimension);
            foreach (ref float component in vector) component = _random.Next(-128, 129) / 64f;
            (vector[0], vector[1], vector[2]) = (owner, _vectors / 1000, _vectors % 1000);
            tags[row] = (ulong)_random.Next(3);
        }
        return new InsertRecords(VectorBlock.FromComponents(dimension, components).Value!, tags);
    }

    /// <summary>With one of few keys, so that it often replaces a record.</summary>
    private PutRecords Put()
    {
        InsertRecords insert = Insert(1);
        return new PutRecords(insert.Vectors, insert.Tags, [new RecordAttributes { Key = $"{owner}/{_random.Next(5)}", Fields = SomeFields() }], Replace: true);
    }

    /// <summary>With one of few keys, so that it often replaces a document. It has a chunk at least, by which it is found after a crash.</summary>
    private PutDocument Document()
    {
        InsertRecords chunks = Insert(_random.Next(1, MostChunks));
        RecordAttributes[] attributes = [.. Enumerable.Range(0, chunks.Vectors.Count).Select(_ => new RecordAttributes { Fields = _random.Next(2) == 0 ? SomeFields() : Fields.Empty })];
        return new PutDocument(
            $"{owner}/{_random.Next(3)}", new NodeKind(owner), SomeFields(), chunks.Vectors, chunks.Tags, attributes,
            _random.Next(2) == 0 ? new EdgeKind(NextChunk) : null, Replace: true);
    }

    private DeleteDocument DeletedDocument()
    {
        (string key, ulong node) = Documents.ElementAt(_random.Next(Documents.Count));
        return _random.Next(2) == 0 ? new DeleteDocument(new NodeId(node)) : new DeleteDocument((RecordKey)key);
    }

    /// <summary>A record, a node for it, and an edge to it from a node that there is.</summary>
    private Transact ConnectedRecord() => new([
        new(Insert(1)),
        new(new PutNode(new NodeKind(owner), new RecordId(0), SomeFields()), [new Reference(2, 0)]),
        new(new PutEdge(Node(), new NodeId(0), new EdgeKind(owner), SomeFields(), ValidTime.Always), [new Reference(2, 1)]),
    ]);

    /// <summary>With an end that is set, cleared, or left as it is.</summary>
    private SetEdgeValidTime NewValidTime()
    {
        long? end = MaybeFarOff();
        return new SetEdgeValidTime(Edge(), new ValidTime(LongAgo(), end), end is null && _random.Next(2) == 0 ? ValidTimeEnds.To : ValidTimeEnds.None);
    }

    private long LongAgo() => TimeBetween(1900, 2000);

    /// <summary>No record expires while a test runs: the engine would delete it by an event that nobody sent.</summary>
    private long FarOff() => TimeBetween(3000, 4000);

    private long? MaybeFarOff() => _random.Next(2) == 0 ? FarOff() : null;

    private long TimeBetween(int year, int end) => _random.NextInt64(Microseconds(year), Microseconds(end));

    private static long Microseconds(int year) => (new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>No two are alike.</summary>
    private Fields SomeFields() => new FieldsBuilder { ["n"] = _random.NextInt64(), ["of.owner"] = $"{owner}" }.Build();

    /// <summary>Mostly short, now and then of many pages of the journal.</summary>
    private byte[] Metadata()
    {
        byte[] metadata = new byte[_random.Next(20) == 0 ? 20_000 : _random.Next(8, 200)];
        _random.NextBytes(metadata);
        return metadata;
    }

    private RecordId Record() => new(Records[_random.Next(Records.Count)]);

    private NodeId Node() => new(Nodes[_random.Next(Nodes.Count)]);

    private EdgeId Edge() => new(Edges[_random.Next(Edges.Count)]);
}
