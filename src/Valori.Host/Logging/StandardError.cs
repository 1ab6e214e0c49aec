namespace Valori.Host.Logging;

/// <summary>Messages of the command line on standard error. The log and the verb may both tell one failure: it is shown once. Thread-safe.</summary>
internal static class StandardError
{
    private static readonly HashSet<string> OfTheProcess = [];
    private static readonly AsyncLocal<HashSet<string>?> OfTheRun = new();

    /// <summary>Shows why something failed, unless it was shown before.</summary>
    public static void WriteFailure(string message)
    {
        HashSet<string> shown = OfTheRun.Value ?? OfTheProcess;
        lock (shown)
        {
            if (shown.Add(message)) Console.Error.WriteLine($"valori: {message}");
        }
    }

    /// <summary>From here on, the caller's calls show what others in this process have shown too. It is for tests, which run several command lines in one process.</summary>
    internal static void BeginRun() => OfTheRun.Value = [];
}
