using Valori.Actors.Protocol;
using Valori.Kernel;
using Valori.Kernel.Blake3;
using Valori.Kernel.Vectors;
using Proto = Valori.Actors.Entries.JournalProto;

namespace Valori.Actors.Entries;

/// <summary>
/// Reads entries of inserted records, one or several, without copying their vectors: the generated parser gives every byte field an array of
/// its own, whose fresh pages took an eighth of a replay. What is not plainly such an entry is left to that parser; the
/// check of the canonical form comes behind either.
/// </summary>
internal static class RecordsEntryReader
{
    /// <summary>
    /// The entry, with vectors that are a part of the payload; null where it is malformed, or holds anything but inserted
    /// records.
    /// </summary>
    /// <exception cref="ArgumentException">The fields do not hold what they must.</exception>
    public static JournalEntry? TryRead(ReadOnlyMemory<byte> payload)
    {
        if (ReadEntry(payload) is not { } entry) return null;
        List<Change> changes = [];
        if (entry.Changes is { } several)
        {
            Fields fields = new(several);
            while (fields.Next(out int number))
            {
                if (number != Proto.Changes.Changes_FieldNumber || !fields.IsBytes || ReadEntry(fields.Bytes) is not { Changes: null } part || ReadChange(part) is not { } change)
                    return null;
                changes.Add(change);
            }
            if (fields.IsMalformed || changes.Count == 0) return null;
        }
        else if (ReadChange(entry) is { } only)
        {
            changes.Add(only);
        }
        else
        {
            return null;
        }
        return new JournalEntry(new KernelChanged(changes), entry.Time, Digest.Read(entry.StateHash.Span), Digest.Read(entry.Chain.Span))
        {
            HasRequestsCheck = entry.RequestsCheck != 0,
        };
    }

    private static Entry? ReadEntry(ReadOnlyMemory<byte> message)
    {
        Entry entry = default;
        Fields fields = new(message);
        while (fields.Next(out int number))
        {
            switch (number)
            {
                case Proto.Entry.UnixMicrosecondsFieldNumber when fields.IsFixed64: entry.Time = fields.Fixed64; break;
                case Proto.Entry.StateHashFieldNumber when fields.IsBytes: entry.StateHash = fields.Bytes; break;
                case Proto.Entry.ChainFieldNumber when fields.IsBytes: entry.Chain = fields.Bytes; break;
                case Proto.Entry.RequestIdFieldNumber when fields.IsBytes: entry.Request = fields.Bytes; break;
                case Proto.Entry.RequestsCheckFieldNumber when fields.IsFixed64: entry.RequestsCheck = fields.Fixed64; break;
                case Proto.Entry.RecordsInsertedFieldNumber when fields.IsBytes: entry.Records = fields.Bytes; break;
                case Proto.Entry.ChangesFieldNumber when fields.IsBytes: entry.Changes = fields.Bytes; break;
                default: return null;
            }
        }
        return fields.IsMalformed ? null : entry;
    }

    private static Change? ReadChange(in Entry entry)
    {
        if (entry.Records.IsEmpty || ReadRecords(entry.Records) is not { } inserted) return null;
        RequestId? id = entry.Request.IsEmpty ? null : RequestId.Parse(System.Text.Encoding.UTF8.GetString(entry.Request.Span));
        return new Change(inserted, id);
    }

    private static RecordsInserted? ReadRecords(ReadOnlyMemory<byte> message)
    {
        ulong firstId = 0;
        ReadOnlyMemory<byte> vectors = default, tags = default;
        Fields fields = new(message);
        while (fields.Next(out int number))
        {
            switch (number)
            {
                case Proto.RecordsInserted.FirstIdFieldNumber when fields.IsVarint: firstId = fields.Varint; break;
                case Proto.RecordsInserted.VectorsFieldNumber when fields.IsBytes: vectors = fields.Bytes; break;
                case Proto.RecordsInserted.TagsFieldNumber when fields.IsBytes: tags = fields.Bytes; break;
                default: return null;
            }
        }
        return !fields.IsMalformed && ReadVectors(vectors) is { } block
            ? new RecordsInserted(new RecordId(firstId), block, JournalCodec.FromBytes(tags.Span))
            : null;
    }

    private static VectorBlock? ReadVectors(ReadOnlyMemory<byte> message)
    {
        ulong dimension = 0;
        ReadOnlyMemory<byte>? narrow = null, wide = null;
        Fields fields = new(message);
        while (fields.Next(out int number))
        {
            switch (number)
            {
                case Proto.Vectors.DimensionFieldNumber when fields.IsVarint: dimension = fields.Varint; break;
                case Proto.Vectors.Raw16FieldNumber when fields.IsBytes: narrow = fields.Bytes; break;
                case Proto.Vectors.Raw32FieldNumber when fields.IsBytes: wide = fields.Bytes; break;
                default: return null;
            }
        }
        if (fields.IsMalformed || narrow is null == wide is null) return null;
        return VectorBlock.FromRaw((int)Math.Min(dimension, int.MaxValue), narrow is not null, (narrow ?? wide)!.Value);
    }

    /// <summary>The fields of an entry that are looked at; of several the last one, as protobuf has it.</summary>
    private struct Entry
    {
        public long Time, RequestsCheck;
        public ReadOnlyMemory<byte> StateHash, Chain, Request, Records;
        public ReadOnlyMemory<byte>? Changes;
    }

    /// <summary>The fields of one protobuf message, in the order in which they stand.</summary>
    private ref struct Fields(ReadOnlyMemory<byte> message)
    {
        private const int VarintType = 0, Fixed64Type = 1, BytesType = 2;

        private int _position;
        private int _type;

        public readonly bool IsVarint => _type == VarintType;

        public readonly bool IsFixed64 => _type == Fixed64Type;

        public readonly bool IsBytes => _type == BytesType;

        public ulong Varint { get; private set; }

        public long Fixed64 { get; private set; }

        public ReadOnlyMemory<byte> Bytes { get; private set; }

        /// <summary>Whether the message ended in a field that it does not hold whole, or in one of another type.</summary>
        public bool IsMalformed { get; private set; }

        public bool Next(out int number)
        {
            number = 0;
            if (_position == message.Length || IsMalformed) return false;
            if (!TryVarint(out ulong tag) || tag > int.MaxValue) return Malformed();
            number = (int)(tag >> 3);
            _type = (int)(tag & 7);
            switch (_type)
            {
                case VarintType:
                    if (!TryVarint(out ulong value)) return Malformed();
                    Varint = value;
                    return true;
                case Fixed64Type:
                    if (message.Length - _position < sizeof(long)) return Malformed();
                    Fixed64 = System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(message.Span[_position..]);
                    _position += sizeof(long);
                    return true;
                case BytesType:
                    if (!TryVarint(out ulong length) || length > (ulong)(message.Length - _position)) return Malformed();
                    Bytes = message.Slice(_position, (int)length);
                    _position += (int)length;
                    return true;
                default:
                    return Malformed();
            }
        }

        private bool Malformed()
        {
            IsMalformed = true;
            return false;
        }

        private bool TryVarint(out ulong value)
        {
            value = 0;
            ReadOnlySpan<byte> bytes = message.Span;
            for (int shift = 0; shift < 64 && _position < bytes.Length; shift += 7)
            {
                byte next = bytes[_position++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return true;
            }
            return false;
        }
    }
}
