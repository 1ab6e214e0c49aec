namespace Valori.Actors.Engine;

/// <summary>Faults of plugins, in one line for people.</summary>
internal static class Describe
{
    /// <summary>The message with those of its causes: a circuit breaker's own says nothing about the database. The first line of each.</summary>
    public static string Fault(Exception fault)
    {
        List<string> messages = [];
        for (Exception? e = fault; e is not null; e = e.InnerException)
        {
            // It only says that there is something inside.
            if (e is AggregateException { InnerException: not null }) continue;
            string message = e.Message.Split('\n', 2)[0].TrimEnd('\r', ' ', '.');
            if (!messages.Exists(known => known.Contains(message, StringComparison.Ordinal))) messages.Add(message);
        }
        return string.Join(": ", messages);
    }
}
