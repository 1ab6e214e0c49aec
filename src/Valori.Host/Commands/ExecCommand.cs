using System.CommandLine;
using System.Text.Json;
using Valori.Actors;
using Valori.Host.Json;

namespace Valori.Host.Commands;

/// <summary><c>valori exec</c>: the dialect on standard input and output.</summary>
internal static class ExecCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo> data = CommandLine.Data();
        Option<string> collection = CommandLine.Collection();
        Option<int?> dimension = CommandLine.Dimension();
        Command command = new("exec", "Carry out commands: one JSON object a line on standard input, one answer a line on standard output.")
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

    /// <summary>Answers every line as soon as its answer is known; blank lines are skipped.</summary>
    internal static async Task RunAsync(ValoriEngine engine, Stream input, Stream output, CancellationToken cancellationToken)
    {
        ExecDialect dialect = new(engine);
        using StreamReader lines = new(input);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            object answer = await dialect.AnswerAsync(System.Text.Encoding.UTF8.GetBytes(line), cancellationToken);
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(answer, Answers.Options);
            await output.WriteAsync(json, cancellationToken);
            output.WriteByte((byte)'\n');
            await output.FlushAsync(cancellationToken);
        }
    }
}
