using BenchmarkDotNet.Attributes;
using Valori.Kernel.Blake3;

namespace Valori.Benchmarks.Micro;

/// <summary>BLAKE3 of one chunk, of 64, and of many.</summary>
public class Blake3Benchmarks
{
    private byte[] _input = [];

    [Params(1 << 10, 1 << 16, 1 << 24)]
    public int SizeBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _input = new byte[SizeBytes];
        new Random(1).NextBytes(_input);
    }

    [Benchmark]
    public Digest Hash() => Hasher.Hash(_input);
}
