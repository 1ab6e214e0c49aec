using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;

namespace Valori.Host.Tests.Support;

/// <summary>How a process ended.</summary>
internal sealed record Finished(int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
}

/// <summary>The real executable in a process of its own. Nothing is waited for without a time limit.</summary>
internal sealed partial class ValoriProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private const int SigTerm = 15;
    private const int SigInt = 2;
    private const int SigHup = 1;

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _output = new(), _error = new();
    private readonly Task _outputEnd, _errorEnd;

    /// <param name="descriptors">How many files and connections it may open; null for as many as this process.</param>
    /// <param name="directory">Where it is started; null for where this process was.</param>
    private ValoriProcess(IEnumerable<string> arguments, int? descriptors = null, string? directory = null)
    {
        ProcessStartInfo start = new(descriptors is null ? "dotnet" : "bash")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            WorkingDirectory = directory ?? "",
        };
        if (descriptors is { } limit)
        {
            foreach (string argument in new[] { "-c", string.Create(CultureInfo.InvariantCulture, $"ulimit -n {limit}; exec dotnet \"$@\""), "bash" }) start.ArgumentList.Add(argument);
        }
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "valori.dll"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _outputEnd = PumpAsync(_process.StandardOutput, _output, _lines.Writer);
        _errorEnd = PumpAsync(_process.StandardError, _error, null);
    }

    public int Id => _process.Id;

    public string Error
    {
        get { lock (_error) return _error.ToString(); }
    }

    public static ValoriProcess Start(params string[] arguments) => new(arguments);

    /// <summary>Starts it in a directory.</summary>
    public static ValoriProcess StartIn(string directory, params string[] arguments) => new(arguments, directory: directory);

    /// <summary>Starts it with a limit to the files and connections that it may open.</summary>
    public static ValoriProcess StartWithDescriptors(int limit, params string[] arguments)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit is Linux's");
        return new ValoriProcess(arguments, limit);
    }

    public static Task<Finished> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    public static async Task<Finished> RunWithInputAsync(string input, params string[] arguments)
    {
        await using ValoriProcess process = new(arguments);
        try
        {
            await process._process.StandardInput.WriteAsync(input);
            process.EndInput();
        }
        catch (IOException)
        {
            // A command line that is refused ends before it reads.
        }
        return await process.EndAsync();
    }

    /// <summary>Writes a line to standard input and returns the next line of standard output.</summary>
    public async Task<string> AnswerAsync(string line)
    {
        await _process.StandardInput.WriteAsync(line + "\n");
        await _process.StandardInput.FlushAsync();
        return await NextLineAsync();
    }

    /// <summary>Writes lines as fast as they are read. Those that find the process gone are lost, as a crash loses them.</summary>
    public async Task SendAsync(IEnumerable<string> lines)
    {
        try
        {
            foreach (string line in lines) await _process.StandardInput.WriteAsync(line + "\n");
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It was killed.
        }
    }

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>The next line of standard output.</summary>
    public async Task<string> NextLineAsync()
    {
        using CancellationTokenSource limit = new(Patience);
        try
        {
            return await _lines.Reader.ReadAsync(limit.Token);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            throw new InvalidOperationException($"no further line on standard output; standard error: {Error}", e);
        }
    }

    /// <summary>The next line of standard output, or null after the last one.</summary>
    public async Task<string?> NextLineOrEndAsync()
    {
        using CancellationTokenSource limit = new(Patience);
        return await _lines.Reader.WaitToReadAsync(limit.Token) ? await NextLineAsync() : null;
    }

    /// <summary>Waits until the process has the data directory for itself.</summary>
    public async Task HasLockedAsync(string directory)
    {
        using CancellationTokenSource limit = new(Patience);
        string path = Path.Combine(directory, "valori.pid"), expected = Id.ToString(CultureInfo.InvariantCulture);
        while (!File.Exists(path) || await File.ReadAllTextAsync(path, limit.Token) != expected) await Task.Delay(5, limit.Token);
    }

    /// <summary>The first line of standard output that contains the text; those before it are passed over.</summary>
    public async Task<string> LineWithAsync(string text)
    {
        while (true)
        {
            string line = await NextLineAsync();
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public void Kill() => _process.Kill();

    public void Terminate() => Assert.Equal(0, SendSignal(Id, SigTerm));

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Send(SigInt);

    /// <summary>The terminal was closed.</summary>
    public void HangUp() => Send(SigHup);

    /// <summary>Where this process was started deaf to the signal (by nohup, or a script's <c>&amp;</c>), so are its children: then the test is skipped.</summary>
    private void Send(int signal)
    {
        string[] status = File.Exists("/proc/self/status") ? File.ReadAllLines("/proc/self/status") : [];
        string ignored = status.FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))?[7..].Trim() ?? "0";
        Skip.If((Convert.ToUInt64(ignored, 16) >> (signal - 1) & 1) != 0, $"whoever started the tests had them ignore signal {signal}: start them in the foreground");
        Assert.Equal(0, SendSignal(Id, signal));
    }

    /// <summary>Whether it ends within the time.</summary>
    public async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        using CancellationTokenSource limit = new(time);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Waits for the end.</summary>
    public async Task<Finished> EndAsync()
    {
        using CancellationTokenSource limit = new(Patience);
        await _process.WaitForExitAsync(limit.Token);
        await Task.WhenAll(_outputEnd, _errorEnd);
        return new Finished(_process.ExitCode, _output.ToString(), _error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        await Task.WhenAll(_outputEnd, _errorEnd);
        _process.Dispose();
    }

    private static async Task PumpAsync(StreamReader reader, StringBuilder all, ChannelWriter<string>? lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (all) all.Append(line).Append('\n');
            lines?.TryWrite(line);
        }
        lines?.Complete();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);
}
