using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Valori.Host.Json;

namespace Valori.Host.Files;

/// <summary>
/// NumPy <c>.npy</c> (format 1 to 3, numpy.lib.format): a two-dimensional C-order array of float16, float32 or float64,
/// little-endian; float64 is rounded to the nearest float32.
/// </summary>
internal sealed class NpyFile : VectorFile
{
    // The largest header that NumPy writes for two dimensions is far below; anything longer is not read.
    private const int MaximumHeaderBytes = 1 << 16;

    private readonly int _componentBytes;

    public NpyFile(string path)
        : base(path)
    {
        try
        {
            NpyHeader header = NpyHeader.Parse(path, ReadHeader());
            _componentBytes = ComponentBytes(header.Type);
            if (header.IsFortranOrder)
                throw new VectorFileException($"{path}: the array is in Fortran order; save it in C order, with numpy.save(path, numpy.ascontiguousarray(array))");
            if (header.Shape is not [long rows, long columns])
                throw new VectorFileException($"{path}: the shape is ({string.Join(", ", header.Shape)}); expected two dimensions, (rows, components)");
            Dimension = CheckDimension(columns, "the second dimension of the array");
            RowCount = rows;
            CheckLength(rows, (long)Dimension * _componentBytes);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    protected override VectorBatch? ReadRows(int maximumRows, long maximumOtherBytes)
    {
        int rows = (int)Math.Min(maximumRows, RowCount!.Value - RowsRead);
        if (rows == 0) return null;
        float[] components = new float[rows * Dimension];
        byte[] row = new byte[Dimension * _componentBytes];
        for (int i = 0; i < rows; i++)
        {
            Stream.ReadExactly(row);
            ToSingles(RowsRead + i, row, components.AsSpan(i * Dimension, Dimension));
        }
        return new VectorBatch(RowsRead, Dimension, components, new ulong[rows]);
    }

    private void ToSingles(long row, ReadOnlySpan<byte> bytes, Span<float> destination)
    {
        switch (_componentBytes)
        {
            case 2:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (int i = 0; i < halves.Length; i++) destination[i] = (float)halves[i];
                break;
            case 4:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(destination);
                break;
            default:
                ReadOnlySpan<double> doubles = MemoryMarshal.Cast<byte, double>(bytes);
                int vanished = -1;
                for (int i = 0; i < doubles.Length; i++)
                {
                    destination[i] = (float)doubles[i];
                    if (destination[i] == 0 && doubles[i] != 0) vanished = i;
                    if (double.IsFinite(doubles[i]) && !Float32.IsInRange(destination[i]))
                    {
                        throw new VectorFileException(string.Create(CultureInfo.InvariantCulture,
                            $"{Path}: row {row}: component {i} is {doubles[i]:R}, {Float32.OutOfRange}"));
                    }
                }
                if (vanished >= 0 && !destination.ContainsAnyExcept(0f))
                    throw new VectorFileException($"{Path}: {Float32.RefuseVanished(string.Create(CultureInfo.InvariantCulture, $"row {row}: "), vanished).Message}");
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
            if (Stream.ReadAtLeast(start.AsSpan(10, 2), 2, throwOnEndOfStream: false) < 2) throw Truncated(length);
            length = BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8));
        }
        if (length > MaximumHeaderBytes || length > Stream.Length - Stream.Position) throw Truncated(length);
        byte[] header = new byte[length];
        Stream.ReadExactly(header);
        return Encoding.UTF8.GetString(header);
    }

    private VectorFileException Truncated(uint length) => new(
        $"{Path}: the .npy header says that it has {length} bytes, more than the file has or any array needs ({MaximumHeaderBytes}): the file is truncated or damaged");

    private void CheckLength(long rows, long rowBytes)
    {
        long dataBytes = Stream.Length - Stream.Position;
        if (rows <= dataBytes / rowBytes && rows * rowBytes == dataBytes) return;
        string advice = rows > dataBytes / rowBytes ? "the file is truncated: save or copy it again" : "the file has more than one array, or is damaged";
        throw new VectorFileException($"{Path}: {rows} rows of {rowBytes} bytes were expected after the header, found {dataBytes} bytes; {advice}");
    }

    /// <summary>Bytes of one component. NumPy takes every name here; '=' and no sign mean the byte order of the machine, little-endian.</summary>
    private int ComponentBytes(string type) => (type.Length > 1 && type[0] is '<' or '=' or '|' ? type[1..] : type) switch
    {
        "f2" or "e" or "float16" or "half" => sizeof(short),
        "f4" or "f" or "float32" or "single" => sizeof(float),
        "f8" or "d" or "float64" or "double" => sizeof(double),
        _ => throw new VectorFileException(
            $"{Path}: the array's type is '{type}'; known are little-endian float16, float32 and float64 (<f2, <f4, <f8): save it with numpy.save(path, array.astype('<f4'))"),
    };
}
