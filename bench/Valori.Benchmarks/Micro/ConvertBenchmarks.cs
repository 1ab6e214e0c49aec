using BenchmarkDotNet.Attributes;
using Valori.Kernel.Vectors;

namespace Valori.Benchmarks.Micro;

/// <summary>float32 to Q16.16 for one vector of the default dimension.</summary>
public class ConvertBenchmarks
{
    private readonly float[] _vector = new float[Limits.DefaultDimension];
    private readonly int[] _raw = new int[Limits.DefaultDimension];

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        for (int i = 0; i < _vector.Length; i++) _vector[i] = random.NextSingle() * 0.2f - 0.1f;
    }

    [Benchmark]
    public int Round() => FixedPoint.Convert(_vector, _raw);

    [Benchmark]
    public VectorBlock ToBlock() => VectorBlock.FromVector(_vector.Length, _vector).OrThrow();
}
