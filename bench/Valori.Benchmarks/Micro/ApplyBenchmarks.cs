using BenchmarkDotNet.Attributes;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Benchmarks.Micro;

/// <summary>
/// One command decided and applied, state hash included. Each iteration begins with a new kernel of 10,000 records and
/// applies 10,000 commands: nothing that was ever applied is forgotten, so an endless run would fill the memory.
/// </summary>
public class ApplyBenchmarks
{
    private const int Records = 10_000;
    private const int Commands = 10_000;

    private readonly byte[] _metadata = new byte[100];
    private ValoriKernel _kernel = new(Limits.DefaultDimension);
    private VectorBlock _vector = VectorBlock.FromVector(Limits.DefaultDimension, new float[Limits.DefaultDimension]).OrThrow();

    [IterationSetup]
    public void Setup() => _kernel = Filled();

    [Benchmark(OperationsPerInvoke = Commands)]
    public Digest InsertRecord() => ApplyMany(_ => new InsertRecords(_vector, new ulong[1]));

    [Benchmark(OperationsPerInvoke = Commands)]
    public Digest SetMetadata() => ApplyMany(i => new SetMetadata(new RecordId((ulong)i), _metadata));

    [Benchmark(OperationsPerInvoke = Commands)]
    public Digest CreateNode() => ApplyMany(i => new CreateNode(NodeKind.Chunk, new RecordId((ulong)i)));

    private Digest ApplyMany(Func<int, Command> command)
    {
        Digest hash = default;
        for (int i = 0; i < Commands; i++) hash = Apply(command(i));
        return hash;
    }

    private Digest Apply(Command command)
    {
        _kernel.Apply(_kernel.Decide(command).OrThrow());
        return _kernel.StateHash;
    }

    private ValoriKernel Filled()
    {
        Random random = new(1);
        float[] components = new float[Records * Limits.DefaultDimension];
        for (int i = 0; i < components.Length; i++) components[i] = random.NextSingle() * 0.2f - 0.1f;
        _vector = VectorBlock.FromVector(Limits.DefaultDimension, components.AsSpan(0, Limits.DefaultDimension)).OrThrow();
        _kernel = new ValoriKernel(Limits.DefaultDimension);
        Apply(new InsertRecords(VectorBlock.FromComponents(Limits.DefaultDimension, components).OrThrow(), new ulong[Records]));
        return _kernel;
    }
}
