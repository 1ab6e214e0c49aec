using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;

namespace Valori.Kernel.Proximity;

/// <summary>
/// A graph as bytes, and its digest (section 18 of docs/formats.md in Valori's repository): a head, then what the digest covers, then the
/// digest, then the calibration, then a seal over the head, the digest and the calibration. A reader believes nothing.
/// </summary>
internal static unsafe class ProximityFile
{
    /// <summary>Magic, version, state hash.</summary>
    public const int HeadBytes = 8 + sizeof(uint) + Digest.SizeBytes;

    // Schema, parameters, boundary, vertices, step, largest norm: centers follow.
    private const int FixedBytes = 6 + ProximityParameters.EncodedBytes + sizeof(ulong) + sizeof(int) + sizeof(int) + sizeof(long);
    private const uint Version = 2;
    private const int BufferBytes = 1 << 17;

    // What was wanted, and what each beam found.
    private static readonly int CalibrationBytes = sizeof(int) * (1 + RecallCalibration.Beams.Length);

    private static readonly HashContext ContentContext = new("Valori 2026-11-28 v1 proximity graph");
    private static readonly HashContext SealContext = new("Valori 2026-11-28 v1 proximity graph file");

    private static ReadOnlySpan<byte> Magic => "VALPROX\n"u8;

    /// <summary>The digest of a graph's content.</summary>
    public static Digest DigestOf(ProximityGraph graph)
    {
        StreamHasher hasher = ContentContext.NewHasher();
        WriteContent(graph, bytes => hasher.Update(bytes));
        return hasher.Finalize();
    }

