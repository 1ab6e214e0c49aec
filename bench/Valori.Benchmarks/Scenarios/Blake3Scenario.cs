using System.Runtime.InteropServices;
using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel.Blake3;

namespace Valori.Benchmarks.Scenarios;

/// <summary>
/// BLAKE3 of large inputs on one thread: from memory, and from a file of 256 MiB under --data, which a peer can hash too.
/// A pass is one sample.
/// </summary>
internal static class Blake3Scenario
{
    private const int Mebibyte = 1 << 20;
    private const int ReadBytes = Mebibyte;
    private const int SmallBytes = 16 * Mebibyte;
    private const int LargeBytes = 256 * Mebibyte;

    public static void Run(BenchmarkOptions options, Report report)
    {
        byte[] input = RandomBytes(LargeBytes, options.Seed);
        string path = FileOf(input, options);
        Digest digest = default;

        double[] file = Stopwatches.Measure(options.Rounds, _ => digest = HashFile(path));
        double[] large = Stopwatches.Measure(options.Rounds, _ => Hash(input));
        double[] small = Stopwatches.Measure(options.Rounds * LargeBytes / SmallBytes, _ => Hash(input.AsSpan(0, SmallBytes)));
        report.Add("a file of 256 MiB", "ms", file.Select(s => 1e3 * s));
        report.Add("256 MiB in memory", "GB/s", large.Select(s => LargeBytes / s / 1e9));
        report.Add("16 MiB in memory", "GB/s", small.Select(s => SmallBytes / s / 1e9));
        report.Notes.Add($"digest of the file {digest}");
    }

    private static Digest Hash(ReadOnlySpan<byte> input)
    {
        StreamHasher hasher = KernelInternals.PlainHasher();
        hasher.Update(input);
        return hasher.Finalize();
    }

    private static Digest HashFile(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] buffer = GC.AllocateUninitializedArray<byte>(ReadBytes);
        StreamHasher hasher = KernelInternals.PlainHasher();
        for (int length; (length = stream.Read(buffer)) > 0;) hasher.Update(buffer.AsSpan(0, length));
        return hasher.Finalize();
    }

    private static byte[] RandomBytes(int length, ulong seed)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
        Xoshiro256 random = new(seed);
        foreach (ref ulong value in MemoryMarshal.Cast<byte, ulong>(bytes.AsSpan())) value = random.Next();
        return bytes;
    }

    private static string FileOf(byte[] input, BenchmarkOptions options)
    {
        Directory.CreateDirectory(options.Data.FullName);
        string path = Path.Combine(options.Data.FullName, $"random-s{options.Seed}-256MiB.bin");
        if (!File.Exists(path)) File.WriteAllBytes(path, input);
        return path;
    }
}
