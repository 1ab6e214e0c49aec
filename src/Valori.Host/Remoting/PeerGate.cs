using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Event;
using DotNetty.Transport.Channels;

namespace Valori.Host.Remoting;

/// <summary>
/// Counts the connections of peers where they are accepted. When there are as many as there may be, a new one takes the place of the one
/// that has been silent for longest; when all have said something just now, the new one is closed.
/// </summary>
/// <param name="maximum">Connections at a time.</param>
internal sealed class PeerGate(int maximum, ILoggingAdapter log) : ChannelHandlerAdapter
{
    // A peer of Akka's speaks when it connects, and sends a heartbeat every few seconds from then on.
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<IChannel, Peer> _open = new();
    private long _warned;
    private int _closed;

    /// <summary>A connection was accepted. On the thread that accepts: the next one waits.</summary>
    public override void ChannelRead(IChannelHandlerContext context, object message)
    {
        if (message is not IChannel peer)
        {
            context.FireChannelRead(message);
            return;
        }
        if (_open.Count >= maximum)
        {
            bool isMade = TryCloseSilent();
            Warn();
            if (!isMade)
            {
                peer.Unsafe.CloseForcibly();
                return;
            }
        }
        Peer entered = new();
        _open[peer] = entered;
        peer.CloseCompletion.ContinueWith(_ => _open.TryRemove(peer, out Peer? _), TaskScheduler.Default);
        peer.Pipeline.AddFirst(entered);
        context.FireChannelRead(message);
    }

    private bool TryCloseSilent()
    {
        KeyValuePair<IChannel, Peer>? longest = null;
        foreach (KeyValuePair<IChannel, Peer> peer in _open)
        {
            if (peer.Value.Silence >= (longest?.Value.Silence ?? SilentAfter)) longest = peer;
        }
        if (longest is not { } found || !_open.TryRemove(found.Key, out _)) return false;
        _ = found.Key.CloseAsync();
        return true;
    }

    private void Warn()
    {
        _closed++;
        if (_warned != 0 && Stopwatch.GetElapsedTime(_warned) < WarningInterval) return;
        _warned = Stopwatch.GetTimestamp();
        log.Warning("{0} connections of peers are open, which is the maximum. {1} were closed, the longest silent first. "
            + "The limit follows from how many files the process may open (ulimit -n, LimitNOFILE=)", _open.Count, _closed);
        _closed = 0;
    }

    /// <summary>Knows when a peer spoke last.</summary>
    private sealed class Peer : ChannelHandlerAdapter
    {
        private long _spoke = Stopwatch.GetTimestamp();

        public TimeSpan Silence => Stopwatch.GetElapsedTime(Interlocked.Read(ref _spoke));

        public override void ChannelRead(IChannelHandlerContext context, object message)
        {
            Interlocked.Exchange(ref _spoke, Stopwatch.GetTimestamp());
            context.FireChannelRead(message);
        }
    }
}
