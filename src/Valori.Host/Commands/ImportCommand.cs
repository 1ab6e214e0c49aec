using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Valori.Host.Files;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori import</c>: the vectors of a file as new records, in atomic batches.</summary>
internal static class ImportCommand
{
    private const int DefaultBatchRows = 1000;

    // Half of the default of valori.max-batch-bytes, so that vectors of any dimension can be imported without options.
    private const int DefaultBatchBytes = 32 << 20;

    public static Command Create()
    {
        Option<DirectoryInfo?> data = AuditedStore.Data("Only one process at a time can use it.");
        Option<FileInfo?> config = AuditedStore.ConfigToWrite();
        Option<string> collection = CommandLine.Collection();
        Option<int> batch = new("--batch")
        {
            Description = $"Vectors in one atomic batch. Without it, {DefaultBatchRows}, or as many as fit {DefaultBatchBytes >> 20} MiB or half of valori.max-batch-bytes, if that is fewer.",
            CustomParser = result => CommandLine.WholeNumber(result, 1, int.MaxValue),
            HelpName = "N",
        };
        Option<Metric?> metric = CommandLine.Metric();
        Option<double?> scale = CommandLine.Scale();
        Option<bool> resume = new("--resume")
        {
            Description = "Continue an interrupted import: skip the first rows of the file if the collection ends with them. Each of these rows is compared.",
        };
        Option<bool> upsert = new("--upsert")
        {
            Description = "Replace the records that have the keys of the file's rows. Each row needs a key. If a key appears twice, the last row with it stays.",
        };
        Argument<FileInfo> file = new("FILE")
        {
            Description = "An .fvecs, .npy or .jsonl file (a line: "
                + "{\"vector\":[...],\"tag\":n,\"key\":\"...\",\"fields\":{...},\"metadata\":\"base64\",\"expires_at\":\"...\"}, of which only the vector is needed).",
        };
        Command command = new("import", "Insert the vectors of a file, batch by batch. If a row is refused, the batches before it stay: correct the file and use --resume.")
        {
            data, config, collection, metric, scale, batch, upsert, resume, file,
        };
        AuditedStore.Require(command, data, config);
        // The parser takes a misspelt option in front of the file for the file.
        file.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && token.Value.StartsWith('-'))
                result.AddError($"Unrecognized command or argument '{token.Value}'{CommandLine.Meant(token.Value, command.Options.Select(option => option.Name))}");
        });
        command.OnRun((parsed, cancellationToken) => RunAsync(
            AuditedStore.Of(parsed.GetValue(data), parsed.GetValue(config)), parsed.GetRequiredValue(collection), parsed.GetRequiredValue(file),
            new WantedSchema(Metric: parsed.GetValue(metric), Scale: parsed.GetValue(scale)), parsed.GetValue(batch), parsed.GetValue(upsert), parsed.GetValue(resume), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        AuditedStore store, string collection, FileInfo file, WantedSchema wanted, int wantedBatchRows, bool upsert, bool resume, CancellationToken cancellationToken)
    {
        Stopwatch watch = Stopwatch.StartNew();
        using VectorFile vectors = VectorFile.Open(file.FullName);
        int batchRows = BatchRows(wantedBatchRows, vectors, store.MaximumBatchBytes);
        long maximumOtherBytes = wantedBatchRows == 0 ? store.MaximumBatchBytes / 4 : long.MaxValue;
        wanted = wanted with { Dimension = vectors.Dimension };
        if (wanted.Check() is { } refusal) throw new RefusedException(refusal);
        (ValoriEngine opened, bool isNew) = await OpenAsync(store, collection, vectors.Path, wanted, CheckFirstBatch, cancellationToken);
        await using ValoriEngine engine = opened;
        if (isNew) Console.Out.WriteLine($"created collection '{collection}' for vectors of {vectors.Dimension} components{Beside(engine.Schema)} in {store.Name}");
        else CheckFirstBatch(engine.Schema);
        if (resume)
        {
            long present = await ImportResume.SkipPresentRowsAsync(engine, vectors, upsert, cancellationToken);
            ulong records = await engine.RecordCountAsync(cancellationToken: cancellationToken);
            Console.Error.WriteLine(present == 0 && records > 0
                ? string.Create(CultureInfo.InvariantCulture, $"the collection does not end with the first rows of the file: all rows are added to its {records:N0} records")
                : string.Create(CultureInfo.InvariantCulture, $"resuming after {present:N0} rows that are in the collection already"));
        }

        long firstRow = vectors.RowsRead, durable = firstRow;
        PrecisionLoss loss = new(vectors, engine.Schema);
        try
        {
            await ImportProgress.RunAsync(vectors, async report =>
            {
                // One batch is on its way while the next is read and converted.
                Task pending = Task.CompletedTask;
                try
                {
                    while (vectors.ReadBatch(batchRows, maximumOtherBytes) is { } rows)
                    {
                        await pending;
                        durable = rows.FirstRow;
                        report(durable);
                        pending = InsertAsync(engine, vectors.Path, rows, upsert, cancellationToken);
                        loss.Add(rows);
                    }
                }
                catch (VectorFileException)
                {
                    // The batch before the damage counts too.
                    await pending;
                    durable = vectors.RowsRead;
                    throw;
                }
                await pending;
                durable = vectors.RowsRead;
                report(durable);
            });
        }
        catch (Exception e) when (e is VectorFileException or RefusedException or EngineException or OperationCanceledException)
        {
            loss.Report();
            string advice = e is OperationCanceledException ? "Continue with --resume" : "Correct the cause, then continue with --resume";
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"valori: the import stopped. The first {durable:N0} rows of the file are in the collection and durable ({durable - firstRow:N0} of them new). {advice}"));
            throw;
        }

        loss.Report();
        EngineStatus status = await engine.StatusAsync(cancellationToken: cancellationToken);
        // The rate is that of the whole import, so it counts the end too: a snapshot may be under way, and the journal is closed.
        await ImportProgress.CloseAsync(engine.DisposeAsync);
        double seconds = watch.Elapsed.TotalSeconds;
        long rows = durable - firstRow;
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"imported {rows:N0} vectors of {vectors.Dimension} components in {seconds:F2} s ({rows / Math.Max(seconds, 1e-9):N0}/s)"));
        Console.Out.WriteLine($"state hash {status.StateHash}");
        return ExitCode.Done;

        void CheckFirstBatch(EngineSchema schema) => ImportCheck.FirstBatch(file.FullName, schema, batchRows, maximumOtherBytes, upsert, store.MaximumBatchBytes);
    }

    /// <summary>What a schema has beside the dimension, as in ", metric dot".</summary>
    private static string Beside(EngineSchema schema) => schema.ToString()[$"dimension {schema.Dimension}".Length..];

    private static async Task<(ValoriEngine Engine, bool IsNew)> OpenAsync(
        AuditedStore store, string collection, string path, WantedSchema schema, Action<EngineSchema> beforeCreating, CancellationToken cancellationToken)
    {
        try
        {
            return await store.OpenOrCreateEngineAsync(collection, schema, cancellationToken, () => beforeCreating(schema.ForNew()));
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.Conflict)
        {
            throw new VectorFileException($"{path}: {e.Message}", e);
        }
    }

    private static async Task InsertAsync(ValoriEngine engine, string path, VectorBatch rows, bool upsert, CancellationToken cancellationToken)
    {
        if (upsert && rows.FirstWithoutKey(path) is { } without) throw without;
        try
        {
            if (rows.Records is null) await engine.InsertBatchAsync(rows.Components, rows.Tags, cancellationToken);
            else if (upsert) await engine.UpsertBatchAsync(rows.Records, cancellationToken);
            else await engine.InsertBatchAsync(rows.Records, cancellationToken);
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.InvalidArgument && rows.FirstRefused(path, engine.Schema) is { } refused)
        {
            // The engine counts within the batch; the user's row is one of the file.
            throw refused;
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.Conflict)
        {
            if (await FirstTakenAsync(engine, path, rows, cancellationToken) is { } taken) throw taken;
            throw;
        }
    }

    /// <summary>The first row whose key a live record has, as an error with file and place; null if there is none.</summary>
    private static async Task<VectorFileException?> FirstTakenAsync(ValoriEngine engine, string path, VectorBatch rows, CancellationToken cancellationToken)
    {
        for (int row = 0; row < rows.Count; row++)
        {
            if (rows.Records?[row].Key is { } key && await engine.FindRecordAsync(key, cancellationToken: cancellationToken) is { } id)
                return new VectorFileException($"{path}: {rows.PlaceOf(row)}: the key {RecordKey.Show(key.Utf8)} is already used by the record with id {id}: use --upsert to replace it");
        }
        return null;
    }

    /// <summary>Vectors in one batch: what was asked for (0: nothing was), but no more than the file has.</summary>
    /// <exception cref="VectorFileException">So many vectors are more than one batch can be.</exception>
    internal static int BatchRows(int wanted, VectorFile vectors, long maximumBatchBytes)
    {
        int rowBytes = vectors.Dimension * sizeof(float) + sizeof(ulong);
        if (wanted == 0) return (int)Math.Clamp(Math.Min(DefaultBatchBytes, maximumBatchBytes / 2) / rowBytes, 1, DefaultBatchRows);
        if (vectors.RowCount is { } rows) wanted = (int)Math.Min(wanted, Math.Max(rows, 1));
        return (long)wanted * rowBytes <= int.MaxValue
            ? wanted
            : throw new VectorFileException(string.Create(CultureInfo.InvariantCulture,
                $"--batch is {wanted}; with {vectors.Dimension} components a vector it must be at most {int.MaxValue / rowBytes}"));
    }
}
