using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Valori.Host.Processes;

namespace Valori.Host.Http;

/// <summary>
/// Counts connections. Where there are as many as there may be, a new one takes the place of the one that has been idle for longest;
/// when all are at work, or came just now, the new one is closed. Thread-safe.
/// </summary>
/// <param name="maximum">Connections at a time.</param>
/// <param name="descriptorLimit">Descriptors that the process may have; null if there is no limit.</param>
internal sealed partial class ConnectionGate(int maximum, int? descriptorLimit, ILogger<ConnectionGate> log)
{
    // One that came just now is about to send its request.
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SearchInterval = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<string, Entry> _open = new(StringComparer.Ordinal);
    private int _maximum = maximum;
    private long _warned;
    private long _searched;

    /// <summary>Lets Akka.Remote have some of the connections. Before the first one is taken in.</summary>
    /// <exception cref="DataDirectoryException">Too few are left for a service.</exception>
    public void LeaveToPeers(int connections)
    {
        _maximum -= connections;
        if (_maximum >= Descriptors.MinimumConnections) return;
        throw new DataDirectoryException(
            $"this process may open {descriptorLimit} files and connections, which is too few for a service with Akka.Remote on: "
            + $"it needs {descriptorLimit + Descriptors.MinimumConnections - _maximum} or more, and 1024 are better "
            + "(ulimit -n, or LimitNOFILE= in a systemd unit)");
    }

    /// <summary>Takes a new connection in. When false, it is to be closed.</summary>
    public bool TryEnter(ConnectionContext connection)
    {
        if ((_open.Count >= _maximum || IsShortOfDescriptors(connection)) && !TryCloseIdle())
        {
            if (IsTime(ref _warned, WarningInterval)) LogFull(_open.Count, _maximum);
            return false;
        }
        string id = connection.ConnectionId;
        _open[id] = new Entry(connection);
        connection.ConnectionClosed.Register(() => _open.TryRemove(id, out _));
        return true;
    }

    /// <summary>A connection could not be accepted, because the process or the system has no descriptor: an idle one makes room.</summary>
    public void OnShortage(string reason)
    {
        TryCloseIdle();
        if (IsTime(ref _warned, WarningInterval)) LogShortage(reason, _open.Count);
    }

    /// <summary>A request of the connection begins; disposing says that it has ended.</summary>
    public IDisposable? Begin(string connectionId) => _open.TryGetValue(connectionId, out Entry? entry) ? entry.Begin() : null;

    /// <summary>The lowest number that is free is the one that a new descriptor gets, so a high one means that there are few left.</summary>
    private bool IsShortOfDescriptors(ConnectionContext connection) =>
        descriptorLimit is { } limit && connection.Features.Get<IConnectionSocketFeature>() is { Socket.SafeHandle: var handle } && handle.DangerousGetHandle() >= limit - Descriptors.Reserve;

    private bool TryCloseIdle()
    {
        // All of them are looked at: in a flood, not for each that comes.
        if (!IsTime(ref _searched, SearchInterval)) return false;
        Entry? oldest = null;
        foreach (Entry entry in _open.Values)
        {
            if (entry.IdleTime >= (oldest?.IdleTime ?? IdleAfter)) oldest = entry;
        }
        if (oldest is null || !_open.TryRemove(oldest.Connection.ConnectionId, out _)) return false;
        _searched = 0;
        oldest.Connection.Abort(new ConnectionAbortedException("idle, and others need its place"));
        return true;
    }

    private static bool IsTime(ref long last, TimeSpan interval)
    {
        long seen = Interlocked.Read(ref last), now = Stopwatch.GetTimestamp();
        return (seen == 0 || Stopwatch.GetElapsedTime(seen, now) >= interval) && Interlocked.CompareExchange(ref last, now, seen) == seen;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} connections are open, the limit is {Maximum}: new ones are closed. "
        + "The limit follows from how many files the process may open (ulimit -n, LimitNOFILE=)")]
    private partial void LogFull(int count, int maximum);

    [LoggerMessage(Level = LogLevel.Warning, Message = "no connection can be accepted now ({Reason}); {Count} are open. This is retried until one can")]
    private partial void LogShortage(string reason, int count);

    private sealed class Entry(ConnectionContext connection) : IDisposable
    {
        // 0 while a request is under way.
        private long _idleSince = Stopwatch.GetTimestamp();

        public ConnectionContext Connection { get; } = connection;

        public TimeSpan IdleTime => Interlocked.Read(ref _idleSince) is not 0 and var since ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;

        public Entry Begin()
        {
            Interlocked.Exchange(ref _idleSince, 0);
            return this;
        }

        public void Dispose() => Interlocked.Exchange(ref _idleSince, Stopwatch.GetTimestamp());
    }
}
