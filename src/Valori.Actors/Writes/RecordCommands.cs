using Valori.Protocol;

namespace Valori.Actors.Writes;

/// <summary>Commands that put records as users write them.</summary>
internal static class RecordCommands
{
    /// <exception cref="RefusedException">A vector is not allowed, or a record that is to replace has no key.</exception>
    public static Command Put(EngineSchema schema, IReadOnlyList<NewRecord> records, bool replace)
    {
        for (int i = 0; replace && i < records.Count; i++)
        {
            // It would be inserted anew with each try.
            if (records[i].Key is null) throw new RefusedException(new Refusal(RefusalKind.InvalidArgument, $"record {i} has no key: an upsert needs one; insert records without a key"));
        }
        return PutRecords.Of(VectorsOf(schema, records), records.Select(record => record.Tag).ToArray(), [.. records.Select(record => record.ToAttributes())], replace);
    }

    /// <param name="tags">One a vector; all 0 if null.</param>
    /// <exception cref="RefusedException">A vector is not allowed.</exception>
    public static InsertRecords Insert(EngineSchema schema, IReadOnlyList<ReadOnlyMemory<float>> vectors, IReadOnlyList<ulong>? tags) =>
        new(BlockOf(schema, vectors), tags is null ? new ulong[vectors.Count] : tags.ToArray());

    /// <exception cref="RefusedException">A vector is not allowed.</exception>
    public static VectorBlock VectorsOf(EngineSchema schema, IReadOnlyList<NewRecord> records) => BlockOf(schema, [.. records.Select(record => record.Vector)]);

    private static VectorBlock BlockOf(EngineSchema schema, IReadOnlyList<ReadOnlyMemory<float>> vectors) =>
        VectorBlock.FromVectors(schema, vectors).TryGet(out VectorBlock? block, out Refusal? refusal) ? block : throw new RefusedException(refusal);
}
