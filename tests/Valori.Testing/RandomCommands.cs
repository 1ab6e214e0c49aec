namespace Valori.Testing;

/// <summary>Commands from a seed: mostly valid, some refused, narrow and wide vectors, few distinct values so that scores tie.</summary>
public sealed class RandomCommands(int seed, EngineSchema schema)
{
    private readonly int dimension = schema.Dimension;
    private readonly Random _random = new(seed);
    private int _records;
    private int _nodes;
    private int _edges;

    public RandomCommands(int seed, int dimension)
        : this(seed, new EngineSchema(dimension))
    {
    }

    /// <summary>The keys that records get: a few, so that they meet; of one byte and of the most.</summary>
    private static readonly IReadOnlyList<string> KeyTexts = [.. Enumerable.Range(0, 10).Select(i => $"key {i} ü"), "x"];

    public static IReadOnlyList<RecordKey> Keys { get; } = [.. Enumerable.Range(0, 10).Select(i => (RecordKey)$"key {i} ü"), "x", new string('y', RecordKey.MaximumBytes)];

    /// <summary>Whether no record expires soon: an engine with a real clock would delete it, by an event that nobody sent.</summary>
    public bool AreEndsFarOff { get; init; }

    public VectorBlock Vectors(int count)
    {
        bool isWide = _random.Next(8) == 0;
        // What is multiplied by the scale when it comes in.
        float unit = (float)(1 / schema.Scale);
        float[] components = new float[count * dimension];
        for (int i = 0; i < components.Length; i++) components[i] = (isWide ? _random.Next(-1000, 1000) / 8f : _random.Next(-4, 5) / 16f) * unit;
        // The zero vector has no direction.
        if (schema.Metric == Metric.Cosine)
        {
            for (int row = 0; row < count; row++) components[row * dimension] = unit;
        }
        return VectorBlock.FromComponents(schema, components).Value!;
    }

    public Command Next()
    {
        if (_random.Next(18) == 0) return Transact();
        if (_random.Next(24) == 0) return Document();
        switch (_random.Next(37))
        {
            case < 6: return Insert(1);
            case 6: return Insert(_random.Next(0, 40));
            case 7: return schema.Metric == Metric.Cosine ? new InsertRecords(NotNormalised(), new ulong[2]) : new InsertRecords(Vectors(2), new ulong[3]);
            case < 11: return new DeleteRecord(new RecordId(Some(_records)));
            case < 14:
                byte[] metadata = new byte[_random.Next(30) == 0 ? 65_537 : _random.Next(0, 50)];
                _random.NextBytes(metadata);
                return new SetMetadata(new RecordId(Some(_records)), metadata);
            case < 16:
                _nodes++;
                return new CreateNode(new NodeKind((byte)_random.Next(256)), _random.Next(3) == 0 ? null : new RecordId(Some(_records)));
            case < 18:
                _edges++;
                return new CreateEdge(new NodeId(Some(_nodes)), new NodeId(Some(_nodes)), new EdgeKind((byte)_random.Next(1, 3)));
            case 18: return new DeleteEdge(new EdgeId(Some(_edges)));
            case 24: return SetFields();
            case 33: return new SetExpiry(Record(), _random.Next(20) == 0 ? long.MaxValue : _random.Next(3) == 0 ? null : Time());
            case 34 when AreEndsFarOff: return SetFields();
            case 35: return new DeleteWhere(Filter(), Some(_records), _random.Next(4) == 0 ? 0 : _random.Next(1, 4));
            case 36:
                SetFields change = SetFields();
                return new SetFieldsWhere(Filter(), Some(_records), _random.Next(8) == 0 ? 1_001 : _random.Next(1, 6), change.Mode, change.Fields, change.Names);
            case 34: return new ExpireRecords(_random.Next(10) == 0 ? long.MinValue : _random.NextInt64(-10_000, 2_000_000_000_000_000));
            case 25: return _random.Next(3) == 0 ? new DeleteKey(Keys[_random.Next(Keys.Count)]) : SetFields();
            case 26:
                _nodes++;
                return new PutNode(new NodeKind((byte)_random.Next(256)), _random.Next(3) == 0 ? new RecordId(Some(_records)) : null, Fields());
            case 27 or 28:
                _edges++;
                return new PutEdge(new NodeId(Some(_nodes)), new NodeId(Some(_nodes)), new EdgeKind((byte)_random.Next(1, 3)), Fields(), Valid());
            case 29: return SetNodeFields();
            case 30: return SetEdgeFields();
            case 31 or 32: return new SetEdgeValidTime(new EdgeId(Some(_edges)), Valid(), (ValidTimeEnds)(_random.Next(2) == 0 ? 0 : _random.Next(5)));
            case >= 20 and < 24: return Put(_random.Next(3) == 0 ? _random.Next(0, 12) : 1);
            default: return _random.Next(4) == 0 ? new DeleteNode(new NodeId(Some(_nodes))) : new DeleteEdge(new EdgeId(Some(_edges)));
        }
    }

