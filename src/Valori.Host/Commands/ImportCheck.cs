using Valori.Actors;
using Valori.Host.Files;
using Valori.Kernel;
using Valori.Kernel.Vectors;

namespace Valori.Host.Commands;

/// <summary>
/// Looks at an import's first batch before anything is created: a file that is refused from its first rows on creates neither a
/// directory nor a collection.
/// </summary>
internal static class ImportCheck
{
    /// <param name="schema">Of the collection.</param>
    /// <param name="maximumBatchBytes">How many bytes of stored vectors and tags the engine takes in a batch.</param>
    /// <exception cref="RefusedException">The batch is too large.</exception>
    /// <exception cref="VectorFileException">The file cannot be read, or holds a vector that cannot be stored.</exception>
    public static void FirstBatch(string path, EngineSchema schema, int batchRows, long maximumBatchBytes)
    {
        using VectorFile file = VectorFile.Open(path);
        if (file.ReadBatch(batchRows) is not { } rows) return;
        if (rows.FirstRefused(file.Path, schema) is { } refused) throw refused;
        VectorBlock block = VectorBlock.FromComponents(schema, rows.Components).Value!;
        long bytes = block.Raw.Length + (long)rows.Count * sizeof(ulong);
        if (bytes > maximumBatchBytes)
            throw new RefusedException(new Refusal(RefusalKind.LimitExceeded, $"a batch of {rows.Count} vectors has {bytes} bytes of vectors and tags, and the limit is {maximumBatchBytes} (valori.max-batch-bytes): choose a smaller --batch"));
    }
}
