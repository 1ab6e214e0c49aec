using System.Text;
using Valori.Host.Commands;
using Valori.Host.Logging;

namespace Valori.Host.Tests.Support;

/// <summary>
/// A command line, carried out in this process by what the executable calls: a process of its own would take a second of a processor
/// to start. Whatever is about a process (signals, kills, limits, Akka's log on standard error) starts a <see cref="ValoriProcess"/>.
/// </summary>
/// <remarks>The console of a run flows with its calls, so that several run side by side.</remarks>
internal static class ValoriVerb
{
    private static readonly AsyncLocal<RunConsole?> Running = new();

    static ValoriVerb()
    {
        Console.SetOut(new FlowingWriter(Console.Out, console => console.Output));
        Console.SetError(new FlowingWriter(Console.Error, console => console.Error));
        Console.SetIn(new FlowingReader(Console.In));
    }

    public static Task<Finished> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    public static async Task<Finished> RunWithInputAsync(string input, params string[] arguments)
    {
        using MemoryStream answers = new();
        using MemoryStream lines = new(Encoding.UTF8.GetBytes(input));
        RunConsole console = new(new StringReader(input), new StringWriter(), new StringWriter());
        Running.Value = console;
        StandardError.BeginRun();
        // On the pool: what blocks at first must not hold up the test that starts several.
        int exitCode = await Task.Run(() => CommandLine.RunAsync(arguments, new ExecStreams(lines, answers))).WaitAsync(TimeSpan.FromSeconds(90));
        return new Finished(exitCode, Encoding.UTF8.GetString(answers.ToArray()) + console.Output, console.Error.ToString());
    }

    private sealed record RunConsole(TextReader Input, StringWriter Output, StringWriter Error);

    private sealed class FlowingWriter(TextWriter otherwise, Func<RunConsole, TextWriter> own) : TextWriter
    {
        private TextWriter Current => Running.Value is { } console ? own(console) : otherwise;

        public override Encoding Encoding => otherwise.Encoding;

        public override void Write(char value) => Current.Write(value);

        public override void Write(char[] buffer, int index, int count) => Current.Write(buffer, index, count);

        public override void Write(string? value) => Current.Write(value);

        public override void WriteLine(string? value) => Current.WriteLine(value);

        public override void Flush() => Current.Flush();
    }

    private sealed class FlowingReader(TextReader otherwise) : TextReader
    {
        private TextReader Current => Running.Value?.Input ?? otherwise;

        public override int Peek() => Current.Peek();

        public override int Read() => Current.Read();

        public override Task<string?> ReadLineAsync() => Current.ReadLineAsync();

        public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) => Current.ReadLineAsync(cancellationToken);
    }
}
