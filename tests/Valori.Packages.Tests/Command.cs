using System.Diagnostics;
using System.Text;

namespace Valori.Packages.Tests;

/// <summary>A process with what it wrote. Nothing is waited for without a time limit.</summary>
internal sealed class Command : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly SemaphoreSlim _written = new(0);

    private Command(string directory, IReadOnlyDictionary<string, string> environment, string program, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // What the tests were started with must not reach builds and programs of their own.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = start.Environment["DOTNET_NOLOGO"] = "1";
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Everything that it wrote so far.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public static Command Start(string directory, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments) => new(directory, environment, program, arguments);

    /// <summary>Runs it to its end, which must be a good one.</summary>
    public static async Task<string> RunAsync(string directory, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        using Command command = Start(directory, environment, program, arguments);
        return await command.EndAsync();
    }

    public void Send(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>Closes its input, waits for its end, and returns what it wrote.</summary>
    public async Task<string> EndAsync()
    {
        _process.StandardInput.Close();
        using CancellationTokenSource late = new(Patience);
        await _process.WaitForExitAsync(late.Token);
        Assert.True(_process.ExitCode == 0, $"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}: exit code {_process.ExitCode}\n{Output}");
        return Output;
    }

    /// <summary>Waits until it has written a text, and returns everything up to then.</summary>
    public async Task<string> WaitForAsync(string text)
    {
        using CancellationTokenSource late = new(Patience);
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(_process.HasExited, $"it ended before it wrote '{text}':\n{Output}");
            await _written.WaitAsync(late.Token);
        }
        return Output;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            lock (_output) _output.AppendLine(line);
        }
        _written.Release();
    }
}
