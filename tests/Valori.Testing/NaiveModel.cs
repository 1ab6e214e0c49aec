namespace Valori.Testing;

/// <summary>
/// The formats in the plainest form: lists, and everything computed anew at every question. Mirrors the reference program;
/// shares with the kernel only BLAKE3, which has oracles of its own, and the conversion of floats.
/// </summary>
public sealed class NaiveModel(EngineSchema schema)
{
    private readonly int dimension = schema.Dimension;

    private static readonly HashContext RecordLeaf = new("Valori 2026-11-22 v1 record leaf");
    private static readonly HashContext AttributedRecordLeaf = new("Valori 2026-11-28 v1 attributed record leaf");
    private static readonly HashContext NodeLeaf = new("Valori 2026-11-22 v1 node leaf");
    private static readonly HashContext AttributedNodeLeaf = new("Valori 2026-11-28 v1 attributed node leaf");
    private static readonly HashContext EdgeLeaf = new("Valori 2026-11-22 v1 edge leaf");
    private static readonly HashContext AttributedEdgeLeaf = new("Valori 2026-11-28 v1 attributed edge leaf");
    private static readonly HashContext MerkleInterior = new("Valori 2026-11-22 v1 merkle interior");
    private static readonly HashContext StateRoot = new("Valori 2026-11-22 v1 state root");
    private static readonly HashContext SchemaStateRoot = new("Valori 2026-11-28 v2 state root");

    public NaiveModel(int dimension)
        : this(new EngineSchema(dimension))
    {
    }

    public List<NaiveRecord?> Records { get; } = [];

    public List<NaiveNode?> Nodes { get; } = [];

    public List<NaiveEdge?> Edges { get; } = [];

