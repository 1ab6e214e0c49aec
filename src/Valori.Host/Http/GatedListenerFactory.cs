using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Valori.Host.Http;

/// <summary>
/// Kestrel's sockets behind a gate. It stands where connections are accepted, one after another: Kestrel's own limit is looked at
/// later, after many more may have been accepted.
/// </summary>
internal sealed class GatedListenerFactory(ConnectionGate gate, IOptions<SocketTransportOptions> options, ILoggerFactory loggers) : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = options.Value.CreateBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
        socket.Listen(options.Value.Backlog);
        SocketConnectionContextFactory contexts = new(new SocketConnectionFactoryOptions(), loggers.CreateLogger<GatedListenerFactory>());
        return ValueTask.FromResult<IConnectionListener>(new GatedListener(socket, contexts, options.Value.NoDelay, gate));
    }

    private sealed class GatedListener(Socket socket, SocketConnectionContextFactory contexts, bool noDelay, ConnectionGate gate) : IConnectionListener
    {
        private readonly Acceptor _acceptor = new(socket.AcceptAsync, gate, TimeProvider.System);

        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await _acceptor.AcceptAsync(cancellationToken) is { } accepted)
            {
                if (accepted.LocalEndPoint is IPEndPoint) accepted.NoDelay = noDelay;
                ConnectionContext connection = contexts.Create(accepted);
                if (gate.TryEnter(connection)) return connection;
                connection.Abort(new ConnectionAbortedException("too many connections"));
                // Before the next is accepted: the descriptor is free again then.
                await connection.DisposeAsync();
            }
            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            contexts.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
