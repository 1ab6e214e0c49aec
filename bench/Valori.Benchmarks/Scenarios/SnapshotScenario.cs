using System.Runtime.InteropServices;
using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Kernel.Snapshots;

namespace Valori.Benchmarks.Scenarios;

/// <summary>
/// A snapshot written and read again, in memory outside of the heap: what the code takes, without a disk. Reading includes
/// the recomputation of the state hash. A pass is one sample; the first of each warms up.
/// </summary>
internal static unsafe class SnapshotScenario
{
    public static void Run(BenchmarkOptions options, Report report)
    {
        View view = new DataSet(options).BuildKernel().TakeView();
        History history = new();
        history.Extend(0, view.StateHash, view.Version);
        SnapshotHeader header = new(history.SequenceNr, history.UnixMicroseconds, history.Chain, view.StateHash, history.FrontierAt(1));
        CountingStream counter = new();
        SnapshotWriter.Write(counter, view, header);
        long size = counter.Length;

        byte* memory = (byte*)NativeMemory.Alloc((nuint)size);
        try
        {
            double[] write = Passes(options.Rounds, () => SnapshotWriter.Write(Memory(FileAccess.Write), view, header));
            double[] read = Passes(options.Rounds, () => SnapshotReader.Read(Memory(FileAccess.Read), "memory"));
            report.Add("write", "MB/s", write.Select(s => size / s / 1e6));
            report.Add("decode and verify", "GB/s", read.Select(s => size / s / 1e9));
            report.Add("size", "MB", [size / 1e6]);
        }
        finally
        {
            NativeMemory.Free(memory);
        }

        UnmanagedMemoryStream Memory(FileAccess access) => new(memory, access == FileAccess.Read ? size : 0, size, access);
    }

    private static double[] Passes(int rounds, Action work)
    {
        double[] seconds = new double[rounds + 1];
        for (int i = 0; i < seconds.Length; i++)
        {
            Stopwatches.Collect();
            seconds[i] = Stopwatches.Seconds(work);
        }
        return seconds[1..];
    }

    /// <summary>Counts what is written and keeps nothing.</summary>
    private sealed class CountingStream : Stream
    {
        private long _length;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => _length;
        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer) => _length += buffer.Length;
        public override void Write(byte[] buffer, int offset, int count) => _length += count;
        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
