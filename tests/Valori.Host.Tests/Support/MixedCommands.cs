using Valori.Kernel;
using Valori.Kernel.Vectors;

namespace Valori.Host.Tests.Support;

/// <summary>
/// Commands of every kind but <see cref="DeleteEdge"/> from a seed, on the records and nodes that it was told of. No two vectors are alike, and nodes
/// and edges carry their owner, so that what is found after a crash tells which command it came from.
/// </summary>
internal sealed class MixedCommands(int seed, int dimension, byte owner)
{
    /// <summary>Stands for a snapshot that is asked for.</summary>
    public static readonly Command Save = new DeleteEdge(new EdgeId(ulong.MaxValue));

    private const int LargestBatch = 40;

    private readonly Random _random = new(seed);
    private int _vectors;

    public List<ulong> Records { get; } = [];

    public List<ulong> Nodes { get; } = [];

    /// <summary>The keys that are in use, with the records that have them.</summary>
    public SortedDictionary<string, ulong> Keys { get; } = new(StringComparer.Ordinal);

    public byte Owner => owner;

    public Command Next() => _random.Next(24) switch
    {
        >= 20 and < 22 => Put(),
        22 when Records.Count > 0 => SetFields.Merge(Record(), SomeFields()),
        23 when Keys.Count > 0 => new DeleteKey(Keys.Keys.ElementAt(_random.Next(Keys.Count))),
        < 5 => Insert(1),
        < 7 => Insert(_random.Next(2, LargestBatch)),
        < 11 when Records.Count > 0 => new SetMetadata(Record(), Metadata()),
        < 13 when Records.Count > 0 => new DeleteRecord(Record()),
        < 16 => new CreateNode(new NodeKind(owner), Records.Count > 0 && _random.Next(2) == 0 ? Record() : null),
        < 18 when Nodes.Count > 1 => new CreateEdge(Node(), Node(), new EdgeKind(owner)),
        18 when Nodes.Count > 4 => new DeleteNode(Node()),
        19 when _random.Next(3) == 0 => Save,
        _ => Insert(1),
    };

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
}
