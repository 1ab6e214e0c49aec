using System.Diagnostics;
using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Kernel.Vectors;
using Valori.Protocol;

namespace Valori.Benchmarks.Scenarios;

/// <summary>
/// The same rows in collections with the metrics l2, cosine and dot, searched in turn for the same queries, one at a time: the ratios are
/// of neighbouring measurements. Then what vectors of norm 0.001 lose without a scale and with one.
/// </summary>
internal static class MetricsScenario
{
    private const float SmallNorm = 1e-3f;
    private const int SmallScaleExponent = 9;

    // The truth is computed by brute force in float64.
    private const int RecallQueries = 50;

    public static void Run(BenchmarkOptions options, Report report)
    {
        DataSet data = new(options);
        float[][] queries = [.. FvecsFile.ReadBatches(data.QueriesPath, options.Dimension, 1).Select(query => query.ToArray())];
        Compare("", row: _ => 1, query: 1);
        // Inner products depend on lengths: rows of 1/4 to 4, and queries that are longer than all of them.
        Compare(", lengths differ", row: random => MathF.Pow(2, random.Next(5) - 2f), query: 32);
        report.Add("recall@10 at norm 0.001, no scale", "", [Recall(options, data, queries, new EngineSchema(options.Dimension))]);
        report.Add("recall@10 at norm 0.001, scale 512", "", [Recall(options, data, queries, new EngineSchema(options.Dimension, Metric.L2, SmallScaleExponent))]);

        void Compare(string what, Func<Xoshiro256, float> row, float query)
        {
            EngineSchema[] schemas = [.. Enum.GetValues<Metric>().Select(metric => new EngineSchema(options.Dimension, metric))];
            View[] views = [.. schemas.Select(schema => Build(options, data, schema, row).TakeView())];
            VectorBlock[][] blocks = [.. schemas.Select(schema => Array.ConvertAll(queries, vector => VectorBlock.FromVector(schema, Times(vector, query)).OrThrow()))];
            double[][] seconds = [.. schemas.Select(_ => new double[queries.Length])];
            for (int round = 0; round < 1 + options.Rounds; round++)
            {
                for (int i = 0; i < queries.Length; i++)
                {
                    for (int metric = 0; metric < schemas.Length; metric++)
                    {
                        long start = Stopwatch.GetTimestamp();
                        SearchCalls.One(views[metric], blocks[metric][i], options.K);
                        double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
                        // The first round warms up; of the others the fastest counts, as others use the machine too.
                        seconds[metric][i] = round <= 1 ? took : Math.Min(seconds[metric][i], took);
                    }
                }
            }
            for (int metric = 0; metric < schemas.Length; metric++)
                report.Add($"{schemas[metric].Metric.Name()}{what}", "ms", seconds[metric].Select(s => 1e3 * s));
            for (int metric = 1; metric < schemas.Length; metric++)
                report.Add($"{schemas[metric].Metric.Name()} / l2{what}", "times", seconds[metric].Zip(seconds[0], (one, l2) => one / l2));
        }
    }

    private static ValoriKernel Build(BenchmarkOptions options, DataSet data, EngineSchema schema, Func<Xoshiro256, float> lengthOf)
    {
        ValoriKernel kernel = new(schema);
        Xoshiro256 random = new(options.Seed);
        foreach (float[] components in FvecsFile.ReadBatches(data.RowsPath, options.Dimension, DataSet.BatchRows))
        {
            int count = components.Length / options.Dimension;
            for (int row = 0; row < count; row++)
            {
                float length = lengthOf(random);
                for (int i = 0; i < options.Dimension; i++) components[row * options.Dimension + i] *= length;
            }
            kernel.Apply(kernel.Decide(new InsertRecords(VectorBlock.FromComponents(schema, components).OrThrow(), new ulong[count])).OrThrow());
        }
        return kernel;
    }

    private static double Recall(BenchmarkOptions options, DataSet data, float[][] queries, EngineSchema schema)
    {
        View view = Build(options, data, schema, _ => SmallNorm).TakeView();
        float[][] asked = [.. queries.Take(RecallQueries).Select(query => Times(query, SmallNorm))];
        List<(double Distance, ulong Id)>[] nearest = Array.ConvertAll(asked, _ => new List<(double, ulong)>());
        ulong id = 0;
        foreach (float[] components in FvecsFile.ReadBatches(data.RowsPath, options.Dimension, DataSet.BatchRows))
        {
            int count = components.Length / options.Dimension;
            ulong first = id;
            Parallel.For(0, asked.Length, query =>
            {
                for (int row = 0; row < count; row++)
                {
                    double distance = 0;
                    for (int i = 0; i < options.Dimension; i++)
                    {
                        double difference = (double)asked[query][i] - components[row * options.Dimension + i] * SmallNorm;
                        distance += difference * difference;
                    }
                    nearest[query].Add((distance, first + (ulong)row));
                }
                nearest[query].Sort();
                nearest[query].RemoveRange(10, nearest[query].Count - 10);
            });
            id += (ulong)count;
        }
        int found = 0;
        for (int query = 0; query < asked.Length; query++)
        {
            HashSet<ulong> hits = [.. SearchCalls.One(view, VectorBlock.FromVector(schema, asked[query]).OrThrow(), 10).Select(hit => hit.Id.Value)];
            found += nearest[query].Count(one => hits.Contains(one.Id));
        }
        return (double)found / (10 * asked.Length);
    }

    private static float[] Times(float[] vector, float factor) => Array.ConvertAll(vector, x => x * factor);
}
