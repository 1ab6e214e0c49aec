using System.Diagnostics;
using System.Diagnostics.Metrics;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>Searches and durable batches with and without somebody who listens to the meter and the activity source, in turns.</summary>
internal static class TelemetryScenario
{
    private const int Searches = 1_000, Batches = 8;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        await using ValoriEngine searched = await BenchEngine.OpenAsync(directory.File("searched"), options);
        await using ValoriEngine written = await BenchEngine.OpenAsync(directory.File("written"), options);
        FloatRows rows = new(options, stream: 7);
        for (int i = 0; i < 10; i++) await searched.InsertBatchAsync(rows.Next(BenchEngine.BatchRows), new ulong[BenchEngine.BatchRows]);
        float[] query = rows.Next(1);
        List<double>[] microseconds = [[], []], rates = [[], []];
        for (int round = 0; round < 2 + 5 * options.Rounds; round++)
        {
            for (int i = 0; i < 2; i++)
            {
                // Who comes first changes.
                int listens = (round + i) % 2;
                using IDisposable? listener = listens == 1 ? new Listener() : null;
                microseconds[listens].Add(await MedianAsync(searched, query));
                rates[listens].Add(await RateAsync(written, rows));
            }
        }
        report.Add("search p50, nobody listens", "us", microseconds[0].Skip(2));
        report.Add("search p50, all are listened to", "us", microseconds[1].Skip(2));
        report.Add("search p50, listened to / not", "times", microseconds[1].Zip(microseconds[0], (with, without) => with / without).Skip(2));
        report.Add("batches of 1,000, nobody listens", "records/s", rates[0].Skip(2));
        report.Add("batches of 1,000, all are listened to", "records/s", rates[1].Skip(2));
        report.Add("batches of 1,000, listened to / not", "times", rates[1].Zip(rates[0], (with, without) => with / without).Skip(2));
    }

    private static async Task<double> MedianAsync(ValoriEngine engine, float[] query)
    {
        double[] each = new double[Searches];
        for (int i = 0; i < Searches; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await engine.SearchAsync(query, 10);
            each[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }
        Array.Sort(each);
        return each[Searches / 2];
    }

    private static async Task<double> RateAsync(ValoriEngine engine, FloatRows rows)
    {
        float[][] batches = [.. Enumerable.Range(0, Batches).Select(_ => rows.Next(BenchEngine.BatchRows))];
        long began = Stopwatch.GetTimestamp();
        foreach (float[] batch in batches) await engine.InsertBatchAsync(batch, new ulong[BenchEngine.BatchRows]);
        return Batches * BenchEngine.BatchRows / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Takes everything, and does nothing with it.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly MeterListener _meter = new();
        private readonly ActivityListener _traces = new()
        {
            ShouldListenTo = source => source.Name == "Valori",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };

        public Listener()
        {
            _meter.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Valori") listener.EnableMeasurementEvents(instrument);
            };
            _meter.SetMeasurementEventCallback<double>((_, _, _, _) => { });
            _meter.SetMeasurementEventCallback<long>((_, _, _, _) => { });
            _meter.Start();
            ActivitySource.AddActivityListener(_traces);
        }

        public void Dispose()
        {
            _traces.Dispose();
            _meter.Dispose();
        }
    }
}