    /// <summary>Carries the command out, or returns false if it must be refused.</summary>
    public bool Execute(Command command)
    {
        switch (command)
        {
            case InsertRecords(var vectors, var tags):
                if (vectors.Dimension != dimension || vectors.Count != tags.Length) return false;
                for (int row = 0; row < vectors.Count; row++)
                {
                    if (schema.Metric == Metric.Cosine && !IsNormalised(vectors, row)) return false;
                }
                for (int row = 0; row < vectors.Count; row++)
                {
                    int[] raw = new int[dimension];
                    vectors.CopyRow(row, raw);
                    Records.Add(new NaiveRecord(raw, tags.Span[row], null));
                }
                return true;
            case PutRecords(var vectors, var tags, var attributes, var replace):
                return Put(vectors, tags, attributes, replace);
            case SetFields(var record, var mode, var fields, var names):
                return Find(record) is { } target && SetFields(target, mode, fields, names);
            case DeleteWhere(var filter, var from, var count):
                if (count < 1) return false;
                foreach (ulong match in Matching(filter, from, count)) Records[(int)match] = null;
                return true;
            case SetFieldsWhere(var filter, var from, var count, var mode, var fields, var names):
                return count >= 1 && SetFieldsWhere(Matching(filter, from, count), mode, fields, names);
            case SetExpiry(var record, var expiresAt):
                if (Find(record) is not { } ending || IsNoTime(expiresAt)) return false;
                Records[(int)ending] = Records[(int)ending]!.Value with { ExpiresAt = expiresAt };
                return true;
            case ExpireRecords(var time):
                return !IsNoTime(time) && Expire(time);
            case DeleteKey(var key):
                if (Find(key.ToString()) is not { } named) return false;
                Records[(int)named] = null;
                return true;
            case DeleteRecord(var id):
                if (!IsLive(Records, id.Value)) return false;
                Records[(int)id.Value] = null;
                return true;
            case SetMetadata(var id, var metadata):
                if (!IsLive(Records, id.Value) || metadata.Length > 65_536) return false;
                Records[(int)id.Value] = Records[(int)id.Value]!.Value with { Metadata = metadata.ToArray() };
                return true;
            case CreateNode(var kind, var record):
                if (record is { } recordId && !IsLive(Records, recordId.Value)) return false;
                Nodes.Add(new NaiveNode(kind.Value, record?.Value));
                return true;
            case PutNode(var kind, var record, var fields):
                if (fields.IsEmpty || !Execute(new CreateNode(kind, record))) return false;
                Nodes[^1] = Nodes[^1]!.Value with { Fields = fields.Canonical.ToArray() };
                return true;
            case PutEdge(var from, var to, var kind, var fields, var valid):
                if ((fields.IsEmpty && valid == default) || !NaiveGraph.IsAllowed(valid.FromUnixMicroseconds, valid.ToUnixMicroseconds) || !Execute(new CreateEdge(from, to, kind))) return false;
                Edges[^1] = new NaiveEdge(
                    from.Value, to.Value, kind.Value, fields.IsEmpty ? null : fields.Canonical.ToArray(), valid.FromUnixMicroseconds, valid.ToUnixMicroseconds);
                return true;
            case SetNodeFields(var id, var mode, var fields, var names):
                if (!IsLive(Nodes, id.Value) || !TryChange(Nodes[(int)id.Value]!.Value.Fields, mode, fields, names, out byte[]? ofNode)) return false;
                Nodes[(int)id.Value] = Nodes[(int)id.Value]!.Value with { Fields = ofNode };
                return true;
            case SetEdgeFields(var id, var mode, var fields, var names):
                if (!IsLive(Edges, id.Value) || !TryChange(Edges[(int)id.Value]!.Value.Fields, mode, fields, names, out byte[]? ofEdge)) return false;
                Edges[(int)id.Value] = Edges[(int)id.Value]!.Value with { Fields = ofEdge };
                return true;
            case SetEdgeValidTime(var id, var set, var clear):
                return IsLive(Edges, id.Value) && SetValidTime((int)id.Value, set, (int)clear);
            case CreateEdge(var from, var to, var kind):
                if (!IsLive(Nodes, from.Value) || !IsLive(Nodes, to.Value)) return false;
                Edges.Add(new NaiveEdge(from.Value, to.Value, kind.Value));
                return true;
            case DeleteNode(var id):
                if (!IsLive(Nodes, id.Value)) return false;
                for (int i = 0; i < Edges.Count; i++)
                {
                    if (Edges[i] is { } edge && (edge.From == id.Value || edge.To == id.Value)) Edges[i] = null;
                }
                Nodes[(int)id.Value] = null;
                return true;
            case DeleteEdge(var id):
                if (!IsLive(Edges, id.Value)) return false;
                Edges[(int)id.Value] = null;
                return true;
            case PutDocument put:
                return PutDocument(put);
            case DeleteDocument(var document):
                return DeleteDocument(document);
            case Transact(var parts):
                return Transact(parts);
            default:
                throw new ArgumentException(command.ToString());
        }
    }

    /// <summary>The hits of one of the query's vectors.</summary>
    public List<(ulong Id, long Score)> Search(SearchQuery query, int vector = 0)
    {
        int[] q = new int[dimension];
        query.Vectors.CopyRow(vector, q);
        List<(ulong Id, long Score)> hits = [];
        Func<FilteredRecord, bool> matches = NaiveFilter.Of(query.Filter);
        for (int i = 0; i < Records.Count; i++)
        {
            if (Records[i] is not { } record || !matches(FilteredRecord.Of((ulong)i, record.Tag, record.Key, record.Fields is null ? null : Fields.Read(record.Fields)))) continue;
            long score = 0;
            for (int c = 0; c < dimension; c++)
            {
                long difference = (long)record.Raw[c] - q[c];
                score += schema.Metric == Metric.Dot ? (long)record.Raw[c] * q[c] : difference * difference;
            }
            bool isNearEnough = query.ScoreLimit is not { } limit || (schema.Metric == Metric.Dot ? score >= limit : score <= limit);
            if (isNearEnough) hits.Add(((ulong)i, score));
        }
        IOrderedEnumerable<(ulong Id, long Score)> ordered = schema.Metric == Metric.Dot ? hits.OrderByDescending(hit => hit.Score) : hits.OrderBy(hit => hit.Score);
        return [.. ordered.ThenBy(hit => hit.Id).Skip(query.Offset).Take(query.K)];
    }

    public List<ulong>? Expand(ulong start, int depth) => Expand(start, depth, Traversal.Outgoing);

