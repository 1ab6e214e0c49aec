using System.Diagnostics;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// Documents of 32 chunks, each as one transaction, beside the same commands one after another, and beside the same with as many at once
/// as their ids allow. And the kernel alone: a transaction beside its commands, each applied by itself. In pairs.
/// </summary>
internal static class TransactionScenario
{
    private const int Chunks = 32;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        await DocumentsAsync(options, report);
        Kernels(options, report);
    }

    private static async Task DocumentsAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        await using ValoriEngine together = await BenchEngine.OpenAsync(directory.File("together"), options);
        await using ValoriEngine apart = await BenchEngine.OpenAsync(directory.File("apart"), options);
        await using ValoriEngine atOnce = await BenchEngine.OpenAsync(directory.File("at-once"), options);
        FloatRows rows = new(options, stream: 4);
        List<double>[] milliseconds = [[], [], []];
        for (int round = 0; round < 10 + 5 * options.Rounds; round++)
        {
            float[] components = rows.Next(Chunks);
            NewRecord[] chunks = [.. Enumerable.Range(0, Chunks).Select(i => new NewRecord(components.AsMemory(i * options.Dimension, options.Dimension)) { Key = $"{round}#{i}" })];
            milliseconds[0].Add(await TimeAsync(() => together.AddDocumentAsync(new NewDocument(), chunks)));
            milliseconds[1].Add(await TimeAsync(() => OneByOneAsync(apart, chunks)));
            milliseconds[2].Add(await TimeAsync(() => AtOnceAsync(atOnce, chunks)));
        }
        report.Add($"a document of {Chunks} chunks, as one", "ms", milliseconds[0].Skip(10));
        report.Add("the same, command after command", "ms", milliseconds[1].Skip(10));
        report.Add("the same, as many at once as can be", "ms", milliseconds[2].Skip(10));
        report.Add("command after command / as one", "times", milliseconds[1].Zip(milliseconds[0], (one, all) => one / all).Skip(10));
        report.Add("as many at once as can be / as one", "times", milliseconds[2].Zip(milliseconds[0], (one, all) => one / all).Skip(10));
    }

    private static async Task OneByOneAsync(ValoriEngine engine, NewRecord[] chunks)
    {
        NodeId document = await engine.CreateNodeAsync(NodeKind.Document);
        foreach (RecordId record in await engine.InsertBatchAsync(chunks))
        {
            NodeId chunk = await engine.CreateNodeAsync(NodeKind.Chunk, record);
            await engine.CreateEdgeAsync(document, chunk, EdgeKind.ParentOf);
        }
    }

    private static async Task AtOnceAsync(ValoriEngine engine, NewRecord[] chunks)
    {
        Task<Created<NodeId>> document = engine.CreateNodeAsync(NodeKind.Document);
        CreatedRecords records = await engine.InsertBatchAsync(chunks);
        NodeId parent = await document;
        Created<NodeId>[] nodes = await Task.WhenAll(records.Select(record => engine.CreateNodeAsync(NodeKind.Chunk, record)));
        await Task.WhenAll(nodes.Select(node => engine.CreateEdgeAsync(parent, node, EdgeKind.ParentOf)));
    }

    /// <summary>As many commands as a transaction can hold, of the two kinds that cost least and most each.</summary>
    private static void Kernels(BenchmarkOptions options, Report report)
    {
        List<double> created = [], createdApart = [], deleted = [], deletedApart = [];
        VectorBlock vectors = VectorBlock.FromComponents(options.Dimension, new FloatRows(options, stream: 5).Next(Limits.MaximumCommands)).OrThrow();
        for (int round = 0; round < options.Rounds + 2; round++)
        {
            ValoriKernel together = new(options.Dimension), apart = new(options.Dimension);
            foreach (ValoriKernel kernel in new[] { together, apart }) kernel.Apply(kernel.Decide(new InsertRecords(vectors, new ulong[vectors.Count])).OrThrow());
            Command[] nodes = [.. Enumerable.Range(0, Limits.MaximumCommands).Select(i => new CreateNode(NodeKind.Chunk, new RecordId((ulong)i)))];
            Command[] deletions = [.. Enumerable.Range(0, Limits.MaximumCommands).Select(i => new DeleteRecord(new RecordId((ulong)i)))];
            created.Add(1e3 * Stopwatches.Seconds(() => Apply(together, Together(nodes))));
            createdApart.Add(1e3 * Stopwatches.Seconds(() => Apply(apart, nodes)));
            deleted.Add(1e3 * Stopwatches.Seconds(() => Apply(together, Together(deletions))));
            deletedApart.Add(1e3 * Stopwatches.Seconds(() => Apply(apart, deletions)));
            if (together.StateHash != apart.StateHash) throw new InvalidOperationException("a transaction leads to another state than its commands");
        }
        report.Add($"{Limits.MaximumCommands} nodes created in one transaction", "ms", created.Skip(2));
        report.Add("one transaction / command after command, nodes created", "times", created.Zip(createdApart, (one, all) => one / all).Skip(2));
        report.Add($"{Limits.MaximumCommands} records deleted in one transaction", "ms", deleted.Skip(2));
        report.Add("one transaction / command after command, records deleted", "times", deleted.Zip(deletedApart, (one, all) => one / all).Skip(2));
    }

    private static Command[] Together(Command[] commands) => [new Transact([.. commands.Select(command => new TransactionPart(command))])];

    private static void Apply(ValoriKernel kernel, Command[] commands)
    {
        foreach (Command command in commands) kernel.Apply(kernel.Decide(command).OrThrow());
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
