using System.Buffers.Binary;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Kernel.Commands;

/// <summary>The attributes of new records in messages and in the digest of a command.</summary>
internal static class AttributesField
{
    private const byte HasMetadata = 8;

    /// <summary>Bytes of a record in the digest besides <see cref="RecordAttributes.ContentBytes"/>, if it has no attributes.</summary>
    public const int FlagBytes = 1;

    /// <summary>One message a record, until another field follows.</summary>
    public static List<RecordAttributes> Read(ref WireReader reader, int number)
    {
        List<RecordAttributes> attributes = [];
        while (reader.OptionalMessage(number, RecordAttributes.Read) is { } one) attributes.Add(one);
        return attributes;
    }

    /// <summary>The record that a command names in its fields 1 and 2: by its id or by its key.</summary>
    /// <exception cref="FormatException">By neither, or by both.</exception>
    public static RecordRef ReadRecord(ref WireReader reader)
    {
        RecordId? id = reader.OptionalUInt64(1) is { } number ? new RecordId(number) : null;
        RecordKey? key = reader.OptionalRecordKey(2);
        if (id is null == key is null) throw new FormatException("a record is named by its id or by its key, one of them");
        return key is not null ? key : id!.Value;
    }

    /// <summary>
    /// The packed form (section 3 of docs/formats.md in Valori's repository) with the metadata after it: <c>u32 length, bytes</c>, and 8 in
    /// the flags.
    /// </summary>
    public static void AddTo(ref DigestMaterial digest, RecordAttributes attributes)
    {
        ReadOnlySpan<byte> key = attributes.Key is { } named ? named.Utf8 : [];
        ReadOnlySpan<byte> fields = attributes.Fields.IsEmpty ? [] : attributes.Fields.Canonical.Span;
        Span<byte> number = stackalloc byte[sizeof(long)];
        digest.Add(
        [
            (byte)((key.IsEmpty ? 0 : PackedAttributes.HasKey) | (fields.IsEmpty ? 0 : PackedAttributes.HasFields)
                | (attributes.ExpiresAtUnixMicroseconds is null ? 0 : PackedAttributes.HasExpiry) | (attributes.Metadata is null ? 0 : HasMetadata)),
        ]);
        if (!key.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(number, (ushort)key.Length);
            digest.Add(number[..sizeof(ushort)]);
            digest.Add(key);
        }
        if (!fields.IsEmpty)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, fields.Length);
            digest.Add(number[..sizeof(int)]);
            digest.Add(fields);
        }
        if (attributes.ExpiresAtUnixMicroseconds is { } expiry) digest.Add((ulong)expiry);
        if (attributes.Metadata is not { } metadata) return;
        BinaryPrimitives.WriteInt32LittleEndian(number, metadata.Length);
        digest.Add(number[..sizeof(int)]);
        digest.Add(metadata.Span);
    }
}
