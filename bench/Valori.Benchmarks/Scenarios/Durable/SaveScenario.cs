using System.Diagnostics;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// What a snapshot takes, and what it does to a client that inserts one record after another meanwhile. Each save stands
/// behind a quiet span of the length of the save before it, so that drift of the machine meets both, and what the client's
/// own garbage adds to the memory shows in both. An insert is one sample; of rates and memory, a save or a quiet span is.
/// </summary>
internal static class SaveScenario
{
    private const double Mebibyte = 1 << 20;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        await using ValoriEngine engine = await BenchEngine.OpenAsync(directory.File("valori"), options);
        await BenchEngine.FillAsync(engine, options);
        await using Writer writer = new(engine, new FloatRows(options, stream: 3));

        string path = "";
        Phase last = await Phase.OfAsync(SaveAsync); // warms up
        List<Phase> quiet = [], saves = [];
        for (int round = 0; round < options.Rounds; round++)
        {
            quiet.Add(await Phase.OfAsync(() => Task.Delay(last.Duration)));
            saves.Add(last = await Phase.OfAsync(SaveAsync));
        }
        await writer.StopAsync();

        Latencies before = writer.During(quiet), during = writer.During(saves);
        double size = new FileInfo(path).Length;
        before.AddTo(report, "insert, no save");
        during.AddTo(report, "insert, save going on");
        report.Add("p99, save / no save", "times", [during.P99 / before.P99]);
        report.Add("save", "MB/s", saves.Select(save => size / 1e6 / save.Duration.TotalSeconds));
        report.Add("save, growth of the process", "MiB", saves.Select(save => save.GrowthBytes / Mebibyte));
        report.Add("no save, growth of the process", "MiB", quiet.Select(span => span.GrowthBytes / Mebibyte));
        report.Add("size", "MB", [size / 1e6]);

        async Task SaveAsync() => path = await engine.SaveAsync();
    }

    /// <summary>A span of time, and how far the process's peak in it lay above its resident memory just before.</summary>
    private readonly record struct Phase(long Start, long End, long GrowthBytes)
    {
        public TimeSpan Duration => Stopwatch.GetElapsedTime(Start, End);

        public static async Task<Phase> OfAsync(Func<Task> work)
        {
            // Every span begins with as little memory as there can be.
            Stopwatches.Collect();
            ResidentPeak resident = new();
            long start = Stopwatch.GetTimestamp();
            await work();
            long end = Stopwatch.GetTimestamp();
            return new Phase(start, end, resident.Stop() - resident.Start);
        }
    }

    /// <summary>One client that inserts one record after another until it is stopped.</summary>
    private sealed class Writer : IAsyncDisposable
    {
        private readonly List<(long Start, double Milliseconds)> _inserts = [];
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Writer(ValoriEngine engine, FloatRows rows) => _running = Task.Run(() => RunAsync(engine, rows));

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running;
        }

        /// <summary>The inserts that began in one of the phases; the writer must have stopped.</summary>
        public Latencies During(List<Phase> phases) => new(
            from insert in _inserts
            where phases.Exists(phase => phase.Start <= insert.Start && insert.Start < phase.End)
            select insert.Milliseconds);

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }

        private async Task RunAsync(ValoriEngine engine, FloatRows rows)
        {
            while (!_stop.IsCancellationRequested)
            {
                float[] vector = rows.Next();
                long start = Stopwatch.GetTimestamp();
                await engine.InsertAsync(vector);
                _inserts.Add((start, Stopwatch.GetElapsedTime(start).TotalMilliseconds));
            }
        }
    }
}
