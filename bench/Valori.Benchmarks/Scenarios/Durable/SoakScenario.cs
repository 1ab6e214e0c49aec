using System.Collections.Concurrent;
using System.Diagnostics;
using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// A mixed load for a long time: nine searches to an insert. First what the engine can do; then 80% of that for as many minutes as
/// there are rounds, and 300% for a sixth of it, each operation sent when its time has come whether others were answered or not;
/// then the load of the beginning again. Whatever was acknowledged must be there at the end.
/// </summary>
internal static class SoakScenario
{
    private const int Clients = 64;
    private const int SearchesToAnInsert = 9;
    private static readonly TimeSpan CapacityPhase = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RecoveryPhase = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        Load load = new(options);
        await using (ValoriEngine engine = await BenchEngine.OpenAsync(directory.File("valori"), options))
        {
            await BenchEngine.FillAsync(engine, options);
            await load.CapacityAsync(engine, TimeSpan.FromSeconds(3)); // warms up
            double capacity = await load.CapacityAsync(engine, CapacityPhase);
            report.Add("capacity", "operations/s", [capacity]);

            TimeSpan steady = TimeSpan.FromMinutes(options.Rounds);
            Phase normal = await load.RunAsync(engine, 0.8 * capacity, steady);
            normal.AddTo(report, "80%");
            report.Add("80%, growth of the process for each record inserted", "B", [normal.GrowthPerInsert]);
            Phase flood = await load.RunAsync(engine, 3 * capacity, steady / 6);
            flood.AddTo(report, "300%");
            Phase after = await load.RunAsync(engine, 0.8 * capacity, RecoveryPhase);
            after.AddTo(report, "80% again");
            report.Notes.Add($"300%: {flood.Overloaded} of {flood.Answered} were answered Overloaded; 80%: {normal.Overloaded} of {normal.Answered}; 80% again: {after.Overloaded} of {after.Answered}");
            report.Notes.Add($"80% for {steady.TotalMinutes} minutes: {normal.Answered} operations, growth of the process {normal.Growth >> 20} MiB");
            report.Notes.Add($"MiB of the process, after each sixth of a phase but the last: {string.Join(' ', normal.Sizes)}, then {string.Join(' ', flood.Sizes)}, then {string.Join(' ', after.Sizes)}");
        }
        await using ValoriEngine again = await BenchEngine.OpenAsync(directory.File("valori"), options);
        ulong expected = (ulong)(options.Rows + load.Acknowledged), found = await again.RecordCountAsync();
        if (found != expected) throw new InvalidOperationException($"{expected} records were acknowledged, {found} are there");
        report.Notes.Add($"{found} records after a restart, as many as were acknowledged");
    }

    private sealed class Load(BenchmarkOptions options)
    {
        private readonly float[][] _queries = [.. FvecsFile.ReadBatches(new DataSet(options).QueriesPath, options.Dimension, 1).Select(query => query.ToArray())];
        private long _next;
        private long _acknowledged;

        public long Acknowledged => Interlocked.Read(ref _acknowledged);

        /// <summary>What so many clients get through, one operation after another.</summary>
        public async Task<double> CapacityAsync(ValoriEngine engine, TimeSpan time)
        {
            long start = Stopwatch.GetTimestamp(), done = 0;
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
            {
                while (Stopwatch.GetElapsedTime(start) < time)
                {
                    await OperateAsync(engine);
                    Interlocked.Increment(ref done);
                }
            })));
            return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        /// <summary>Sends at a rate, whatever becomes of it.</summary>
        public async Task<Phase> RunAsync(ValoriEngine engine, double rate, TimeSpan time)
        {
            Phase phase = new(Acknowledged);
            long start = Stopwatch.GetTimestamp(), sent = 0;
            List<Task> pending = [];
            while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < time)
            {
                for (long due = (long)(elapsed.TotalSeconds * rate); sent < due; sent++) pending.Add(MeasuredAsync(engine, phase));
                pending.RemoveAll(task => task.IsCompletedSuccessfully);
                if (elapsed >= time / Phase.Samples * (phase.Sizes.Count + 1)) phase.Sizes.Add(Environment.WorkingSet >> 20);
                await Task.Delay(Tick);
            }
            await Task.WhenAll(pending);
            phase.End(Acknowledged);
            return phase;
        }

        private async Task MeasuredAsync(ValoriEngine engine, Phase phase)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                await OperateAsync(engine);
                phase.Done.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            catch (EngineException e) when (e.Kind == EngineFailureKind.Overloaded)
            {
                phase.Refused.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        private async Task OperateAsync(ValoriEngine engine)
        {
            long number = Interlocked.Increment(ref _next);
            float[] vector = _queries[number % _queries.Length];
            if (number % (SearchesToAnInsert + 1) != 0)
            {
                await engine.SearchAsync(vector, options.K);
                return;
            }
            await engine.InsertAsync(vector);
            Interlocked.Increment(ref _acknowledged);
        }
    }

    private sealed class Phase(long acknowledged)
    {
        public const int Samples = 6;

        private readonly long _memory = Memory();
        private long _inserted;

        public ConcurrentBag<double> Done { get; } = [];

        public ConcurrentBag<double> Refused { get; } = [];

        /// <summary>MiB of the process, as it is without a collection.</summary>
        public List<long> Sizes { get; } = [];

        public int Overloaded => Refused.Count;

        public int Answered => Done.Count + Refused.Count;

        public long Growth { get; private set; }

        public double GrowthPerInsert => (double)Growth / Math.Max(1, _inserted);

        public void End(long acknowledgedNow)
        {
            _inserted = acknowledgedNow - acknowledged;
            Growth = Memory() - _memory;
        }

        public void AddTo(Report report, string name)
        {
            new Latencies(Done).AddTo(report, $"{name}, an operation");
            if (Overloaded > 0) new Latencies(Refused).AddTo(report, $"{name}, an answer Overloaded");
        }

        private static long Memory()
        {
            Stopwatches.Collect();
            return Environment.WorkingSet;
        }
    }
}
