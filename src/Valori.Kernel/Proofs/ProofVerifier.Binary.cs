using System.Buffers.Binary;

namespace Valori;

/// <content>The binary forms (section 15 of docs/formats.md in Valori's repository).</content>
public static partial class ProofVerifier
{
    private static InclusionParts ReadInclusionBytes(ReadOnlySpan<byte> proof, out Refusal? refusal)
    {
        InclusionParts parts = new();
        ByteReader reader = new(proof, "the proof");
        parts.Version = ReadHead(ref reader, "VALORIIP"u8, "an inclusion proof", SchemaFormatVersion);
        byte kind = reader.ReadU8("kind");
        if (kind is < (byte)LeafKind.Record or > (byte)LeafKind.Edge)
            reader.Refuse($"expected kind 1 (record), 2 (node) or 3 (edge), found {kind}");
        parts.Kind = (LeafKind)kind;
        parts.Dimension = reader.ReadU32("dimension");
        if (parts.HasMetric) (parts.Metric, parts.ScaleExponent) = (reader.ReadU8("metric"), (sbyte)reader.ReadU8("scale exponent"));
        if (CheckSchema(parts) is { } wrong) reader.Refuse(wrong.Message);
        for (int tree = 0; tree < TreeNames.Length; tree++) parts.Counts[tree] = reader.ReadU64("count");
        for (int tree = 0; tree < TreeNames.Length; tree++)
        {
            if (tree != parts.OwnTree) parts.Roots[tree] = reader.ReadDigest("root");
        }
        parts.Leaf = reader.Read(reader.ReadU32("length of the leaf"), "leaf");
        parts.Path = reader.ReadPath("path");
        reader.ReadEnd();
        refusal = reader.Refusal;
        return parts;
    }

    private static HistoryParts ReadHistoryBytes(ReadOnlySpan<byte> proof, out Refusal? refusal)
    {
        ByteReader reader = new(proof, "the proof");
        ReadHead(ref reader, "VALORIHP"u8, "a history proof", FormatVersion);
        // In the order of the bytes: initializers run in the order in which they stand.
        HistoryParts parts = new()
        {
            From = (long)reader.ReadU64("from"),
            To = (long)reader.ReadU64("to"),
            PreviousChainFrom = reader.ReadDigest("previous chain value of from"),
            PreviousChainTo = reader.ReadDigest("previous chain value of to"),
            InclusionFrom = reader.ReadPath("inclusion path of from"),
            InclusionTo = reader.ReadPath("inclusion path of to"),
            Consistency = reader.ReadPath("consistency proof"),
        };
        reader.ReadEnd();
        refusal = reader.Refusal;
        return parts;
    }

    private static uint ReadHead(ref ByteReader reader, ReadOnlySpan<byte> magic, string what, uint newestVersion)
    {
        ReadOnlySpan<byte> found = reader.Read((uint)magic.Length, "magic");
        if (!found.SequenceEqual(magic))
            reader.Refuse($"expected {what} (magic {Convert.ToHexStringLower(magic)}), found {Convert.ToHexStringLower(found)}");
        uint version = reader.ReadU32("version");
        if (CheckVersion(version, newestVersion) is { } wrong) reader.Refuse(wrong.Message);
        return version;
    }

    /// <summary>
    /// Reads bytes front to back. The first refusal stays, and from then on everything reads as zeros and empty, so that the caller
    /// asks once, at the end.
    /// </summary>
    private ref struct ByteReader(ReadOnlySpan<byte> bytes, string whole)
    {
        private ReadOnlySpan<byte> _rest = bytes;
        private readonly int _length = bytes.Length;

        public Refusal? Refusal { get; private set; }

        public void Refuse(string message) => Refusal ??= Invalid(message);

        public ReadOnlySpan<byte> Read(uint length, string what)
        {
            if (length > (uint)_rest.Length)
                Refuse($"expected {length} bytes of {what} at offset {_length - _rest.Length} of {whole}, found {_rest.Length}");
            if (Refusal is not null) return default;
            ReadOnlySpan<byte> read = _rest[..(int)length];
            _rest = _rest[(int)length..];
            return read;
        }

        public byte ReadU8(string what) => Read(1, what) is [byte value] ? value : (byte)0;

        public ushort ReadU16(string what) =>
            Read(sizeof(ushort), what) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

        public uint ReadU32(string what) =>
            Read(sizeof(uint), what) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

        public ulong ReadU64(string what) =>
            Read(sizeof(ulong), what) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

        public Digest ReadDigest(string what) =>
            Read(Digest.SizeBytes, what) is { IsEmpty: false } bytes ? Digest.Read(bytes) : default;

        public bool ReadMark(string what)
        {
            byte mark = ReadU8(what);
            if (mark > 1) Refuse($"expected a {what}, found {mark}");
            return mark == 1;
        }

        public ReadOnlySpan<byte> ReadPath(string what)
        {
            byte length = ReadU8($"length of the {what}");
            return Read((uint)length * Digest.SizeBytes, what);
        }

        public void ReadEnd()
        {
            if (_rest.Length > 0)
                Refuse($"expected the end of {whole} at offset {_length - _rest.Length}, found {_rest.Length} more bytes");
        }
    }
}
