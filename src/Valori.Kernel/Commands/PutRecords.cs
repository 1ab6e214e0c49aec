using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>
/// Inserts all of the vectors as new records with their attributes, in order, or none of them. There is one tag and one set of attributes for each vector.
/// </summary>
/// <param name="Replace">
/// What happens if a live record has the key of a new one. False: the command is refused. True: that record becomes a tombstone, and the
/// nodes that stood for it stand for the new one.
/// </param>
public sealed record PutRecords(VectorBlock Vectors, ReadOnlyMemory<ulong> Tags, IReadOnlyList<RecordAttributes> Attributes, bool Replace = false)
    : Command, IWireReadable<PutRecords>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<PutRecords, RecordsPut>(
        22, 8, new EventText(EventText.Of("record", "inserted")) { Replaced = EventText.Of("record", "upserted") }, EventCheck.WhenNamed, creates: ContentKind.Record);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (null, Vectors.Count);

    internal override long ContentBytes => Vectors.Raw.Length + (long)Tags.Length * sizeof(ulong) + Attributes.Sum(attributes => AttributesField.FlagBytes + attributes.ContentBytes);

    internal override string? MissingProperty =>
        Vectors is null ? nameof(Vectors) : Attributes is null || Attributes.Contains(null!) || Attributes.Any(attributes => attributes.Fields is null) ? nameof(Attributes) : null;

    /// <summary>The command that puts these records: <see cref="InsertRecords"/> if none has anything besides its vector and tag.</summary>
    public static Command Of(VectorBlock vectors, ReadOnlyMemory<ulong> tags, IReadOnlyList<RecordAttributes> attributes, bool replace = false) =>
        attributes.All(one => one.IsNone) && attributes.Count == vectors.Count ? new InsertRecords(vectors, tags) : new PutRecords(vectors, tags, attributes, replace);

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (InsertRecords.Check(Vectors, Tags, tables) is { } refusal) return refusal;
        if (Attributes.Count != Vectors.Count)
            return new Refusal(RefusalKind.InvalidArgument, $"expected attributes for each vector: {Vectors.Count} vectors, attributes for {Attributes.Count}");
        return CheckAttributes(tables) is { } wrong ? wrong : new RecordsPut(new RecordId(tables.RecordSlots), Vectors, Tags, Attributes, Replace);
    }

    internal override Command MapIds(IdMap map) => this;

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.Message(1, new VectorsField(Vectors));
        writer.UInt64s(2, Tags.Span);
        writer.Bool(3, Replace);
        foreach (RecordAttributes attributes in Attributes) writer.Message(4, attributes);
    }

    static PutRecords IWireReadable<PutRecords>.Read(ref WireReader reader)
    {
        VectorBlock vectors = reader.Message(1, VectorsField.Read);
        ReadOnlyMemory<ulong> tags = reader.UInt64s(2);
        bool replace = reader.Bool(3);
        return new PutRecords(vectors, tags, AttributesField.Read(ref reader, 4), replace);
    }

    internal override void AddTo(ref DigestMaterial digest)
    {
        new InsertRecords(Vectors, Tags).AddTo(ref digest);
        digest.Add([(byte)(Replace ? 1 : 0)]);
        foreach (RecordAttributes attributes in Attributes) AttributesField.AddTo(ref digest, attributes);
    }

    // Of a batch, the message says which record.
    private Refusal At(int i, Refusal refusal) => Attributes.Count == 1 ? refusal : refusal with { Message = $"record {i} of the batch: {refusal.Message}" };

    private Refusal? CheckAttributes(ITables tables)
    {
        HashSet<RecordKey>? keys = null;
        int nodesLeft = tables.MovableNodes;
        for (int i = 0; i < Attributes.Count; i++)
        {
            if (Attributes[i].Fault() is { } refusal) return At(i, refusal);
            if (Attributes[i].Key is not { } key) continue;
            if (!(keys ??= new HashSet<RecordKey>(Attributes.Count)).Add(key))
                return At(i, new Refusal(RefusalKind.InvalidArgument, $"the key {RecordKey.Show(key.Utf8)} appears twice: a batch has each key at most once"));
            if (tables.FindLive(key) is not { } id) continue;
            if (!Replace)
                return At(i, new Refusal(RefusalKind.Conflict, $"the key {RecordKey.Show(key.Utf8)} is already used by the record with id {id}: use upsert to replace it, or delete it first"));
            nodesLeft -= tables.CountNodes(id, nodesLeft + 1);
            if (nodesLeft < 0)
                return new Refusal(
                    RefusalKind.LimitExceeded,
                    $"more than {Limits.MaximumMovedNodes} nodes stand for the records that would be replaced, up to record {id}: replace fewer records at once, or delete some of its nodes");
        }
        return keys is null ? null : tables.CheckReplacing(keys.Count) ?? tables.CheckNewKeys(keys.Count);
    }
}

/// <summary>Records with the ids <c>FirstId, FirstId + 1, ...</c> were created, and those that had their keys were replaced.</summary>
public sealed record RecordsPut(RecordId FirstId, VectorBlock Vectors, ReadOnlyMemory<ulong> Tags, IReadOnlyList<RecordAttributes> Attributes, bool Replace)
    : Event, IWireReadable<RecordsPut>
{
    internal override CommandKind CommandKind => PutRecords.ThisKind;

    internal override EventManner Manner => Replace ? EventManner.Replaced : EventManner.Usual;

    internal override (ulong First, int Count) Ids => (FirstId.Value, Vectors.Count);

    internal override Command Command => new PutRecords(Vectors, Tags, Attributes, Replace);

    internal override (ulong First, int Count) ReplacedBy(KernelTables tables)
    {
        (ulong first, int count) = (0, 0);
        foreach (RecordAttributes attributes in Replace ? Attributes : [])
        {
            if (attributes.Key is { } key && tables.FindLive(key) is { } id) first = count++ == 0 ? id.Value : first;
        }
        return (first, count);
    }

    internal override void Apply(ITables tables) => tables.PutRecords(Vectors, Tags, Attributes);

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, FirstId.Value);
        writer.Message(2, new VectorsField(Vectors));
        writer.UInt64s(3, Tags.Span);
        writer.Bool(4, Replace);
        foreach (RecordAttributes attributes in Attributes) writer.Message(5, attributes);
    }

    static RecordsPut IWireReadable<RecordsPut>.Read(ref WireReader reader)
    {
        RecordId first = new(reader.UInt64(1));
        VectorBlock vectors = reader.Message(2, VectorsField.Read);
        ReadOnlyMemory<ulong> tags = reader.UInt64s(3);
        bool replace = reader.Bool(4);
        return new RecordsPut(first, vectors, tags, AttributesField.Read(ref reader, 5), replace);
    }
}
