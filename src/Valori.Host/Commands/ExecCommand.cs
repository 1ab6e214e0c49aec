using System.CommandLine;
using System.Globalization;
using System.Text;
using Valori.Host.Operations;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori exec</c>: the dialect on standard input and output.</summary>
internal static class ExecCommand
{
    // A script that is piped in must end when a disk stays full; a program that talks line by line may free space.
    private const int MaximumFailuresInSuccession = 10;

    /// <param name="streams">Where the commands come from and the answers go; null for those of the process.</param>
    public static Command Create(ExecStreams? streams)
    {
        Option<DirectoryInfo?> data = AuditedStore.Data("Only one process at a time can use it.");
        Option<FileInfo?> config = AuditedStore.ConfigToWrite();
        Option<string> collection = CommandLine.Collection();
        Option<int?> dimension = CommandLine.Dimension();
        Option<Metric?> metric = CommandLine.Metric();
        Option<double?> scale = CommandLine.Scale();
        Command command = new("exec", "Carry out commands: one JSON object per line on standard input, one answer per line on standard output. Exit code 1 if an answer is an error.")
        {
            data, config, collection, dimension, metric, scale,
        };
        AuditedStore.Require(command, data, config);
        command.OnRun(async (parsed, cancellationToken) =>
        {
            AuditedStore store = AuditedStore.Of(parsed.GetValue(data), parsed.GetValue(config));
            string name = parsed.GetRequiredValue(collection);
            // A misspelt name must not become a collection: only who says a dimension wants a new one.
            WantedSchema schema = new(parsed.GetValue(dimension), parsed.GetValue(metric), parsed.GetValue(scale));
            await using ValoriEngine engine = schema.Dimension is not null
                ? (await store.OpenOrCreateEngineAsync(name, schema, cancellationToken)).Engine
                : await store.OpenEngineAsync(name, schema, cancellationToken, $"; --dimension N creates '{name}' for vectors of N components");
            (Stream input, Stream output) = streams ?? new ExecStreams(Console.OpenStandardInput(), Console.OpenStandardOutput());
            ExecLines lines = await RunAsync(new ExecCollections(engine.OwnedSystem!, engine), name, input, output, cancellationToken);
            if (lines.Errors == 0) return ExitCode.Done;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"valori: {lines.Errors} of {lines.Answered} lines were answered with an error, line {lines.FirstError} of the input first"));
            return ExitCode.Failed;
        });
        return command;
    }

    /// <summary>
    /// Answers every line as soon as its answer is known; blank lines are skipped. A write that failed is answered as an
    /// error and the stream goes on, because the engine recovers by itself; it ends if the engine cannot. What another
    /// collection fails at is only an answer. A signal ends it after the line that is being carried out was answered.
    /// </summary>
    /// <exception cref="EngineException">The engine stopped for good, or failed again and again; the line was answered.</exception>
    /// <returns>How many lines were answered, and how.</returns>
    internal static async Task<ExecLines> RunAsync(ICollections collections, string collection, Stream input, Stream output, CancellationToken cancellationToken)
    {
        ExecDialect dialect = new(collections, collection);
        using StreamReader lines = new(input);
        int failuresInSuccession = 0;
        ExecLines total = default;
        for (long number = 1; await NextLineAsync() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            EngineException? failure = null;
            ExecAnswer answer;
            try
            {
                answer = await dialect.AnswerAsync(Encoding.UTF8.GetBytes(line), CancellationToken.None);
            }
            catch (EngineException e)
            {
                failure = e;
                answer = ExecAnswer.Error(e.Message);
            }
            total = total.And(number, answer.IsError);
            await output.WriteAsync(answer.ToLine(), CancellationToken.None);
            await output.FlushAsync(CancellationToken.None);

            failuresInSuccession = failure is null ? 0 : failuresInSuccession + 1;
            if (failure is { Kind: EngineFailureKind.Stopped } || failuresInSuccession == MaximumFailuresInSuccession) throw failure!;
        }
        return total;

        // Standard input cannot be cancelled: a read without an answer is left behind.
        Task<string?> NextLineAsync()
        {
            cancellationToken.ThrowIfCancellationRequested();
            return lines.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken);
        }
    }
}

/// <summary>Where the commands of <c>valori exec</c> come from, and where the answers go.</summary>
internal sealed record ExecStreams(Stream Input, Stream Output);

/// <summary>Lines of input that were answered.</summary>
/// <param name="FirstError">The number of the first line whose answer is an error, from 1 on; 0 if there is none.</param>
internal readonly record struct ExecLines(long Answered, long Errors, long FirstError)
{
    public ExecLines And(long number, bool isError) =>
        new(Answered + 1, Errors + (isError ? 1 : 0), isError && FirstError == 0 ? number : FirstError);
}
