using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Sets the metadata of a record and replaces what it had. Empty metadata differs from none.</summary>
public sealed record SetMetadata(RecordId Id, ReadOnlyMemory<byte> Metadata) : Command, IWireReadable<SetMetadata>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<SetMetadata, MetadataSet>(
        13, 3,
        EventText.OfPart("metadata of record", "metadata", "set"),
        EventCheck.Never, addsContent: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Id.Value, 0);

    internal override long ContentBytes => Metadata.Length;

    internal override Outcome<Event> Decide(ITables tables) =>
        (tables.CheckRecord(Id) ?? Limits.CheckMetadata(Metadata.Length)) is { } refusal ? refusal : new MetadataSet(Id, Metadata);

    internal override Command MapIds(IdMap map) => this with { Id = map.Record(1, "record_id", Id) };

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.Bytes(2, Metadata.Span);
    }

    static SetMetadata IWireReadable<SetMetadata>.Read(ref WireReader reader) => new(new RecordId(reader.UInt64(1)), reader.Bytes(2));

    internal override void AddTo(ref DigestMaterial digest)
    {
        digest.Add(Id.Value);
        digest.Add(Metadata.Span);
    }
}

/// <summary>The record's metadata was set.</summary>
public sealed record MetadataSet(RecordId Id, ReadOnlyMemory<byte> Metadata) : Event, IWireReadable<MetadataSet>
{
    internal override CommandKind CommandKind => SetMetadata.ThisKind;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new SetMetadata(Id, Metadata);

    internal override void Apply(ITables tables) => tables.SetMetadata(Id, Metadata.ToArray());

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.Bytes(2, Metadata.Span);
    }

    static MetadataSet IWireReadable<MetadataSet>.Read(ref WireReader reader) => new(new RecordId(reader.UInt64(1)), reader.Bytes(2));
}
