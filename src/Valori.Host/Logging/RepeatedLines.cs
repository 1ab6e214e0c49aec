namespace Valori.Host.Logging;

/// <summary>
/// Lines of a log that come again and again, by their kind: the first one is written, and those that follow while its interval runs are
/// counted. For one thread. Its user ends the intervals.
/// </summary>
internal sealed class RepeatedLines
{
    private readonly Dictionary<string, (int Count, string Last)> _running = new(StringComparer.Ordinal);

    /// <summary>Whether a line is to be written now; then its kind's interval begins.</summary>
    public bool Begins(string kind, string line)
    {
        if (_running.TryGetValue(kind, out (int Count, string Last) repeated))
        {
            _running[kind] = (repeated.Count + 1, line);
            return false;
        }
        _running.Add(kind, default);
        return true;
    }

    /// <summary>
    /// Ends the interval of a kind. With what came meanwhile another one begins, and it is told in one line; without, the next line of
    /// the kind is written.
    /// </summary>
    /// <returns>The line; null if nothing came.</returns>
    public string? End(string kind)
    {
        (int count, string last) = _running[kind];
        if (count == 0)
        {
            _running.Remove(kind);
            return null;
        }
        _running[kind] = default;
        return count == 1 ? last : FormattableString.Invariant($"{count} more lines like this one, which is the last: {last}");
    }
}
