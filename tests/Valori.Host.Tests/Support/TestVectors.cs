using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Valori.Host.Tests.Support;

/// <summary>Seeded vectors, and writers of the file formats that <c>import</c> reads.</summary>
internal sealed record TestVectors(int Dimension, float[][] Rows)
{
    /// <summary>Multiples of 1/64 in -2..2: exact in every format, float16 and decimal text included.</summary>
    public static TestVectors Random(int seed, int count, int dimension)
    {
        Random random = new(seed);
        float[][] rows = new float[count][];
        for (int i = 0; i < count; i++)
        {
            rows[i] = new float[dimension];
            for (int j = 0; j < dimension; j++) rows[i][j] = random.Next(-128, 129) / 64f;
        }
        return new TestVectors(dimension, rows);
    }

    public TestVectors Take(int count) => this with { Rows = Rows[..count] };

    public string WriteFvecs(string path)
    {
        using BinaryWriter writer = new(File.Create(path));
        foreach (float[] row in Rows)
        {
            writer.Write(row.Length);
            foreach (float component in row) writer.Write(component);
        }
        return path;
    }

    public string WriteJsonLines(string path, Func<int, ulong>? tagOf = null)
    {
        File.WriteAllLines(path, Rows.Select((row, i) => $$"""{"vector":{{JsonSerializer.Serialize(row)}},"tag":{{tagOf?.Invoke(i) ?? 0}}}"""));
        return path;
    }

    /// <param name="type"><c>&lt;f2</c>, <c>&lt;f4</c> or <c>&lt;f8</c>.</param>
    public string WriteNpy(string path, string type = "<f4", byte version = 1, string order = "False")
    {
        string header = string.Create(CultureInfo.InvariantCulture,
            $"{{'descr': '{type}', 'fortran_order': {order}, 'shape': ({Rows.Length}, {Dimension}), }}");
        header = header.PadRight(128 - 13) + "\n";
        using BinaryWriter writer = new(File.Create(path));
        writer.Write((byte[])[0x93, .. "NUMPY"u8, version, 0]);
        if (version == 1) writer.Write((ushort)header.Length);
        else writer.Write(header.Length);
        writer.Write(Encoding.ASCII.GetBytes(header));
        foreach (float component in Rows.SelectMany(row => row))
        {
            if (type == "<f2") writer.Write((Half)component);
            else if (type == "<f4") writer.Write(component);
            else writer.Write((double)component);
        }
        return path;
    }

    /// <summary>The ids of the nearest rows to each query by brute force, ties by id.</summary>
    public string WriteNearest(string path, TestVectors queries, int k)
    {
        using FileStream file = File.Create(path);
        Span<byte> number = stackalloc byte[sizeof(int)];
        foreach (float[] query in queries.Rows)
        {
            IEnumerable<int> nearest = Enumerable.Range(0, Rows.Length)
                .OrderBy(id => query.Zip(Rows[id], (a, b) => ((double)a - b) * ((double)a - b)).Sum()).ThenBy(id => id).Take(k);
            foreach (int value in nearest.Prepend(k))
            {
                BinaryPrimitives.WriteInt32LittleEndian(number, value);
                file.Write(number);
            }
        }
        return path;
    }
}
