using Valori.Actors.Text;

namespace Valori.Host.Processes;

/// <summary>
/// File descriptors of this process. A process without one cannot even load the code that it is about to run: the runtime ends it. So
/// connections get no more than what the rest leaves.
/// </summary>
internal static class Descriptors
{
    /// <summary>The maximum number of connections at a time, however many descriptors there are: each takes up to 100 KB of memory.</summary>
    public const int MaximumConnections = 10_000;

    /// <summary>Descriptors that no connection gets, counted when one is accepted: for files that are opened and closed again.</summary>
    public const int Reserve = 16;

    // Fewer are of no use to a service with clients, a health check and an operator.
    public const int MinimumConnections = 16;

    // What a process opens from here to its first writes: the runtime keeps two descriptors for every assembly, and loads them when
    // they are first used. Measured 130, and a database's client opens connections.
    private const int MinimumGrowth = 140;
    private const int MaximumGrowth = 1_000;

    /// <summary>How many descriptors this process may have, or null if the operating system does not say.</summary>
    public static int? Limit()
    {
        const string path = "/proc/self/limits";
        if (!File.Exists(path)) return null;
        string? line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        string? soft = line?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return WholeNumbers.TryParse(soft, out int limit) ? limit : null;
    }

    /// <summary>How many connections a process may have at a time.</summary>
    /// <param name="limit">Descriptors that it may have; null if there is no limit.</param>
    /// <param name="used">Descriptors that it has when the server is built, before it listens.</param>
    /// <exception cref="DataDirectoryException">Too few for a service.</exception>
    public static int ConnectionsOf(int? limit, int used)
    {
        if (limit is not { } most) return MaximumConnections;
        int connections = most - used - Math.Clamp(most / 5, MinimumGrowth, MaximumGrowth);
        if (connections >= MinimumConnections) return Math.Min(connections, MaximumConnections);
        throw new DataDirectoryException(
            $"this process may open {most} files and connections, which is too few for a service: it needs {used + MinimumGrowth + MinimumConnections} or more, and 1024 are better "
                + "(ulimit -n, or LimitNOFILE= in a systemd unit)");
    }

    /// <summary>How many connections peers of Akka.Remote may have, and how many this process may be opening to them.</summary>
    /// <param name="limit">Descriptors that it may have; null if there is no limit.</param>
    public static int PeersOf(int? limit) => Math.Clamp((limit ?? int.MaxValue) / 16, MinimumConnections, MaximumGrowth);

    /// <summary>Descriptors that this process has now.</summary>
    public static int Used() => Directory.Exists("/proc/self/fd") ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() : 0;
}
