namespace Valori.Host.Files;

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
            throw new VectorFileException($"{path} cannot be read: {FileFailure.ReasonOf(path, e)}", e);
        }
        if (Stream.Length > 0) return;
        Stream.Dispose();
        throw new VectorFileException($"{path} is empty: it holds no vector");
    }

    public string Path { get; }

    /// <summary>Components of every row.</summary>
    public int Dimension { get; protected init; }

    /// <summary>Rows in the file; null if only reading it all would tell.</summary>
    public long? RowCount { get; protected init; }

    /// <summary>Rows read so far.</summary>
    public long RowsRead { get; private set; }

    /// <summary>Size of the file in bytes.</summary>
    public long Length => Stream.Length;

    /// <summary>Bytes consumed so far, give or take the read buffer.</summary>
    public long Position => Stream.Position;

    protected FileStream Stream { get; }

    /// <exception cref="VectorFileException">Not readable, of an unknown format, or damaged in a way that shows at once.</exception>
    public static VectorFile Open(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".fvecs" => new FvecsFile(path),
        ".npy" => new NpyFile(path),
        ".jsonl" or ".ndjson" => new JsonLinesFile(path),
        var unknown => throw new VectorFileException(
            $"{path}: unknown extension '{unknown}'{WhatIs(unknown)}; known are .fvecs, .npy and .jsonl, with float components"),
    };

    /// <summary>The next rows, at most <paramref name="maximumRows"/>; null at the end. A batch has each key once, so it may end earlier.</summary>
    /// <param name="maximumOtherBytes">Where a batch of more than one row ends, in bytes of keys, fields and metadata.</param>
    /// <exception cref="VectorFileException">The file is damaged; rows before the damage were returned by earlier calls, but for those of this batch.</exception>
    public VectorBatch? ReadBatch(int maximumRows, long maximumOtherBytes = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumRows, 1);
        VectorBatch? batch;
        try
        {
            batch = ReadRows(maximumRows, maximumOtherBytes);
        }
        catch (IOException e)
        {
            throw new VectorFileException($"{Path}: reading row {RowsRead} failed: {e.Message}", e);
        }
        RowsRead += batch?.Count ?? 0;
        return batch;
    }

    public virtual void Dispose() => Stream.Dispose();

    protected abstract VectorBatch? ReadRows(int maximumRows, long maximumOtherBytes);

    protected int CheckDimension(long dimension, string where) =>
        dimension is >= Limits.MinimumDimension and <= Limits.MaximumDimension
            ? (int)dimension
            : throw new VectorFileException(
                $"{Path}: {where} is {dimension}; a dimension is from {Limits.MinimumDimension} to {Limits.MaximumDimension}. Is the file what its extension says?");

    private static string WhatIs(string extension) => extension switch
    {
        ".bvecs" => " (rows of uint8)",
        ".ivecs" => " (rows of int32, as search --truth reads them)",
        ".fbin" => " (float32 after one header)",
        ".u8bin" or ".i8bin" => " (8-bit integers after one header)",
        ".npz" => " (a zip archive of .npy files)",
        _ => "",
    };
}