    public List<ulong>? Expand(ulong start, int depth, Traversal traversal) => IsLive(Nodes, start) ? Reach([start], depth, traversal) : null;

    /// <summary>The edges with both ends among some nodes that a traversal takes.</summary>
    public List<ulong> EdgesAmong(List<ulong> nodes, Traversal traversal) =>
        [.. EdgesTaken(traversal).Where(id => nodes.Contains(Edges[(int)id]!.Value.From) && nodes.Contains(Edges[(int)id]!.Value.To))];

    /// <summary>The live nodes of some kinds that match a filter, by id.</summary>
    public List<ulong> NodesTaken(IReadOnlyList<NodeKind> kinds, Filter filter)
    {
        Func<FilteredRecord, bool> matches = NaiveFilter.Of(filter);
        return [.. Nodes.Select((node, id) => (node, id: (ulong)id)).Where(row => row.node is { } live
            && (kinds.Count == 0 || kinds.Any(kind => kind.Value == live.Kind)) && matches(FilteredRecord.Of(row.id, 0, live.Key, FieldsOf(live.Fields)))).Select(row => row.id)];
    }

    /// <summary>The live edges that a traversal takes, by id.</summary>
    public List<ulong> EdgesTaken(Traversal traversal)
    {
        Func<FilteredRecord, bool> matches = NaiveFilter.Of(traversal.EdgeFilter);
        return [.. Edges.Select((edge, id) => (edge, id: (ulong)id)).Where(row => row.edge is { } live
            && (traversal.EdgeKinds.Count == 0 || traversal.EdgeKinds.Any(kind => kind.Value == live.Kind))
            && (traversal.ValidAtUnixMicroseconds is not { } time || ((live.ValidFrom is not { } from || time >= from) && (live.ValidTo is not { } to || time < to)))
            && matches(FilteredRecord.Of(row.id, 0, null, FieldsOf(live.Fields)))).Select(row => row.id)];
    }

    private static Fields? FieldsOf(byte[]? canonical) => canonical is null ? null : Fields.Read(canonical);

    /// <summary>The nodes that stand for a record and those within the depth of them, as a search returns them with a hit.</summary>
    public List<ulong> Around(ulong record, int depth) =>
        Reach([.. Nodes.Select((node, id) => (node, Id: (ulong)id)).Where(row => row.node is { } live && live.Record == record).Select(row => row.Id)], depth, Traversal.Outgoing);

    /// <summary>Carries the commands out on a copy, which takes the place of this if all of them are accepted.</summary>
    private bool Transact(IReadOnlyList<TransactionPart> parts)
    {
        if (parts.Count is 0 or > 16_384) return false;
        NaiveModel copy = Copy();
        List<(ContentKind? Kind, ulong First, ulong Count)> created = [];
        foreach ((Command command, IReadOnlyList<Reference> references) in parts)
        {
            (int records, int nodes, int edges) = (copy.Records.Count, copy.Nodes.Count, copy.Edges.Count);
            if (command.CommandKind.StandsAlone || Resolve(command, references, created) is not { } resolved || !copy.Execute(resolved)) return false;
            created.Add(copy.Records.Count > records ? (ContentKind.Record, (ulong)records, (ulong)(copy.Records.Count - records))
                : copy.Nodes.Count > nodes ? (ContentKind.Node, (ulong)nodes, 1UL)
                : copy.Edges.Count > edges ? (ContentKind.Edge, (ulong)edges, 1UL)
                : (null, 0UL, 0UL));
        }
        Become(copy);
        return true;
    }

    /// <summary>The command with plain ids; null if a reference is wrong, or an id is one that only a command of the transaction creates.</summary>
    private Command? Resolve(Command command, IReadOnlyList<Reference> references, List<(ContentKind? Kind, ulong First, ulong Count)> created)
    {
        bool isRight = true;
        int used = 0;
        Command resolved = CommandIds.Map(command, Id);
        return isRight && used == references.Count ? resolved : null;

        ulong Id(int field, ContentKind kind, ulong id)
        {
            if (references.FirstOrDefault(reference => reference.Field == field) is not { } reference)
            {
                int before = kind switch { ContentKind.Record => Records.Count, ContentKind.Node => Nodes.Count, _ => Edges.Count };
                isRight &= id < (ulong)before;
                return id;
            }
            used++;
            isRight &= id == 0 && reference.Command < created.Count && created[reference.Command].Kind == kind && (ulong)reference.Position < created[reference.Command].Count;
            return isRight ? created[reference.Command].First + (ulong)reference.Position : 0;
        }
    }

