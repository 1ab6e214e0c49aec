using System.Data.Common;
using Akka.Configuration;
using Akka.Event;
using Akka.Pattern;
using Valori.Actors.Text;

namespace Valori.Host.Logging;

/// <summary>
/// What a line of Akka's log says. A failure that is expected (damaged data, a full disk, a database that is away) is told in
/// one line, by the messages of its causes. A stack trace is for what is not: it says where to repair the code.
/// </summary>
internal static class LogText
{
    /// <returns>The text, and the exception to show with its stack trace, or null.</returns>
    public static (string Text, Exception? Unexpected) Of(LogEvent log)
    {
        string text = log.Message.ToString() ?? "";
        if (log.Cause is not { } cause) return (text, null);
        if (!IsExpected(cause)) return (text, cause);
        string fault = Describe.Fault(cause);
        return (text.Contains(fault, StringComparison.Ordinal) ? text : $"{text}: {fault}", null);
    }

    private static bool IsExpected(Exception? cause) => cause is not null
        && (cause is CorruptionException or DataDirectoryException or ConfigurationException or EngineException or RefusedException
            or IOException or UnauthorizedAccessException or DbException or TimeoutException or OpenCircuitException
            || IsExpected(cause.InnerException));
}
