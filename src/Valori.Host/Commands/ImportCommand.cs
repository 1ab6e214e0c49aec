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

    // Half of valori.max-batch-bytes, so that vectors of any dimension can be imported without options.
    private const int DefaultBatchBytes = 32 << 20;

    public static Command Create()
    {
        Option<DirectoryInfo> data = CommandLine.Data();
        Option<string> collection = CommandLine.Collection();
        Option<int> batch = new("--batch")
        {
            Description = $"Vectors in one atomic batch; where not given, {DefaultBatchRows} or as many as {DefaultBatchBytes >> 20} MiB hold.",
            CustomParser = result => CommandLine.WholeNumber(result, 1, int.MaxValue),
            HelpName = "N",
        };
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
            parsed.GetValue(batch), parsed.GetValue(resume), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        DirectoryInfo data, string collection, FileInfo file, int wantedBatchRows, bool resume, CancellationToken cancellationToken)
    {
        using VectorFile vectors = VectorFile.Open(file.FullName);
        int batchRows = BatchRows(wantedBatchRows, vectors);
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
                try
                {
                    while (vectors.ReadBatch(batchRows) is { } rows)
                    {
                        await pending;
                        durable = rows.FirstRow;
                        report(durable);
                        pending = engine.InsertBatchAsync(rows.Components, rows.Tags, cancellationToken);
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
            string advice = e is OperationCanceledException ? "Go on with --resume" : "Mend the cause, then go on with --resume";
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"valori: stopped behind row {durable:N0} of the file; the {durable - firstRow:N0} rows imported up to there are durable. {advice}"));
            throw;
        }

        EngineStatus status = await engine.StatusAsync(cancellationToken: cancellationToken);
        double seconds = watch.Elapsed.TotalSeconds;
        long rows = durable - firstRow;
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"imported {rows:N0} vectors of {vectors.Dimension} components in {seconds:F2} s ({rows / Math.Max(seconds, 1e-9):N0}/s)"));
        Console.Out.WriteLine($"state hash {status.StateHash}");
        return ExitCode.Done;
    }

    /// <summary>Vectors in one batch: what was asked for (0: nothing was), as far as the file has them and memory can.</summary>
    /// <exception cref="VectorFileException">So many vectors are more than one batch can be.</exception>
    internal static int BatchRows(int wanted, VectorFile vectors)
    {
        int rowBytes = vectors.Dimension * sizeof(float) + sizeof(ulong);
        if (wanted == 0) return Math.Clamp(DefaultBatchBytes / rowBytes, 1, DefaultBatchRows);
        if (vectors.RowCount is { } rows) wanted = (int)Math.Min(wanted, Math.Max(rows, 1));
        return (long)wanted * rowBytes <= int.MaxValue
            ? wanted
            : throw new VectorFileException(string.Create(CultureInfo.InvariantCulture,
                $"--batch is {wanted}; with {vectors.Dimension} components a vector it must be at most {int.MaxValue / rowBytes}"));
    }
}
