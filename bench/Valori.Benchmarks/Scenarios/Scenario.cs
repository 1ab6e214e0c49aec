using Valori.Benchmarks.Measuring;
using Valori.Benchmarks.Scenarios.Durable;

namespace Valori.Benchmarks.Scenarios;

/// <summary>One large benchmark: a name for the command line, and the work, which adds figures to the report.</summary>
internal sealed record Scenario(string Name, string Description, Func<BenchmarkOptions, Report, Task> RunAsync)
{
    private Scenario(string name, string description, Action<BenchmarkOptions, Report> run)
        : this(name, description, (options, report) =>
        {
            run(options, report);
            return Task.CompletedTask;
        })
    {
    }

    /// <summary>Whether the work is on records at all.</summary>
    public bool HasRows { get; private init; } = true;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("build", "Applies all rows in batches of 10,000, hash included, then 1,000 one at a time.", BuildScenario.Run),
        new("scan", "Searches one query at a time.", ScanScenario.Run),
        new("wide", "scan over rows that need 32 bits a component: values times 4.", WideScenario.Run),
        new("metrics", "Searches the same rows with l2, cosine and dot in turn; recall of vectors of norm 0.001 without a scale and with one.", MetricsScenario.Run),
        new("batch", "Searches 64 queries that are handed in together.", BatchScenario.Run),
        new("near", "Builds a proximity graph, and searches through it with wider and wider beams: recall and queries a second.", NearScenario.Run),
        new("filter", "Searches one query at a time among tags that 1% and 0.01% of the rows have.", FilterScenario.Run),
        new("fields", "Searches one query at a time by filters on fields, each in turn with none.", FieldFilterScenario.Run),
        new("lists", "Lists in several orders, counts, values of a field and look-ups of many, each kind in turn.", ListScenario.Run),
        new("snapshot", "Writes a snapshot to memory and decodes it with verification.", SnapshotScenario.Run),
        new("prove", "Proves single records, now and a thousand deletions later, and a history; and checks the proofs.", ProofScenario.Run),
        new("past", "Proves records as of before, and amid, changes of a tenth of them, and of one of them 100,000 times.", PastScenario.Run),
        new("steps", "Deletes and changes 1,000 records in a step: by filters, by their expiry, and one by one.", StepsScenario.Run),
        new("memory", "What a record takes in the heap and in the process.", MemoryScenario.Run),
        new("ingest", "Inserts through ValoriEngine on a real disk: one client, 64 clients, batches; beside plain SQLite.", IngestScenario.RunAsync),
        new("attributes", "Records with a key and three fields beside the same without: memory, look-ups, snapshots, durable batches.", AttributesScenario.RunAsync),
        new("transactions", "Documents as one transaction beside the same commands one after another; the largest transactions in the kernel.", TransactionScenario.RunAsync) { HasRows = false },
        new("streams", "Inserts through the sink for streams beside InsertBatchAsync, in batches of 1,000.", StreamScenario.RunAsync) { HasRows = false },
        new("telemetry", "Searches and durable batches with and without somebody who listens to the meter and the activity source.", TelemetryScenario.RunAsync) { HasRows = false },
        new("upserts", "Ten upserts a key through ValoriEngine, which forgets the past: memory and searches beside those of the live records.", UpsertScenario.RunAsync),
        new("facade", "Searches of the facade beside those of a View alone; a program from its start to its first answer.", FacadeScenario.RunAsync),
        new("vectordata", "Searches, look-ups and batches of a collection of VectorData beside the same of the facade.", VectorDataScenario.RunAsync),
        new("mixed", "Searches through ValoriEngine, idle and while a bulk import goes on.", MixedScenario.RunAsync),
        new("soak", "A mixed load through ValoriEngine: --rounds minutes at 80% of capacity, a sixth of that at 300%, and 80% again.", SoakScenario.RunAsync),
        new("save", "A snapshot on a real disk, and single inserts while it is written.", SaveScenario.RunAsync),
        new("open", "Opens an engine from a snapshot, from a journal of batches and from one of single inserts.", OpenScenario.RunAsync),
        new("b3", "BLAKE3 of 16 MiB and 256 MiB on one thread.", Blake3Scenario.Run) { HasRows = false },
        new("leaves", "Leaf digests of a batch of records on one thread.", LeavesScenario.Run),
        new("convert", "float32 input to checked, narrowed Q16.16 blocks.", ConvertScenario.Run),
    ];
}
