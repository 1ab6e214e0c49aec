using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Valori.Host.Files;

/// <summary>TEXMEX <c>.fvecs</c>: per row a little-endian int32 count, then as many float32 values.</summary>
internal sealed class FvecsFile : VectorFile
{
    private readonly int _rowBytes;

    public FvecsFile(string path)
        : base(path)
    {
        try
        {
            (Dimension, RowCount) = ReadShape(Stream, this);
            _rowBytes = sizeof(int) + Dimension * sizeof(float);
        }
        catch
        {
            Stream.Dispose();
            throw;
        }
    }

    protected override VectorBatch? ReadRows(int maximumRows, long maximumOtherBytes)
    {
        int rows = (int)Math.Min(maximumRows, RowCount!.Value - RowsRead);
        if (rows == 0) return null;
        float[] components = new float[rows * Dimension];
        byte[] row = new byte[_rowBytes];
        for (int i = 0; i < rows; i++)
        {
            Stream.ReadExactly(row);
            int count = BinaryPrimitives.ReadInt32LittleEndian(row);
            if (count != Dimension)
            {
                throw new VectorFileException(
                    $"{Path}: row {RowsRead + i} at byte {(RowsRead + i) * _rowBytes} has {count} components, the first row has {Dimension}: the file is damaged");
            }
            MemoryMarshal.Cast<byte, float>(row.AsSpan(sizeof(int))).CopyTo(components.AsSpan(i * Dimension));
        }
        return new VectorBatch(RowsRead, Dimension, components, new ulong[rows]);
    }

    private static (int Dimension, long Rows) ReadShape(FileStream stream, FvecsFile file)
    {
        if (stream.Length < sizeof(int)) throw new VectorFileException($"{file.Path} has {stream.Length} bytes: no row fits into them");
        Span<byte> count = stackalloc byte[sizeof(int)];
        stream.ReadExactly(count);
        stream.Position = 0;
        int dimension = file.CheckDimension(BinaryPrimitives.ReadInt32LittleEndian(count), "the component count of row 0");
        int rowBytes = sizeof(int) + dimension * sizeof(float);
        (long rows, long rest) = Math.DivRem(stream.Length, rowBytes);
        return rest == 0
            ? (dimension, rows)
            : throw new VectorFileException(
                $"{file.Path} is truncated or damaged: rows of {dimension} components take {rowBytes} bytes, and the file has {rows} whole rows and {rest} bytes more");
    }
}
