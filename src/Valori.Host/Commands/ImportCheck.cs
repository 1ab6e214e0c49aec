using Valori.Host.Files;
using Valori.Protocol;

namespace Valori.Host.Commands;

/// <summary>
/// Looks at an import's first batch before anything is created: a file that is refused from its first rows on creates neither a
/// directory nor a collection.
/// </summary>
internal static class ImportCheck
{
    /// <param name="schema">Of the collection.</param>
    /// <param name="upsert">Whether each row needs a key.</param>
    /// <param name="maximumBatchBytes">How many bytes the engine takes in a batch.</param>
    /// <exception cref="RefusedException">The batch is too large.</exception>
    /// <exception cref="VectorFileException">The file cannot be read, or holds a vector that cannot be stored.</exception>
    public static void FirstBatch(string path, EngineSchema schema, int batchRows, long maximumOtherBytes, bool upsert, long maximumBatchBytes)
    {
        using VectorFile file = VectorFile.Open(path);
        if (file.ReadBatch(batchRows, maximumOtherBytes) is not { } rows) return;
        if (rows.FirstRefused(file.Path, schema) is { } refused) throw refused;
        if (upsert && rows.FirstWithoutKey(file.Path) is { } without) throw without;
        VectorBlock block = VectorBlock.FromComponents(schema, rows.Components).Value!;
        long bytes = new PutRecords(block, rows.Tags, rows.Records is null ? [] : [.. rows.Records.Select(record => record.ToAttributes())], upsert).ContentBytes;
        if (bytes > maximumBatchBytes)
            throw new RefusedException(new Refusal(
                RefusalKind.LimitExceeded,
                $"a batch of {rows.Count} vectors has {bytes} bytes, and the limit is {maximumBatchBytes} (valori.max-batch-bytes): choose a smaller --batch"));
    }
}
