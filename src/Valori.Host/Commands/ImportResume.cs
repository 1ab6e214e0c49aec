using Valori.Actors;
using Valori.Host.Files;
using Valori.Kernel;
using Valori.Kernel.Vectors;

namespace Valori.Host.Commands;

/// <summary>
/// Finds where an interrupted import stopped, from content alone: the longest run of the file's first rows with which the
/// collection ends. Every row of it is compared, so a resumed import leaves exactly what an uninterrupted one would have.
/// </summary>
internal static class ImportResume
{
    private const int CompareRows = 256;

    /// <summary>Reads past the rows that are there already.</summary>
    /// <returns>How many they are.</returns>
    public static async Task<long> SkipPresentRowsAsync(ValoriEngine engine, VectorFile vectors, CancellationToken cancellationToken)
    {
        ulong slots = (await engine.StatusAsync(cancellationToken: cancellationToken)).RecordSlots;
        ulong start = vectors.RowCount is { } rows && slots > (ulong)rows ? slots - (ulong)rows : 0;
        using (VectorFile probe = VectorFile.Open(vectors.Path))
        {
            if (probe.ReadBatch(1) is not { } first) return 0;
            for (; start < slots; start++)
            {
                if (await EqualsRecordAsync(engine, start, first, 0, cancellationToken)
                    && await MatchesToTheEndAsync(engine, vectors.Path, start, slots, cancellationToken)) break;
            }
        }
        long present = (long)(slots - start);
        while (vectors.RowsRead < present) vectors.ReadBatch((int)Math.Min(CompareRows, present - vectors.RowsRead));
        return present;
    }

    private static async Task<bool> MatchesToTheEndAsync(ValoriEngine engine, string path, ulong start, ulong slots, CancellationToken cancellationToken)
    {
        using VectorFile file = VectorFile.Open(path);
        for (ulong id = start; id < slots;)
        {
            if (file.ReadBatch((int)Math.Min(CompareRows, slots - id)) is not { } rows) return false;
            for (int row = 0; row < rows.Count; row++, id++)
            {
                if (!await EqualsRecordAsync(engine, id, rows, row, cancellationToken)) return false;
            }
        }
        return true;
    }

    private static async Task<bool> EqualsRecordAsync(ValoriEngine engine, ulong id, VectorBatch rows, int row, CancellationToken cancellationToken)
    {
        RecordContent record;
        try
        {
            record = await engine.GetRecordAsync(new RecordId(id), cancellationToken: cancellationToken);
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.NotFound)
        {
            return false;
        }
        if (record.Tag != rows.Tags[row] || !VectorBlock.FromVector(engine.Schema, rows.Row(row).Span).TryGet(out VectorBlock? vector, out _)) return false;
        int[] raw = new int[vector.Dimension];
        vector.CopyRow(0, raw);
        return record.Vector.Span.SequenceEqual(raw);
    }
}