    /// <summary>The same state, which later commands to this one do not change.</summary>
    public NaiveModel Copy()
    {
        NaiveModel copy = new(schema);
        copy.Records.AddRange(Records);
        copy.Nodes.AddRange(Nodes);
        copy.Edges.AddRange(Edges);
        return copy;
    }

    public Digest StateHash()
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        bool isPlain = schema is { Metric: Metric.L2, ScaleExponent: 0 };
        writer.Write(isPlain ? 1u : 2u);
        writer.Write((uint)dimension);
        if (!isPlain)
        {
            writer.Write((byte)schema.Metric);
            writer.Write((sbyte)schema.ScaleExponent);
        }
        Root(writer, Records, RecordLeaf, (w, record) =>
        {
            w.Write(record.Tag);
            w.Write((uint)dimension);
            foreach (int raw in record.Raw) w.Write(raw);
            w.Write((byte)(record.Metadata is null ? 0 : 1));
            if (record.Metadata is not null) w.Write((uint)record.Metadata.Length);
            if (record.Metadata is not null) w.Write(record.Metadata);
            if (record.HasAttributes) WriteAttributes(w, record);
        }, AttributedRecordLeaf, record => record.HasAttributes);
        Root(writer, Nodes, NodeLeaf, (w, node) =>
        {
            w.Write(node.Kind);
            w.Write((byte)(node.Record is null ? 0 : 1));
            if (node.Record is { } record) w.Write(record);
            if (node.HasAttributes) NaiveGraph.Write(w, node.Fields, null, null, node.Key);
        }, AttributedNodeLeaf, node => node.HasAttributes);
        Root(writer, Edges, EdgeLeaf, (w, edge) =>
        {
            w.Write(edge.Kind);
            w.Write(edge.From);
            w.Write(edge.To);
            if (edge.HasAttributes) NaiveGraph.Write(w, edge.Fields, edge.ValidFrom, edge.ValidTo);
        }, AttributedEdgeLeaf, edge => edge.HasAttributes);
        return (isPlain ? StateRoot : SchemaStateRoot).Hash(bytes.ToArray());
    }

    private static void WriteAttributes(BinaryWriter writer, NaiveRecord record)
    {
        writer.Write(record.Key is not null);
        if (record.Key is not null) writer.Write((ushort)System.Text.Encoding.UTF8.GetByteCount(record.Key));
        if (record.Key is not null) writer.Write(System.Text.Encoding.UTF8.GetBytes(record.Key));
        writer.Write(record.Fields is not null);
        if (record.Fields is not null) writer.Write((uint)record.Fields.Length);
        if (record.Fields is not null) writer.Write(record.Fields);
        writer.Write(record.ExpiresAt is not null);
        if (record.ExpiresAt is { } expiry) writer.Write(expiry);
    }

    /// <param name="hasAttributes">Whether a row's leaf has the form with attributes.</param>
    private static void Root<T>(BinaryWriter writer, List<T?> rows, HashContext context, Action<BinaryWriter, T> content, HashContext attributed, Func<T, bool> hasAttributes) where T : struct
    {
        Digest[] leaves = [.. rows.Select((row, i) =>
        {
            using MemoryStream bytes = new();
            using BinaryWriter leaf = new(bytes);
            bool isAttributed = row is { } some && hasAttributes(some);
            leaf.Write((byte)(row is null ? 0 : isAttributed ? 2 : 1));
            leaf.Write((ulong)i);
            if (row is { } live) content(leaf, live);
            return (isAttributed ? attributed : context).Hash(bytes.ToArray());
        })];
        writer.Write((ulong)rows.Count);
        writer.Write(MerkleRoot(leaves).ToArray());
    }

    /// <summary>RFC 9162 section 2.1.1 as it is written there.</summary>
    public static Digest MerkleRoot(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.IsEmpty) return Digest.Zero;
        if (leaves.Length == 1) return leaves[0];
        int k = 1;
        while (k * 2 < leaves.Length) k *= 2;
        return MerkleInterior.Hash([.. MerkleRoot(leaves[..k]).ToArray(), .. MerkleRoot(leaves[k..]).ToArray()]);
    }

    /// <summary>The rule of docs/formats.md, section 1, for vectors that come as raw values.</summary>
    private bool IsNormalised(VectorBlock vectors, int row)
    {
        int[] raw = new int[dimension];
        vectors.CopyRow(row, raw);
        Int128 norm = 0, one = (Int128)1 << (16 + schema.ScaleExponent), slack = 0;
        foreach (int value in raw) norm += (Int128)value * value;
        while (slack * slack < dimension) slack++;
        return norm > 0 && norm <= (one + slack) * (one + slack) && (one <= slack || norm >= (one - slack) * (one - slack));
    }

    /// <summary>The id of the live record with the key, or null.</summary>
    public ulong? Find(string key)
    {
        int found = Records.FindIndex(record => record is { } live && live.Key == key);
        return found < 0 ? null : (ulong)found;
    }

    private ulong? Find(RecordRef record) => record.Key is { } key ? Find(key.ToString()) : IsLive(Records, record.Id!.Value.Value) ? record.Id.Value.Value : null;

    private bool SetFields(ulong record, FieldsMode mode, Fields fields, IReadOnlyList<string> names)
    {
        if (!TryChange(Records[(int)record]!.Value.Fields, mode, fields, names, out byte[]? changed)) return false;
        Records[(int)record] = Records[(int)record]!.Value with { Fields = changed };
        return true;
    }

    private static bool IsChange(FieldsMode mode, Fields fields, IReadOnlyList<string> names) =>
        mode == FieldsMode.Remove ? names.Count > 0 && names.Distinct().Count() == names.Count && fields.IsEmpty : names.Count == 0;

    private static bool TryChange(byte[]? before, FieldsMode mode, Fields fields, IReadOnlyList<string> names, out byte[]? after)
    {
        after = null;
        if (!IsChange(mode, fields, names)) return false;
        NaiveFields changed = NaiveFields.Read(mode == FieldsMode.Replace ? null : before);
        if (mode == FieldsMode.Remove) changed.Remove(names);
        else changed.Set(NaiveFields.Read(fields.Canonical.ToArray()));
        if (!changed.AreAllowed) return false;
        after = changed.ToBytes();
        return true;
    }

    private bool SetValidTime(int id, ValidTime set, int clear)
    {
        NaiveEdge edge = Edges[id]!.Value;
        bool setsFrom = set.FromUnixMicroseconds is not null, setsTo = set.ToUnixMicroseconds is not null;
        bool clearsFrom = clear is 1 or 3, clearsTo = clear is 2 or 3;
        if (clear > 3 || !(setsFrom || setsTo || clearsFrom || clearsTo) || (setsFrom && clearsFrom) || (setsTo && clearsTo)) return false;
        edge = edge with
        {
            ValidFrom = setsFrom ? set.FromUnixMicroseconds : clearsFrom ? null : edge.ValidFrom,
            ValidTo = setsTo ? set.ToUnixMicroseconds : clearsTo ? null : edge.ValidTo,
        };
        if (!NaiveGraph.IsAllowed(set.FromUnixMicroseconds, set.ToUnixMicroseconds) || !NaiveGraph.IsAllowed(edge.ValidFrom, edge.ValidTo)) return false;
        Edges[id] = edge;
        return true;
    }

    private ulong[] Matching(Filter filter, ulong from, int count)
    {
        Func<FilteredRecord, bool> matches = NaiveFilter.Of(filter);
        return [.. Records.Select((record, id) => (record, Id: (ulong)id)).Where(one => one.Id >= from && one.record is { } live
            && matches(FilteredRecord.Of(one.Id, live.Tag, live.Key, live.Fields is null ? null : Fields.Read(live.Fields)))).Select(one => one.Id).Take(Math.Min(count, 1_000))];
    }

    /// <summary>A step ends before a record that cannot have the fields, unless it is the first.</summary>
    private bool SetFieldsWhere(ulong[] records, FieldsMode mode, Fields fields, IReadOnlyList<string> names)
    {
        if (!IsChange(mode, fields, names)) return false;
        for (int i = 0; i < records.Length; i++)
        {
            if (!SetFields(records[i], mode, fields, names)) return i > 0;
        }
        return true;
    }

    /// <summary>Records that expire at this time or before it.</summary>
    public IEnumerable<ulong> Due(long time) => Records.Select((record, id) => (record?.ExpiresAt, Id: (ulong)id)).Where(one => one.ExpiresAt <= time).Order().Select(one => one.Id);

    private bool Expire(long time)
    {
        ulong[] due = [.. Due(time).Take(1_000)];
        foreach (ulong id in due) Records[(int)id] = null;
        return due.Length > 0;
    }

    private static bool IsNoTime(long? microseconds) =>
        microseconds is { } time && (time < (DateTimeOffset.MinValue - DateTimeOffset.UnixEpoch).TotalMicroseconds || time > (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).TotalMicroseconds);

    private bool Put(VectorBlock vectors, ReadOnlyMemory<ulong> tags, IReadOnlyList<RecordAttributes> attributes, bool replace)
    {
        if (vectors.Dimension != dimension || vectors.Count != tags.Length || vectors.Count != attributes.Count) return false;
        if (schema.Metric == Metric.Cosine && Enumerable.Range(0, vectors.Count).Any(row => !IsNormalised(vectors, row))) return false;
        string[] keys = [.. attributes.Where(one => one.Key is not null).Select(one => one.Key!.ToString())];
        if (keys.Distinct().Count() < keys.Length || attributes.Any(one => one.Metadata is { Length: > 65_536 })) return false;
        if (!replace && keys.Any(key => Find(key) is not null)) return false;
        ulong first = (ulong)Records.Count;
        for (int row = 0; row < vectors.Count; row++)
        {
            int[] raw = new int[dimension];
            vectors.CopyRow(row, raw);
            RecordAttributes one = attributes[row];
            if (one.Key is not null && Find(one.Key.ToString()) is { } old)
            {
                Records[(int)old] = null;
                for (int i = 0; i < Nodes.Count; i++)
                {
                    if (Nodes[i] is { } node && node.Record == old) Nodes[i] = node with { Record = first + (ulong)row };
                }
            }
            Records.Add(new NaiveRecord(
                raw, tags.Span[row], one.Metadata?.ToArray(), one.Key?.ToString(), one.Fields.IsEmpty ? null : one.Fields.Canonical.ToArray(), one.ExpiresAtUnixMicroseconds));
        }
        return true;
    }

    /// <summary>The nodes of the kind 3 to which edges of the kind 1 lead from a document.</summary>
    private List<ulong> ChunksOf(ulong document) => [.. Edges.Where(edge => edge is { Kind: 1 } live && live.From == document && live.To != document
        && Nodes[(int)live.To] is { Kind: 3 }).Select(edge => edge!.Value.To).Distinct()];

    private HashSet<ulong> RecordsOf(IEnumerable<ulong> nodes) => [.. nodes.Where(node => Nodes[(int)node]!.Value.Record is { } record && IsLive(Records, record)).Select(node => Nodes[(int)node]!.Value.Record!.Value)];

    private ulong? FindNode(string key)
    {
        int found = Nodes.FindIndex(node => node is { } live && live.Key == key);
        return found < 0 ? null : (ulong)found;
    }

    /// <summary>The first of the records that a command that is accepted replaces, or deletes with a document, and how many they are.</summary>
    public (ulong First, int Count) ReplacedBy(Command command)
    {
        ulong[] replaced = command switch
        {
            PutRecords { Replace: true } put => [.. put.Attributes.Where(one => one.Key is not null).Select(one => Find(one.Key!.ToString())).Where(id => id is not null).Select(id => id!.Value)],
            PutDocument put => FindNode(put.Key.ToString()) is { } node ? [.. RecordsOf(ChunksOf(node)).Order()] : [],
            DeleteDocument(var document) => (document.Key is { } key ? FindNode(key.ToString()) : document.Id!.Value.Value) is { } node ? [.. RecordsOf([node, .. ChunksOf(node)]).Order()] : [],
            _ => [],
        };
        return replaced.Length == 0 ? default : (replaced[0], replaced.Length);
    }

    private bool PutDocument(PutDocument put)
    {
        ulong? existing = FindNode(put.Key.ToString());
        if (existing is { } conflict && (!put.Replace || Nodes[(int)conflict]!.Value.Kind != put.Kind.Value)) return false;
        List<ulong> chunks = existing is { } of ? ChunksOf(of) : [];
        HashSet<ulong> old = RecordsOf(chunks);
        string[] keys = [.. put.Attributes.Where(one => one.Key is not null).Select(one => one.Key!.ToString())];
        if (keys.Any(key => Find(key) is { } taken && !old.Contains(taken))) return false;
        NaiveModel copy = Copy();
        foreach (ulong chunk in chunks) copy.Execute(new DeleteNode(new NodeId(chunk)));
        foreach (ulong record in old.Where(record => Records[(int)record]!.Value.Key is not { } key || !keys.Contains(key))) copy.Records[(int)record] = null;
        byte[]? fields = put.Fields.IsEmpty ? null : put.Fields.Canonical.ToArray();
        if (existing is { } same) copy.Nodes[(int)same] = copy.Nodes[(int)same]!.Value with { Fields = fields };
        else copy.Nodes.Add(new NaiveNode(put.Kind.Value, null, fields, put.Key.ToString()));
        ulong document = existing ?? (ulong)copy.Nodes.Count - 1, firstRecord = (ulong)copy.Records.Count, firstNode = (ulong)copy.Nodes.Count;
        if (!copy.Put(put.Vectors, put.Tags, put.Attributes, replace: true)) return false;
        for (int i = 0; i < put.Vectors.Count; i++) copy.Nodes.Add(new NaiveNode(3, firstRecord + (ulong)i));
        for (int i = 0; i < put.Vectors.Count; i++) copy.Edges.Add(new NaiveEdge(document, firstNode + (ulong)i, 1));
        for (int i = 1; i < put.Vectors.Count && put.NextChunk is not null; i++) copy.Edges.Add(new NaiveEdge(firstNode + (ulong)i - 1, firstNode + (ulong)i, put.NextChunk.Value.Value));
        Become(copy);
        return true;
    }

    private bool DeleteDocument(NodeRef document)
    {
        if ((document.Key is { } key ? FindNode(key.ToString()) : document.Id!.Value.Value) is not { } node || !IsLive(Nodes, node)) return false;
        List<ulong> gone = [.. ChunksOf(node), node];
        foreach (ulong record in RecordsOf(gone)) Records[(int)record] = null;
        foreach (ulong one in gone) Execute(new DeleteNode(new NodeId(one)));
        return true;
    }

    private void Become(NaiveModel other)
    {
        Replace(Records, other.Records);
        Replace(Nodes, other.Nodes);
        Replace(Edges, other.Edges);

        static void Replace<T>(List<T> list, List<T> with)
        {
            list.Clear();
            list.AddRange(with);
        }
    }

    private List<ulong> Reach(List<ulong> starts, int depth, Traversal traversal)
    {
        List<ulong> order = [.. starts], frontier = starts, edges = EdgesTaken(traversal), nodes = NodesTaken(traversal.NodeKinds, traversal.NodeFilter);
        for (int level = 0; level < depth; level++)
        {
            List<ulong> next = [];
            foreach (ulong node in frontier)
            {
                foreach (NaiveEdge edge in edges.Select(id => Edges[(int)id]!.Value))
                {
                    if (edge.From == node && traversal.Direction != EdgeDirection.In) Meet(edge.To);
                    if (edge.To == node && traversal.Direction != EdgeDirection.Out) Meet(edge.From);
                }
            }
            order.AddRange(next);
            frontier = next;

            void Meet(ulong other)
            {
                if (!order.Contains(other) && !next.Contains(other) && nodes.Contains(other)) next.Add(other);
            }
        }
        return order;
    }

    private static bool IsLive<T>(List<T?> rows, ulong id) where T : struct => id < (ulong)rows.Count && rows[(int)id] is not null;
}
