using Valori.Host.Files;

namespace Valori.Host.Commands;

/// <summary>
/// Finds where an interrupted import stopped, from content alone: the longest run of the file's first rows with which the
/// collection ends. Every row of it is compared, so a resumed import leaves exactly what an uninterrupted one would have. Fields and
/// metadata that a row does not have may have been set since. With upserts, a row whose record was replaced by a later row counts too.
/// </summary>
internal static class ImportResume
{
    private const int CompareRows = 256;

    /// <summary>Reads past the rows that are there already.</summary>
    /// <returns>How many they are.</returns>
    public static async Task<long> SkipPresentRowsAsync(ValoriEngine engine, VectorFile vectors, bool upsert, CancellationToken cancellationToken)
    {
        ulong slots = (await engine.StatusAsync(cancellationToken: cancellationToken)).RecordSlots;
        ulong start = upsert
            ? await FindUpsertsAsync(engine, vectors.Path, slots, cancellationToken)
            : await FindInsertsAsync(engine, vectors, slots, cancellationToken);
        long present = (long)(slots - start);
        while (vectors.RowsRead < present) vectors.ReadBatch((int)Math.Min(CompareRows, present - vectors.RowsRead));
        return present;
    }

    /// <summary>The id of the file's first row, or the number of slots.</summary>
    private static async Task<ulong> FindInsertsAsync(ValoriEngine engine, VectorFile vectors, ulong slots, CancellationToken cancellationToken)
    {
        using VectorFile probe = VectorFile.Open(vectors.Path);
        if (probe.ReadBatch(1) is not { } first) return slots;
        for (ulong start = vectors.RowCount is { } rows && slots > (ulong)rows ? slots - (ulong)rows : 0; start < slots; start++)
        {
            if (await EqualsRecordAsync(engine, start, first, 0, upsert: false, cancellationToken)
                && await MatchesToTheEndAsync(engine, vectors.Path, start, slots, upsert: false, cancellationToken)) return start;
        }
        return slots;
    }

    /// <summary>The same of upserts. Their first rows may have been replaced; the last record is live, and its key says which row it is.</summary>
    private static async Task<ulong> FindUpsertsAsync(ValoriEngine engine, string path, ulong slots, CancellationToken cancellationToken)
    {
        if (slots == 0 || (await FindAsync(engine, slots - 1, cancellationToken))?.Key is not { } key) return slots;
        Stack<long> candidates = [];
        using (VectorFile file = VectorFile.Open(path))
        {
            while (file.ReadBatch(CompareRows) is { } rows)
            {
                for (int row = 0; row < rows.Count; row++)
                {
                    if (rows.FirstRow + row < (long)slots && key.Equals(rows.Records?[row].Key)) candidates.Push(rows.FirstRow + row);
                }
            }
        }
        foreach (long row in candidates)
        {
            ulong start = slots - 1 - (ulong)row;
            if (await MatchesToTheEndAsync(engine, path, start, slots, upsert: true, cancellationToken)) return start;
        }
        return slots;
    }

    private static async Task<bool> MatchesToTheEndAsync(ValoriEngine engine, string path, ulong start, ulong slots, bool upsert, CancellationToken cancellationToken)
    {
        using VectorFile file = VectorFile.Open(path);
        for (ulong id = start; id < slots;)
        {
            if (file.ReadBatch((int)Math.Min(CompareRows, slots - id)) is not { } rows) return false;
            for (int row = 0; row < rows.Count; row++, id++)
            {
                if (!await EqualsRecordAsync(engine, id, rows, row, upsert, cancellationToken)) return false;
            }
        }
        return true;
    }

    private static async Task<bool> EqualsRecordAsync(ValoriEngine engine, ulong id, VectorBatch rows, int row, bool upsert, CancellationToken cancellationToken)
    {
        RecordAttributes expected = rows.Records?[row].ToAttributes() ?? RecordAttributes.None;
        if (await FindAsync(engine, id, cancellationToken) is not { } record)
            return upsert && expected.Key is { } key && await engine.FindRecordAsync(key, cancellationToken: cancellationToken) is { } later && later.Value > id;
        if (record.Tag != rows.Tags[row] || !Equals(record.Key, expected.Key) || record.ExpiresAtUnixMicroseconds != expected.ExpiresAtUnixMicroseconds) return false;
        if (!expected.Fields.IsEmpty && !expected.Fields.Equals(record.Fields)) return false;
        if (expected.Metadata is { } metadata && !(record.Metadata is { } stored && stored.Span.SequenceEqual(metadata.Span))) return false;
        if (!VectorBlock.FromVector(engine.Schema, rows.Row(row).Span).TryGet(out VectorBlock? vector, out _)) return false;
        int[] raw = new int[vector.Dimension];
        vector.CopyRow(0, raw);
        return record.Vector.Span.SequenceEqual(raw);
    }

    /// <summary>The record, or null if it was deleted.</summary>
    private static async Task<RecordContent?> FindAsync(ValoriEngine engine, ulong id, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.GetRecordAsync(new RecordId(id), cancellationToken: cancellationToken);
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.NotFound)
        {
            return null;
        }
    }
}
