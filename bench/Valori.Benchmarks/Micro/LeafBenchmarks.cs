using BenchmarkDotNet.Attributes;

namespace Valori.Benchmarks.Micro;

/// <summary>The leaf digests of records, an operation each: of inserts that are hashed as they come, and of a group that waited for each other.</summary>
public class LeafBenchmarks
{
    private const int Records = 1000, Group = 16;

    private readonly int[] _raw = new int[Limits.DefaultDimension];
    private readonly byte[] _workspace = new byte[KernelInternals.LeafBytes(Limits.DefaultDimension)];
    private readonly Digest[] _leaves = new Digest[Records];
    private Action _hashGroup = () => { };

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        for (int i = 0; i < _raw.Length; i++) _raw[i] = random.Next(-32767, 32768);
        float[] components = new float[Group * Limits.DefaultDimension];
        for (int i = 0; i < components.Length; i++) components[i] = (random.NextSingle() - 0.5f) / 2;
        _hashGroup = KernelInternals.LeafHasher(Limits.DefaultDimension, new ulong[Group], VectorBlock.FromComponents(Limits.DefaultDimension, components).OrThrow(), new Digest[Group]);
    }

    [Benchmark(OperationsPerInvoke = Group)]
    public void SideBySide() => _hashGroup();

    [Benchmark(OperationsPerInvoke = Records)]
    public Digest[] OneByOne()
    {
        for (int i = 0; i < Records; i++) _leaves[i] = KernelInternals.Leaf((ulong)i, _raw, _workspace);
        return _leaves;
    }
}
