namespace Valori.Host.Logging;

/// <summary>Messages of the command line on standard error. The log and the verb may both tell one failure: it is shown once. Thread-safe.</summary>
internal static class StandardError
{
    private static readonly HashSet<string> Failures = [];

    /// <summary>Shows why something failed, unless it was shown before.</summary>
    public static void WriteFailure(string message)
    {
        lock (Failures)
        {
            if (Failures.Add(message)) Console.Error.WriteLine($"valori: {message}");
        }
    }
}