    /// <summary>Writes a graph.</summary>
    public static void Write(ProximityGraph graph, Stream stream)
    {
        byte[] head = new byte[HeadBytes];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), Version);
        graph.StateHash.CopyTo(head.AsSpan(12));
        stream.Write(head);
        WriteContent(graph, stream.Write);
        stream.Write(graph.Digest.ToArray());
        byte[] calibration = BytesOf(graph.Calibration);
        stream.Write(calibration);
        stream.Write(SealOf(head, graph.Digest, calibration).ToArray());
        GC.KeepAlive(graph);
    }

    /// <summary>Reads a graph to the end of the stream, and compares its digest.</summary>
    /// <param name="stream">Can tell its length.</param>
    /// <param name="source">The name used in errors: a file's path.</param>
    /// <exception cref="CorruptionException">The bytes are damaged, truncated, or not a graph.</exception>
    public static ProximityGraph Read(Stream stream, string source)
    {
        Reader reader = new(stream, source);
        byte[] head = reader.Take(HeadBytes).ToArray();
        if (!head.AsSpan(0, Magic.Length).SequenceEqual(Magic))
            throw new CorruptionException(source, 0, "a proximity graph", $"bytes that begin with {Convert.ToHexStringLower(head.AsSpan(0, Magic.Length))}");
        if (BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8)) is var version && version != Version)
            throw new CorruptionException(source, 8, $"version {Version} of the format", $"version {version}");
        reader.BeginHashing();
        ProximityGraph graph = ReadHeader(reader, Digest.Read(head.AsSpan(12)));
        reader.Read(MemoryMarshal.AsBytes(graph.Ids.AsSpan()));
        CheckIds(graph, reader);
        ReadVertices(graph, reader);
        ReadUpper(graph, reader);
        Digest digest = reader.FinishHashing();
        long place = reader.Position;
        Digest written = Digest.Read(reader.Take(Digest.SizeBytes));
        if (written != digest) throw new CorruptionException(source, place, $"digest {digest}, that of the bytes before", written.ToString());
        byte[] calibration = reader.Take(CalibrationBytes).ToArray();
        place = reader.Position;
        Digest seal = SealOf(head, digest, calibration), writtenSeal = Digest.Read(reader.Take(Digest.SizeBytes));
        if (writtenSeal != seal) throw new CorruptionException(source, place, $"seal {seal}, that of head, digest and calibration", writtenSeal.ToString());
        graph.Digest = digest;
        graph.Calibration = CalibrationOf(calibration);
        GC.KeepAlive(graph);
        return graph;
    }

    private static Digest SealOf(ReadOnlySpan<byte> head, Digest digest, ReadOnlySpan<byte> calibration)
    {
        Span<byte> bytes = stackalloc byte[HeadBytes + Digest.SizeBytes + CalibrationBytes];
        head.CopyTo(bytes);
        digest.CopyTo(bytes[HeadBytes..]);
        calibration.CopyTo(bytes[(HeadBytes + Digest.SizeBytes)..]);
        return SealContext.Hash(bytes);
    }

    private static byte[] BytesOf(RecallCalibration calibration)
    {
        byte[] bytes = new byte[CalibrationBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, calibration.Wanted);
        MemoryMarshal.AsBytes(calibration.Found.AsSpan()).CopyTo(bytes.AsSpan(sizeof(int)));
        return bytes;
    }

    private static RecallCalibration CalibrationOf(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt32LittleEndian(bytes), MemoryMarshal.Cast<byte, int>(bytes[sizeof(int)..]).ToArray());

    private static void WriteContent(ProximityGraph graph, WriteBytes write)
    {
        byte[] header = new byte[FixedBytes + graph.Scale.Components * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(header, graph.Schema.Dimension);
        (header[4], header[5]) = ((byte)graph.Schema.Metric, (byte)graph.Schema.ScaleExponent);
        Span<byte> rest = header.AsSpan(6);
        graph.Parameters.Write(rest);
        rest = rest[ProximityParameters.EncodedBytes..];
        BinaryPrimitives.WriteUInt64LittleEndian(rest, graph.Boundary);
        BinaryPrimitives.WriteInt32LittleEndian(rest[8..], graph.Count);
        BinaryPrimitives.WriteInt32LittleEndian(rest[12..], graph.Scale.Step);
        BinaryPrimitives.WriteInt64LittleEndian(rest[16..], graph.Scale.LargestSquaredNorm);
        MemoryMarshal.AsBytes(graph.Scale.Center.AsSpan()).CopyTo(rest[24..]);
        write(header);
        write(MemoryMarshal.AsBytes(graph.Ids.AsSpan()));
        // Without what pads a vertex to a cache line.
        int vertexBytes = VertexBytes(graph), together = Math.Max(1, BufferBytes / graph.Stride);
        byte[] buffer = new byte[(long)vertexBytes * Math.Min(together, graph.Count)];
        for (int first = 0; first < graph.Count; first += together)
        {
            int count = Math.Min(together, graph.Count - first);
            for (int i = 0; i < count; i++) graph.Vertices.Span((long)(first + i) * graph.Stride, vertexBytes).CopyTo(buffer.AsSpan(i * vertexBytes));
            write(buffer.AsSpan(0, count * vertexBytes));
        }
        for (long start = 0; start < graph.UpperLists.Bytes; start += BufferBytes)
            write(graph.UpperLists.Span(start, (int)Math.Min(BufferBytes, graph.UpperLists.Bytes - start)));
    }

    private static ProximityGraph ReadHeader(Reader reader, Digest stateHash)
    {
        long place = reader.Position;
        byte[] header = reader.Take(FixedBytes).ToArray();
        int dimension = BinaryPrimitives.ReadInt32LittleEndian(header);
        (Metric metric, int scaleExponent) = ((Metric)header[4], (sbyte)header[5]);
        if (EngineSchema.Check(dimension, metric, scaleExponent) is { } noSchema) throw reader.Wrong(place, "a schema that there can be", noSchema.Message);
        ReadOnlySpan<byte> rest = header.AsSpan(6);
        ProximityParameters parameters = ProximityParameters.Read(rest);
        if (parameters.Check() is { } noParameters) throw reader.Wrong(place + 6, "parameters that there can be", noParameters.Message);
        rest = rest[ProximityParameters.EncodedBytes..];
        place += 6 + ProximityParameters.EncodedBytes;
        ulong boundary = BinaryPrimitives.ReadUInt64LittleEndian(rest);
        int count = BinaryPrimitives.ReadInt32LittleEndian(rest[8..]), step = BinaryPrimitives.ReadInt32LittleEndian(rest[12..]);
        long largest = BinaryPrimitives.ReadInt64LittleEndian(rest[16..]);
        if (boundary > Limits.MaximumRecords) throw reader.Wrong(place, $"a boundary of at most {Limits.MaximumRecords}", $"{boundary}");
        if (count < 0 || (ulong)count > boundary) throw reader.Wrong(place + 8, $"0 to {boundary} vertices", $"{count}");
        if (step < 1) throw reader.Wrong(place + 12, "a step of at least 1", $"{step}");
        if (largest is < 0 or >= Limits.SquaredNormLimit) throw reader.Wrong(place + 16, "a squared norm", $"{largest}");

        EngineSchema schema = new(dimension, metric, scaleExponent);
        int components = CodeScale.ComponentsOf(schema);
        long vertexBytes = CodeScale.BytesOf(components) + (long)parameters.Degree * sizeof(uint);
        long expected = reader.Position + (long)components * sizeof(int) + count * (sizeof(uint) + vertexBytes)
            + (long)ProximityGraph.UpperCountOf(count) * parameters.Degree * sizeof(uint) + 2 * Digest.SizeBytes + CalibrationBytes;
        if (expected != reader.Length) throw reader.Wrong(place + 8, $"{expected} bytes for {count} vertices", $"{reader.Length} bytes");
        int[] center = new int[components];
        reader.Read(MemoryMarshal.AsBytes(center.AsSpan()));
        return new ProximityGraph(schema, parameters, boundary, stateHash, new CodeScale(center, step, largest), count);
    }

    private static void CheckIds(ProximityGraph graph, Reader reader)
    {
        long place = reader.Position - (long)graph.Count * sizeof(uint);
        ulong previous = 0;
        for (int vertex = 0; vertex < graph.Count; vertex++)
        {
            uint id = graph.Ids[vertex];
            ulong order = ProximityBuilder.Mixed(id);
            if (id >= graph.Boundary || (vertex > 0 && order <= previous)) throw reader.Wrong(place + (long)vertex * sizeof(uint), $"ids below {graph.Boundary} in the order of vertices", $"{id}");
            previous = order;
        }
    }

    private static void ReadVertices(ProximityGraph graph, Reader reader)
    {
        int vertexBytes = VertexBytes(graph);
        for (int vertex = 0; vertex < graph.Count; vertex++)
        {
            long place = reader.Position;
            Span<byte> bytes = graph.Vertices.Span((long)vertex * graph.Stride, vertexBytes);
            reader.Read(bytes);
            int wrong = bytes[..graph.CodeBytes].IndexOfAnyInRange((byte)(CodeScale.LargestCode + 1), byte.MaxValue);
            if (wrong >= 0) throw reader.Wrong(place + wrong, $"a code of at most {CodeScale.LargestCode}", $"{bytes[wrong]}");
            CheckList(reader, place + graph.CodeBytes, graph.Neighbours(vertex), graph.Count);
        }
    }

    private static void ReadUpper(ProximityGraph graph, Reader reader)
    {
        for (int vertex = 0; vertex < graph.UpperCount; vertex++)
        {
            long place = reader.Position;
            Span<uint> list = graph.UpperNeighbours(vertex);
            reader.Read(MemoryMarshal.AsBytes(list));
            CheckList(reader, place, list, graph.UpperCount);
        }
    }

    /// <summary>Walks rely on it: they look up what is in a list without a further check.</summary>
    private static void CheckList(Reader reader, long place, ReadOnlySpan<uint> list, int vertices)
    {
        int end = list.IndexOf(ProximityGraph.NoVertex);
        if (end < 0) end = list.Length;
        int wrong = list[..end].IndexOfAnyInRange((uint)vertices, uint.MaxValue);
        if (wrong < 0 && list[end..].IndexOfAnyExcept(ProximityGraph.NoVertex) is >= 0 and var after) wrong = end + after;
        if (wrong >= 0) throw reader.Wrong(place + (long)wrong * sizeof(uint), $"a neighbour below {vertices}, or none after the last one", $"{list[wrong]}");
    }

    private static int VertexBytes(ProximityGraph graph) => graph.CodeBytes + graph.Parameters.Degree * sizeof(uint);

    private delegate void WriteBytes(ReadOnlySpan<byte> bytes);

    /// <summary>Reads through a buffer, knows where it is, and hashes what passes.</summary>
    private sealed class Reader(Stream stream, string source)
    {
        private readonly byte[] _buffer = new byte[BufferBytes];
        private StreamHasher _hasher = ContentContext.NewHasher();
        private int _start;
        private int _end;
        private int _hashed;
        private bool _isHashing;

        public long Position { get; private set; }

        public long Length { get; } = stream.Length - stream.Position;

        public void BeginHashing() => (_isHashing, _hashed) = (true, _start);

        public Digest FinishHashing()
        {
            _hasher.Update(_buffer.AsSpan(_hashed, _start - _hashed));
            _isHashing = false;
            return _hasher.Finalize();
        }

        /// <summary>At most as many bytes as the buffer has. To be used before the next call.</summary>
        public ReadOnlySpan<byte> Take(int bytes)
        {
            if (_end - _start < bytes) Fill(bytes);
            Position += bytes;
            _start += bytes;
            return _buffer.AsSpan(_start - bytes, bytes);
        }

        public void Read(Span<byte> destination)
        {
            while (destination.Length > 0)
            {
                int part = Math.Min(destination.Length, Math.Max(1, _end - _start));
                Take(part).CopyTo(destination);
                destination = destination[part..];
            }
        }

        public CorruptionException Wrong(long place, string expected, string found) => new(source, place, expected, found);

        private void Fill(int bytes)
        {
            if (_isHashing) _hasher.Update(_buffer.AsSpan(_hashed, _start - _hashed));
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = _hashed = 0;
            int read = stream.ReadAtLeast(_buffer.AsSpan(_end), bytes - _end, throwOnEndOfStream: false);
            _end += read;
            if (_end < bytes) throw new CorruptionException(source, Position + _end, $"{bytes - _end} more bytes", "the end of the file (it is truncated)");
        }
    }
}
