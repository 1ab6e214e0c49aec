using BenchmarkDotNet.Attributes;

namespace Valori.Benchmarks.Micro;

/// <summary>Exact dot products of two vectors that lie in the cache.</summary>
public class DotProductBenchmarks
{
    private short[] _narrow = [];
    private int[] _wide = [];

    [Params(128, 384, 1536)]
    public int Dimension { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        _wide = new int[Dimension];
        for (int i = 0; i < Dimension; i++) _wide[i] = random.Next(-32767, 32768);
        _narrow = Array.ConvertAll(_wide, value => (short)value);
    }

    [Benchmark(Baseline = true)]
    public long Narrow() => KernelInternals.NarrowDot(_narrow, _narrow);

    [Benchmark]
    public long Wide() => KernelInternals.WideDot(_wide, _wide);

    [Benchmark]
    public long Mixed() => KernelInternals.MixedDot(_narrow, _wide);
}
