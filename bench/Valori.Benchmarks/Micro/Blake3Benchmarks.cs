using BenchmarkDotNet.Attributes;
using Valori.Kernel.Blake3;

namespace Valori.Benchmarks.Micro;

/// <summary>
/// BLAKE3 in a context by ours and by the Blake3 package, which is reset and not made anew: a node of a Merkle tree, a state hash,
/// the leaf of a record of 384 components, and more at once (docs/adr/0016).
/// </summary>
public class Blake3Benchmarks : IDisposable
{
    private const string Name = "Valori benchmarks 2026-11-28 a context";

    private readonly HashContext _context = new(Name);
    private readonly global::Blake3.Hasher _package = global::Blake3.Hasher.NewDeriveKey(Name);
    private readonly byte[] _digest = new byte[Digest.SizeBytes];
    private byte[] _input = [];

    [Params(64, 128, 784, 1558, 6166, 1 << 16, 1 << 24)]
    public int SizeBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _input = new byte[SizeBytes];
        new Random(1).NextBytes(_input);
    }

    [Benchmark(Baseline = true)]
    public Digest Ours() => _context.Hash(_input);

    [Benchmark]
    public byte[] Package()
    {
        _package.Reset();
        _package.Update(_input);
        _package.Finalize(_digest);
        return _digest;
    }

    public void Dispose()
    {
        _package.Dispose();
        GC.SuppressFinalize(this);
    }
}
