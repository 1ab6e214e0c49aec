using Valori.Actors;
using Valori.Host.Files;
using Valori.Kernel;
using Valori.Kernel.Vectors;

namespace Valori.Host.Commands;

/// <summary>
/// Looks at an import's first batch before anything is opened: a file that is refused from its first rows on creates neither a
/// directory nor a collection.
/// </summary>
internal static class ImportCheck
{
    // A batch of stored vectors and tags is at most so large (valori.max-batch-bytes, which the command line does not change).
    private const long MaximumBatchBytes = 64L << 20;

    /// <exception cref="RefusedException">The batch is too large.</exception>
    /// <exception cref="VectorFileException">The file cannot be read, or holds a vector that cannot be stored.</exception>
    public static void FirstBatch(string path, int batchRows)
    {
        using VectorFile file = VectorFile.Open(path);
        if (file.ReadBatch(batchRows) is not { } rows) return;
        if (rows.FirstRefused(file.Path, file.Dimension) is { } refused) throw refused;
        VectorBlock block = VectorBlock.FromComponents(rows.Dimension, rows.Components).Value!;
        long bytes = block.Raw.Length + (long)rows.Count * sizeof(ulong);
        if (bytes > MaximumBatchBytes)
            throw new RefusedException(new Refusal(RefusalKind.LimitExceeded, $"--batch is {rows.Count}; such a batch has {bytes} bytes of vectors and tags, and the limit is {MaximumBatchBytes}: choose a smaller one"));
    }
}
