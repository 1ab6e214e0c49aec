using System.Runtime.InteropServices;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Search.Proximity;

/// <summary>Rows and queries of one kind, in integers alone, so that they are the same on every machine and in every program.</summary>
internal sealed class NearRows(string kind, int dimension, ulong seed)
{
    public static readonly string[] Kinds = ["clustered", "power law", "gaussian"];

    private const int Centers = 20;

    private readonly int[] _centers = [.. Enumerable.Range(0, Centers * dimension).Select(i => Gaussian(seed, (ulong)i))];

    /// <param name="stream">Different for rows and for queries.</param>
    public VectorBlock Rows(int count, ulong stream)
    {
        short[] raw = new short[count * dimension];
        for (int row = 0; row < count; row++)
        {
            ulong place = (stream << 40) + ((ulong)row << 16);
            int center = (int)(Mixed(seed ^ (place + 0xFFFF)) % Centers);
            for (int i = 0; i < dimension; i++)
            {
                int random = Gaussian(seed + 1, place + (ulong)i);
                raw[row * dimension + i] = (short)(kind switch
                {
                    "clustered" => _centers[center * dimension + i] + random / 3,
                    "power law" => 4 * random / (int)Math.Sqrt(i + 1),
                    _ => random,
                });
            }
        }
        return VectorBlock.FromRaw(dimension, isNarrow: true, MemoryMarshal.AsBytes(raw.AsSpan()).ToArray());
    }

    /// <summary>A kernel with the rows, inserted by so many at a time.</summary>
    public ValoriKernel Kernel(int count, int batch = int.MaxValue, Metric metric = Metric.L2)
    {
        ValoriKernel kernel = new(new EngineSchema(dimension, metric));
        Insert(kernel, Rows(count, 1), batch);
        return kernel;
    }

    public static void Insert(ValoriKernel kernel, VectorBlock rows, int batch = int.MaxValue)
    {
        int[] raw = new int[rows.Dimension];
        for (int first = 0; first < rows.Count; first += batch)
        {
            int count = Math.Min(batch, rows.Count - first);
            kernel.Apply(new InsertRecords(Part(rows, first, count), new ulong[count]));
            if (count >= rows.Count) break;
        }
    }

    public static VectorBlock Part(VectorBlock rows, int first, int count) =>
        VectorBlock.FromRaw(rows.Dimension, isNarrow: true, MemoryMarshal.AsBytes(rows.Narrow.Slice(first * rows.Dimension, count * rows.Dimension)).ToArray());

    public static void Delete(ValoriKernel kernel, IEnumerable<int> ids)
    {
        foreach (int id in ids) kernel.Apply(kernel.Decide(new DeleteRecord(new RecordId((ulong)id))).Value!);
    }

    // The sum of eight random numbers of 10 bits, about 0, with a spread of about 836.
    private static int Gaussian(ulong seed, ulong place)
    {
        ulong first = Mixed(seed ^ (2 * place)), second = Mixed(seed ^ (2 * place + 1));
        int sum = -8 * 511;
        for (int part = 0; part < 4; part++) sum += (int)((first >> (16 * part)) & 1023) + (int)((second >> (16 * part)) & 1023);
        return sum;
    }

    private static ulong Mixed(ulong state)
    {
        ulong z = state + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