    /// <summary>Some commands as one, whose ids are often those that earlier ones create. Now and then an id or a reference is wrong.</summary>
    public Protocol.Transact Transact()
    {
        List<TransactionPart> parts = [];
        for (int count = _random.Next(12) == 0 ? 0 : _random.Next(1, 6); parts.Count < count;)
        {
            // One within another is never accepted, and another process cannot send it.
            if (Next() is var command and not Protocol.Transact) parts.Add(Referring(command, parts));
        }
        return new Protocol.Transact(parts);
    }

    private TransactionPart Referring(Command command, List<TransactionPart> before)
    {
        List<Reference> references = [];
        Command referring = CommandIds.Map(command, (field, kind, id) => Refer(field, kind) ? 0 : id);
        return new TransactionPart(referring, references);

        bool Refer(int field, ContentKind kind)
        {
            int[] places = [.. Enumerable.Range(0, before.Count).Where(place => Created(before[place].Command) == kind)];
            if (_random.Next(20) == 0) places = [_random.Next(before.Count + 1)];
            if (places.Length == 0 || _random.Next(4) == 0) return false;
            int place = places[_random.Next(places.Length)];
            int created = place < before.Count && before[place].Command is InsertRecords { Vectors.Count: var inserted } ? inserted
                : place < before.Count && before[place].Command is PutRecords { Vectors.Count: var put } ? put : 1;
            references.Add(new Reference(field, place, _random.Next(created + (_random.Next(20) == 0 ? 1 : 0))));
            return true;
        }

        static ContentKind? Created(Command command) => command switch
        {
            InsertRecords or PutRecords => ContentKind.Record,
            CreateNode or PutNode => ContentKind.Node,
            CreateEdge or PutEdge => ContentKind.Edge,
            _ => null,
        };
    }

    /// <summary>Documents with few names, so that they replace each other, and sometimes one that goes, or one of a node that is none.</summary>
    private Command Document()
    {
        if (_random.Next(5) == 0) return new DeleteDocument(_random.Next(3) == 0 ? new NodeId(Some(_nodes)) : DocumentName());
        PutRecords chunks = Put(_random.Next(5));
        _nodes += 1 + chunks.Vectors.Count;
        _edges += chunks.Vectors.Count;
        // Chunks have keys of their document, but for some that have a key of anybody.
        RecordKey name = DocumentName();
        RecordAttributes[] attributes = [.. chunks.Attributes.Select((one, i) => _random.Next(12) == 0 ? one : one with { Key = _random.Next(3) == 0 ? null : (RecordKey)$"{name}#{i}" })];
        return new PutDocument(
            name, _random.Next(12) == 0 ? new NodeKind(7) : NodeKind.Document, _random.Next(3) == 0 ? Valori.Fields.Empty : Fields(), chunks.Vectors, chunks.Tags, attributes,
            _random.Next(3) == 0 ? new EdgeKind(9) : null, Replace: _random.Next(4) != 0);
    }

    private RecordKey DocumentName() => $"document {_random.Next(3)}";

    public int Number(int below) => _random.Next(below);

    public InsertRecords Insert(int count)
    {
        _records += count;
        return new InsertRecords(Vectors(count), Enumerable.Range(0, count).Select(_ => (ulong)_random.Next(3)).ToArray());
    }

    /// <summary>What only another process can send: the zero vector, or a vector that is too long.</summary>
    private VectorBlock NotNormalised()
    {
        float[] components = new float[2 * dimension];
        components[^1] = _random.Next(2) == 0 ? 0 : 20_000;
        components[0] = 1;
        return VectorBlock.FromComponents(dimension, components).Value!;
    }

    /// <summary>Records with some of few keys, so that they replace each other, or are refused.</summary>
    public PutRecords Put(int count)
    {
        _records += count;
        int attributed = _random.Next(20) == 0 ? count + 1 : count;
        return new PutRecords(
            Vectors(count), Enumerable.Range(0, count).Select(_ => (ulong)_random.Next(3)).ToArray(),
            [.. Enumerable.Range(0, attributed).Select(_ => Attributes())], Replace: _random.Next(4) != 0);
    }

    /// <summary>A filter, on what records get here among other things.</summary>
    public Filter Filter() => RandomFilters.Build(_random, keys: KeyTexts);

