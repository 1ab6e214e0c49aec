using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Valori.Host.VectorFiles;

/// <summary>
/// NumPy <c>.npy</c> (format 1 to 3, numpy.lib.format): a two-dimensional C-order array of float16, float32 or float64,
/// little-endian; float64 is rounded to the nearest float32.
/// </summary>
internal sealed partial class NpyFile : VectorFile
{
    // The largest header that NumPy writes for two dimensions is far below; anything longer is not read.
    private const int MaximumHeaderBytes = 1 << 16;

    private readonly int _componentBytes;

    public NpyFile(string path)
        : base(path)
    {
        try
        {
            string header = ReadHeader();
            _componentBytes = ComponentBytes(Field(DescrField(), header, "descr"));
            if (Field(OrderField(), header, "fortran_order") != "False")
                throw new VectorFileException($"{path}: the array is in Fortran order; save it in C order (numpy.ascontiguousarray)");
            string[] shape = Field(ShapeField(), header, "shape").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (shape.Length != 2
                || !long.TryParse(shape[0], NumberStyles.None, CultureInfo.InvariantCulture, out long rows)
                || !long.TryParse(shape[1], NumberStyles.None, CultureInfo.InvariantCulture, out long columns))
            {
                throw new VectorFileException($"{path}: the shape is ({string.Join(", ", shape)}); expected two dimensions, (rows, components)");
            }
            Dimension = CheckDimension(columns, "the second dimension of the array");
            RowCount = rows;
            long rowBytes = (long)Dimension * _componentBytes, dataBytes = Stream.Length - Stream.Position;
            if (rows > dataBytes / rowBytes || rows * rowBytes != dataBytes)
            {
                throw new VectorFileException(
                    $"{path}: {rows} rows of {rowBytes} bytes were expected behind the header, found {dataBytes} bytes");
            }
        }
        catch
        {
            Stream.Dispose();
            throw;
        }
    }

    protected override VectorBatch? ReadRows(int maximumRows)
    {
        int rows = (int)Math.Min(maximumRows, RowCount!.Value - RowsRead);
        if (rows == 0) return null;
        float[] components = new float[rows * Dimension];
        byte[] row = new byte[Dimension * _componentBytes];
        for (int i = 0; i < rows; i++)
        {
            Stream.ReadExactly(row);
            ToSingles(row, components.AsSpan(i * Dimension, Dimension));
        }
        return new VectorBatch(RowsRead, Dimension, components, new ulong[rows]);
    }

    private void ToSingles(ReadOnlySpan<byte> row, Span<float> destination)
    {
        switch (_componentBytes)
        {
            case 2:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(row);
                for (int i = 0; i < halves.Length; i++) destination[i] = (float)halves[i];
                break;
            case 4:
                MemoryMarshal.Cast<byte, float>(row).CopyTo(destination);
                break;
            default:
                ReadOnlySpan<double> doubles = MemoryMarshal.Cast<byte, double>(row);
                for (int i = 0; i < doubles.Length; i++) destination[i] = (float)doubles[i];
                break;
        }
    }

    private string ReadHeader()
    {
        byte[] start = new byte[12];
        int read = Stream.ReadAtLeast(start.AsSpan(0, 10), 10, throwOnEndOfStream: false);
        if (read < 10 || start[0] != 0x93 || !start.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
            throw new VectorFileException($"{Path} does not start like an .npy file (\\x93NUMPY)");
        if (start[6] is < 1 or > 3) throw new VectorFileException($"{Path}: .npy format version {start[6]} is unknown; known are 1 to 3");

        uint length = BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8));
        if (start[6] > 1)
        {
            if (Stream.ReadAtLeast(start.AsSpan(10, 2), 2, throwOnEndOfStream: false) < 2) throw Truncated();
            length = BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8));
        }
        if (length > MaximumHeaderBytes || length > Stream.Length - Stream.Position) throw Truncated();
        byte[] header = new byte[length];
        Stream.ReadExactly(header);
        return Encoding.UTF8.GetString(header);
    }

    private VectorFileException Truncated() => new($"{Path}: the .npy header is longer than the file, or absurdly long");

    private string Field(Regex field, string header, string name) => field.Match(header) is { Success: true } match
        ? match.Groups[1].Value
        : throw new VectorFileException($"{Path}: the .npy header has no field '{name}' that can be read");

    private int ComponentBytes(string type) => type switch
    {
        "<f2" => 2,
        "<f4" => 4,
        "<f8" => 8,
        _ => throw new VectorFileException($"{Path}: the array's type is '{type}'; known are <f2, <f4 and <f8"),
    };

    [GeneratedRegex("'descr'\\s*:\\s*'([^']*)'", RegexOptions.CultureInvariant)]
    private static partial Regex DescrField();

    [GeneratedRegex("'fortran_order'\\s*:\\s*(\\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex OrderField();

    [GeneratedRegex("'shape'\\s*:\\s*\\(([^)]*)\\)", RegexOptions.CultureInvariant)]
    private static partial Regex ShapeField();
}
