using System.CommandLine;
using System.Text;
using System.Text.Json;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Host.Json;

namespace Valori.Host.Commands;

/// <summary><c>valori exec</c>: the dialect on standard input and output.</summary>
internal static class ExecCommand
{
    // A script that is piped in must end when a disk stays full; a program that talks line by line may free space.
    private const int MaximumFailuresInSuccession = 10;

    public static Command Create()
    {
        Option<DirectoryInfo> data = CommandLine.Data();
        Option<string> collection = CommandLine.Collection();
        Option<int?> dimension = CommandLine.Dimension();
        Command command = new("exec", "Carry out commands: one JSON object per line on standard input, one answer per line on standard output.")
        {
            data, collection, dimension,
        };
        command.OnRun(async (parsed, cancellationToken) =>
        {
            await using ValoriEngine engine = await CommandLine.OpenAsync(
                parsed.GetRequiredValue(data), parsed.GetRequiredValue(collection), parsed.GetValue(dimension), create: true, cancellationToken);
            await RunAsync(engine, Console.OpenStandardInput(), Console.OpenStandardOutput(), cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>
    /// Answers every line as soon as its answer is known; blank lines are skipped. A write that failed is answered as an
    /// error and the stream goes on, because the engine recovers by itself; it ends where the engine cannot.
    /// </summary>
    /// <exception cref="EngineException">The engine stopped for good, or failed again and again; the line was answered.</exception>
    internal static async Task RunAsync(ValoriEngine engine, Stream input, Stream output, CancellationToken cancellationToken)
    {
        ExecDialect dialect = new(engine);
        using StreamReader lines = new(input);
        int failuresInSuccession = 0;
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            EngineException? failure = null;
            object answer;
            try
            {
                answer = await dialect.AnswerAsync(Encoding.UTF8.GetBytes(line), cancellationToken);
            }
            catch (EngineException e)
            {
                failure = e;
                answer = new { error = e.Message };
            }
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(answer, Answers.Options);
            await output.WriteAsync(json, cancellationToken);
            output.WriteByte((byte)'\n');
            await output.FlushAsync(cancellationToken);

            failuresInSuccession = failure is null ? 0 : failuresInSuccession + 1;
            if (failure is { Kind: EngineFailureKind.Stopped } || failuresInSuccession == MaximumFailuresInSuccession) throw failure!;
        }
    }
}