    private RecordRef Record() => _random.Next(2) == 0 ? new RecordId(Some(_records)) : Keys[_random.Next(Keys.Count)];

    /// <summary>Long ago, when a simulation begins or soon after that, or in many years.</summary>
    private long Time() => AreEndsFarOff ? 4_000_000_000_000_000 + _random.NextInt64(1_000) : _random.Next(3) == 0 ? 1_795_564_800_000_000 + _random.NextInt64(120_000_000) : _random.NextInt64(-1_000, 4_000_000_000_000_000);

    /// <summary>A walk, on what nodes and edges get here among other things.</summary>
    public Traversal Traversal() => new()
    {
        Direction = (EdgeDirection)_random.Next(3),
        EdgeKinds = _random.Next(3) == 0 ? [new EdgeKind(1)] : [],
        EdgeFilter = OfGraph(),
        ValidAtUnixMicroseconds = _random.Next(2) == 0 ? _random.Next(-4, 13) * 1_000_000L + _random.Next(2) : null,
        NodeKinds = _random.Next(4) == 0 ? [.. Enumerable.Range(0, 128).Select(kind => new NodeKind((byte)(2 * kind)))] : [],
        NodeFilter = OfGraph(),
    };

    // Nodes and edges have neither key nor tag.
    private Filter OfGraph()
    {
        if (_random.Next(2) == 0) return Valori.Filter.All;
        Filter filter;
        do filter = _random.Next(3) == 0 ? Filter() : Valori.Filter.Exists($"f{_random.Next(4)}s");
        while (filter.Uses(Kernel.Filters.OperandKind.Key) || filter.Uses(Kernel.Filters.OperandKind.Tag));
        return filter;
    }

    private SetFields SetFields()
    {
        RecordRef record = Record();
        return _random.Next(5) switch
        {
            0 => Protocol.SetFields.Replace(record, Fields()),
            1 => Protocol.SetFields.Remove(record, [.. Enumerable.Range(0, _random.Next(3)).Select(_ => $"f{_random.Next(4)}{(_random.Next(2) == 0 ? "s" : "")}")]),
            // A value and something below it exclude each other.
            2 => Protocol.SetFields.Merge(record, new FieldsBuilder { [$"f{_random.Next(4)}{(_random.Next(2) == 0 ? "s.below" : "")}"] = Value() }.Build()),
            _ => Protocol.SetFields.Merge(record, Fields()),
        };
    }

    private SetNodeFields SetNodeFields()
    {
        SetFields change = SetFields();
        return new SetNodeFields(new NodeId(Some(_nodes)), change.Mode, change.Fields, change.Names);
    }

    private SetEdgeFields SetEdgeFields()
    {
        SetFields change = SetFields();
        return new SetEdgeFields(new EdgeId(Some(_edges)), change.Mode, change.Fields, change.Names);
    }

    /// <summary>Often with an end, seldom one that there cannot be; of few times, so that they meet.</summary>
    private ValidTime Valid()
    {
        return new ValidTime(End(), End());

        long? End() => _random.Next(3) == 0 ? null : _random.Next(40) == 0 ? long.MaxValue : _random.Next(-3, 12) * 1_000_000L;
    }

    public Fields Fields()
    {
        if (_random.Next(3) == 0) return RandomFields.Build(_random);
        FieldsBuilder fields = new();
        for (int i = _random.Next(4); i > 0; i--) fields[$"f{_random.Next(4)}{(_random.Next(4) == 0 ? ".inner" : "s")}"] = Value();
        return fields.Build();
    }

    private RecordAttributes Attributes()
    {
        byte[] metadata = new byte[_random.Next(60) == 0 ? 65_537 : _random.Next(0, 50)];
        _random.NextBytes(metadata);
        return new RecordAttributes
        {
            Key = _random.Next(3) == 0 ? null : Keys[_random.Next(Keys.Count)],
            Fields = Fields(),
            Metadata = _random.Next(4) == 0 ? metadata : null,
            ExpiresAtUnixMicroseconds = _random.Next(5) == 0 ? Time() : null,
        };
    }

    private FieldValue Value() => _random.Next(6) switch
    {
        0 => _random.Next(2) == 0,
        1 => _random.NextInt64(),
        2 => _random.NextDouble(),
        3 => new string('ä', _random.Next(20)),
        4 => DateTimeOffset.UnixEpoch.AddSeconds(_random.Next()),
        _ => new[] { "a", "b" },
    };

    /// <summary>An id that exists, or not far from one.</summary>
    private ulong Some(int count) => (ulong)_random.Next(count + 1);
}
