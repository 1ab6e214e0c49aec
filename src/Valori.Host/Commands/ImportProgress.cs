using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using Valori.Host.Files;

namespace Valori.Host.Commands;

/// <summary>A progress bar with rate on standard error; nothing if that is not a terminal.</summary>
internal static class ImportProgress
{
    /// <param name="work">Calls back with the number of rows that are durable.</param>
    public static async Task RunAsync(VectorFile vectors, Func<Action<long>, Task> work)
    {
        if (Console.IsErrorRedirected)
        {
            await work(_ => { });
            return;
        }
        IAnsiConsole console = ErrorConsole();
        long total = vectors.RowCount ?? vectors.Length;
        Stopwatch watch = Stopwatch.StartNew();
        long firstRow = vectors.RowsRead, rows = firstRow;
        await console.Progress()
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new RateColumn(() => (rows - firstRow) / Math.Max(watch.Elapsed.TotalSeconds, 1e-3)), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(Path.GetFileName(vectors.Path)), maxValue: total);
                await work(durable =>
                {
                    rows = durable;
                    task.Value = vectors.RowCount is null ? vectors.Position : durable;
                });
            });
    }

    /// <summary>Shows that the import is not over yet while the collection closes.</summary>
    public static async Task CloseAsync(Func<ValueTask> close)
    {
        if (Console.IsErrorRedirected) await close();
        else await ErrorConsole().Status().StartAsync("closing the collection, and finishing its snapshot", async _ => await close());
    }

    private static IAnsiConsole ErrorConsole() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    private sealed class RateColumn(Func<double> rowsPerSecond) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(string.Create(CultureInfo.InvariantCulture, $"{rowsPerSecond():N0} vectors/s"));
    }
}
