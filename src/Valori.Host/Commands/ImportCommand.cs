using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Host.VectorFiles;

namespace Valori.Host.Commands;

/// <summary><c>valori import</c>: the vectors of a file as new records, in atomic batches.</summary>
internal static class ImportCommand
{
    private const int DefaultBatchRows = 1000;

    public static Command Create()
    {
        Option<DirectoryInfo> data = CommandLine.Data();
        Option<string> collection = CommandLine.Collection();
        Option<int> batch = new("--batch")
        {
            Description = $"Vectors in one atomic batch (default {DefaultBatchRows}).",
            DefaultValueFactory = _ => DefaultBatchRows,
            HelpName = "N",
        };
        batch.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError($"--batch is {result.GetValueOrDefault<int>()}; it must be at least 1");
        });
        Option<bool> resume = new("--resume")
        {
            Description = "Go on with an interrupted import: skip the rows with which the collection already ends, after comparing each.",
        };
        Argument<FileInfo> file = new("FILE") { Description = "A .fvecs, .npy or .jsonl file (a line: {\"vector\":[...],\"tag\":n})." };
        Command command = new("import", "Insert the vectors of a file. What a finished batch inserted stays, whatever happens later.")
        {
            data, collection, batch, resume, file,
        };
        command.OnRun((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(data), parsed.GetRequiredValue(collection), parsed.GetRequiredValue(file),
            parsed.GetRequiredValue(batch), parsed.GetValue(resume), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        DirectoryInfo data, string collection, FileInfo file, int batchRows, bool resume, CancellationToken cancellationToken)
    {
        using VectorFile vectors = VectorFile.Open(file.FullName);
        await using ValoriEngine engine = await CommandLine.OpenAsync(data, collection, vectors.Dimension, create: true, cancellationToken);
        if (resume)
        {
            long present = await ImportResume.SkipPresentRowsAsync(engine, vectors, cancellationToken);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"resuming behind {present:N0} rows that are there already"));
        }

        Stopwatch watch = Stopwatch.StartNew();
        long firstRow = vectors.RowsRead, durable = firstRow;
        try
        {
            await ImportProgress.RunAsync(vectors, async report =>
            {
                // One batch is on its way while the next is read and converted.
                Task pending = Task.CompletedTask;
                while (vectors.ReadBatch(batchRows) is { } rows)
                {
                    await pending;
                    durable = rows.FirstRow;
                    report(durable);
                    pending = engine.InsertBatchAsync(rows.Components, rows.Tags, cancellationToken);
                }
                await pending;
                durable = vectors.RowsRead;
                report(durable);
            });
        }
        catch (Exception e) when (e is VectorFileException or RefusedException or EngineException or OperationCanceledException)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"valori: stopped in the batch behind row {durable:N0}; the {durable - firstRow:N0} rows before it are durable. Mend the cause, then go on with --resume"));
            throw;
        }

        EngineStatus status = await engine.StatusAsync(cancellationToken);
        double seconds = watch.Elapsed.TotalSeconds;
        long rows = durable - firstRow;
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"imported {rows:N0} vectors of {vectors.Dimension} components in {seconds:F2} s ({rows / Math.Max(seconds, 1e-9):N0}/s)"));
        Console.Out.WriteLine($"state hash {status.StateHash}");
        return ExitCode.Done;
    }
}
