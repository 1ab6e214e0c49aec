using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Valori.Host.Http;

namespace Valori.Host.Tests.Http;

/// <summary>The loop that accepts connections goes on, whatever accepting one comes to.</summary>
public sealed class AcceptorTests
{
    [Fact]
    public async Task A_shortage_of_descriptors_is_waited_out_and_then_connections_are_accepted_again()
    {
        using Socket there = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        PausingTime time = new();
        Queue<SocketError> errors = new([SocketError.TooManyOpenSockets, SocketError.TooManyOpenSockets, SocketError.NoBufferSpaceAvailable, SocketError.ConnectionReset]);
        Acceptor acceptor = new(
            _ => errors.TryDequeue(out SocketError error) ? throw new SocketException((int)error) : ValueTask.FromResult(there),
            new ConnectionGate(10, null, NullLogger<ConnectionGate>.Instance), time);
        Assert.Same(there, await acceptor.AcceptAsync(CancellationToken.None));
        Assert.Empty(errors);
        // One for each time that there was none; a connection that was reset costs none.
        Assert.Equal([100, 100, 100], time.Pauses.Select(pause => pause.TotalMilliseconds));
    }

    [Fact]
    public async Task A_socket_that_is_closed_ends_it()
    {
        foreach (Exception closed in new Exception[] { new ObjectDisposedException("socket"), new SocketException((int)SocketError.OperationAborted) })
        {
            Acceptor acceptor = new(_ => throw closed, new ConnectionGate(10, null, NullLogger<ConnectionGate>.Instance), TimeProvider.System);
            Assert.Null(await acceptor.AcceptAsync(CancellationToken.None));
        }
    }

    /// <summary>Time that passes at once, and tells how long it was waited for.</summary>
    private sealed class PausingTime : TimeProvider
    {
        public List<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan) return base.CreateTimer(callback, state, dueTime, period);
            Pauses.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
