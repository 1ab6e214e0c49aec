using System.Buffers.Binary;
using Valori.Fuzz.Corpus;
using Valori.Kernel;
using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Fuzz.Targets;

/// <summary>
/// Snapshots (docs/formats.md, section 12), from a file or an upload. Three times over: as they are, where nothing that was
/// changed may be taken; with the digests put right, so that the decoder behind them meets the change; and with the state hash
/// put right too, so that what decodes is taken. Declared: <see cref="CorruptionException"/>.
/// </summary>
internal static class SnapshotTarget
{
    private const string Source = "fuzz";
    private const int StateHashOffset = 64;

    // Constant: three readers' buffers of 256 KiB three times, the first block of vectors (4 MiB at most) and the first segment
    // (2 to 4 MiB). Factor: a record costs at least two bits of a snapshot, and in memory a row of a segment, most of all where
    // one live record in a block makes its column; a tombstone takes 88 bytes.
    public static readonly FuzzTarget Target = new(
        "snapshot", Attack, new Lazy<IReadOnlyList<byte[]>>(Corpus), Syntax.Binary, new AllocationBound(Allocating.WholeProcess, 32 << 20, 2_000), Rounds: 800)
    {
        HotOffsets = [16, SnapshotHeader.SizeBytes, SnapshotHeader.SizeBytes + 28, SnapshotSeal.Version1HeaderBytes],
    };

    public static void Attack(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        if (Read(bytes) is { Content: { } content })
        {
            CheckWrittenAgain(bytes, content);
            Verdict.Accepted();
            return;
        }
        if (SnapshotSeal.Seal(bytes) is not { } isSealed) return;
        (SnapshotContent? taken, CorruptionException? refused) = Read(isSealed);
        if (refused is { Position: StateHashOffset })
        {
            isSealed = SnapshotSeal.Seal(isSealed, DecodedStateHash(isSealed))!;
            (taken, refused) = Read(isSealed);
            BrokenPromiseException.ThrowIf(taken is null, $"decoded, and refused with the state hash that it decodes to: {refused?.Message}");
        }
        if (taken is null) return;
        CheckWrittenAgain(isSealed, taken);
        Verdict.Accepted();
    }

    private static (SnapshotContent? Content, CorruptionException? Refused) Read(byte[] bytes)
    {
        bool areBytesRight = Holds(() => SnapshotReader.VerifyBytes(new MemoryStream(bytes), Source));
        bool isHeaderRight = Holds(() => SnapshotReader.ReadHeader(new MemoryStream(bytes), Source));
        try
        {
            SnapshotContent content = SnapshotReader.Read(new MemoryStream(bytes), Source);
            BrokenPromiseException.ThrowIf(!areBytesRight || !isHeaderRight, "read, and its bytes are refused");
            return (content, null);
        }
        catch (CorruptionException e)
        {
            return (null, e);
        }
    }

    private static bool Holds(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (CorruptionException)
        {
            return false;
        }
    }

    private static Digest DecodedStateHash(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        SnapshotHeader header = SnapshotReader.ReadHeader(stream, Source);
        SnapshotBodyReader body = new(stream, header.EncodedBytes, Source);
        return ValoriKernel.Decode(body, header.Version).StateHash;
    }

    /// <summary>Equal content leads to equal bytes after the header; only the writer uses 4 bytes a component when 2 would do.</summary>
    private static void CheckWrittenAgain(byte[] bytes, SnapshotContent content)
    {
        SnapshotHeader header = content.Header.HistoryFrontier is null
            ? content.Header with { SequenceNr = 0, HistoryFrontier = new Digest[64] }
            : content.Header;
        using MemoryStream stream = new();
        SnapshotWriter.Write(stream, content.Kernel.TakeView(), header);
        byte[] again = stream.ToArray();
        ReadOnlySpan<byte> body = bytes.AsSpan(content.Header.EncodedBytes), bodyAgain = again.AsSpan(SnapshotHeader.SizeBytes);
        if (body.SequenceEqual(bodyAgain)) return;
        BrokenPromiseException.ThrowIf(bodyAgain.Length >= body.Length, "the content of a snapshot has two forms of one length");
        BrokenPromiseException.ThrowIf(
            SnapshotReader.Read(new MemoryStream(again), Source).Kernel.StateHash != content.Kernel.StateHash, "written again, the content is another");
    }

    private static List<byte[]> Corpus()
    {
        List<byte[]> snapshots = [];
        foreach (int dimension in (int[])[1, 3, 8, 100]) snapshots.Add(SampleStates.Snapshot(SampleStates.Full(dimension), dimension));
        snapshots.Add(SampleStates.Snapshot(new ValoriKernel(2), 1));
        foreach (EngineSchema schema in (EngineSchema[])[new(3, Metric.Cosine, -2), new(8, Metric.Dot), new(100, Metric.L2, 6)]) snapshots.Add(SampleStates.Snapshot(SampleStates.Full(schema)));
        foreach (int dimension in (int[])[1, 8, 100]) snapshots.Add(SampleStates.Snapshot(SampleStates.Attributed(dimension), dimension));
        // More than a reader's buffer, and more than a block of records.
        snapshots.Add(SampleStates.Snapshot(SampleStates.Full(8192, records: 10)));
        snapshots.Add(SampleStates.Snapshot(MostlyTombstones(384, records: 1100)));
        snapshots.Add(OnlyTombstones(blocks: 64));
        snapshots.Add(SnapshotSeal.ToVersion1(snapshots[1]));
        return snapshots;
    }

    private static ValoriKernel MostlyTombstones(int dimension, int records)
    {
        ValoriKernel kernel = SampleStates.Full(dimension, records);
        for (ulong id = 3; id < (ulong)records; id++)
        {
            if (id % 16 != 0) SampleStates.Do(kernel, new DeleteRecord(new RecordId(id)));
        }
        return kernel;
    }

    /// <summary>
    /// As many deleted records as so few bytes can hold, of the largest dimension: five bytes for each block of 16.
    /// </summary>
    internal static byte[] OnlyTombstones(int blocks)
    {
        byte[] sample = SampleStates.Snapshot(new ValoriKernel(65_536), 1);
        byte[] body = new byte[28 + 5 * blocks + Digest.SizeBytes];
        BinaryPrimitives.WriteInt32LittleEndian(body, 65_536);
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(4), 16L * blocks);
        for (int block = 0; block < blocks; block++) body[28 + 5 * block + 2] = 2;
        byte[] bytes = SnapshotSeal.Seal([.. sample.AsSpan(0, SnapshotHeader.SizeBytes), .. body])!;
        return SnapshotSeal.Seal(bytes, DecodedStateHash(bytes))!;
    }
}
