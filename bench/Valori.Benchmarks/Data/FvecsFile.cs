using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Valori.Benchmarks.Data;

/// <summary>TEXMEX .fvecs: per row a little-endian int32 count, then as many float32 values. What the peers read, too.</summary>
internal static class FvecsFile
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Writes rows that <paramref name="next"/> fills one after another. An interrupted run leaves no file behind.</summary>
    public static void Write(string path, int dimension, int rows, Action<float[]> next)
    {
        string unfinished = $"{path}.{Environment.ProcessId}.tmp";
        float[] components = new float[dimension];
        Span<byte> count = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(count, dimension);
        using (FileStream stream = new(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes))
        {
            for (int row = 0; row < rows; row++)
            {
                next(components);
                stream.Write(count);
                stream.Write(MemoryMarshal.AsBytes(components.AsSpan()));
            }
        }
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>
    /// The file's rows, up to <paramref name="batchRows"/> at a time, components one after another. Every batch but a
    /// shorter last one comes in the same array.
    /// </summary>
    public static IEnumerable<float[]> ReadBatches(string path, int dimension, int batchRows)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        int rowBytes = sizeof(int) + dimension * sizeof(float);
        if (stream.Length % rowBytes != 0) throw new InvalidDataException($"{path} holds no whole number of {dimension}-component rows");
        byte[] row = new byte[rowBytes];
        float[] components = [];
        for (long left = stream.Length / rowBytes; left > 0; left -= batchRows)
        {
            int rows = (int)Math.Min(batchRows, left);
            if (components.Length != rows * dimension) components = new float[rows * dimension];
            for (int i = 0; i < rows; i++)
            {
                stream.ReadExactly(row);
                int count = BinaryPrimitives.ReadInt32LittleEndian(row);
                if (count != dimension) throw new InvalidDataException($"{path} has a row of {count} components, expected {dimension}");
                MemoryMarshal.Cast<byte, float>(row.AsSpan(sizeof(int))).CopyTo(components.AsSpan(i * dimension));
            }
            yield return components;
        }
    }
}
