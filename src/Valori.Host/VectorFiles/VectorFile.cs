using Valori.Kernel;

namespace Valori.Host.VectorFiles;

/// <summary>
/// A file of vectors, read forward in batches with constant memory. The format follows from the extension. Values are
/// passed on as they are: what the engine does not take, it refuses itself.
/// </summary>
internal abstract class VectorFile : IDisposable
{
    private const int BufferBytes = 1 << 20;

    protected VectorFile(string path)
    {
        Path = path;
        try
        {
            Stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VectorFileException($"{path} cannot be read: {e.Message}", e);
        }
    }

    public string Path { get; }

    /// <summary>Components of every row.</summary>
    public int Dimension { get; protected init; }

    /// <summary>Rows in the file; null where only reading it all would tell.</summary>
    public long? RowCount { get; protected init; }

    /// <summary>Rows read so far.</summary>
    public long RowsRead { get; private set; }

    /// <summary>Size of the file in bytes.</summary>
    public long Length => Stream.Length;

    /// <summary>Bytes consumed so far, give or take the read buffer.</summary>
    public long Position => Stream.Position;

    protected FileStream Stream { get; }

    /// <exception cref="VectorFileException">Not readable, of an unknown format, or damaged where that shows at once.</exception>
    public static VectorFile Open(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".fvecs" => new FvecsFile(path),
        ".npy" => new NpyFile(path),
        ".jsonl" or ".ndjson" => new JsonLinesFile(path),
        var unknown => throw new VectorFileException(
            $"{path}: unknown extension '{unknown}'; known are .fvecs, .npy and .jsonl"),
    };

    /// <summary>The next rows, at most <paramref name="maximumRows"/>; null at the end.</summary>
    /// <exception cref="VectorFileException">The file is damaged; rows before the damage were given already.</exception>
    public VectorBatch? ReadBatch(int maximumRows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumRows, 1);
        VectorBatch? batch;
        try
        {
            batch = ReadRows(maximumRows);
        }
        catch (IOException e)
        {
            throw new VectorFileException($"{Path}: reading row {RowsRead} failed: {e.Message}", e);
        }
        RowsRead += batch?.Count ?? 0;
        return batch;
    }

    public virtual void Dispose() => Stream.Dispose();

    protected abstract VectorBatch? ReadRows(int maximumRows);

    protected int CheckDimension(long dimension, string where) =>
        dimension is >= Limits.MinimumDimension and <= Limits.MaximumDimension
            ? (int)dimension
            : throw new VectorFileException($"{Path}: {where} is {dimension}; a dimension is from {Limits.MinimumDimension} to {Limits.MaximumDimension}");
}
