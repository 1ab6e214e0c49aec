using BenchmarkDotNet.Attributes;
using Valori.Kernel;
using Valori.Kernel.Hashing;

namespace Valori.Benchmarks.Micro;

/// <summary>The leaf digests of a batch of records: what hashing adds to a bulk insert.</summary>
public class LeafBenchmarks
{
    private const int Records = 1000;

    private readonly int[] _raw = new int[Limits.DefaultDimension];
    private readonly byte[] _workspace = new byte[KernelInternals.LeafBytes(Limits.DefaultDimension)];
    private readonly Digest[] _leaves = new Digest[Records];

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        for (int i = 0; i < _raw.Length; i++) _raw[i] = random.Next(-32767, 32768);
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public Digest[] LeafOfBatch()
    {
        for (int i = 0; i < Records; i++) _leaves[i] = KernelInternals.Leaf((ulong)i, _raw, _workspace);
        return _leaves;
    }
}
