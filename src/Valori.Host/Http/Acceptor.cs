using System.Net.Sockets;

namespace Valori.Host.Http;

/// <summary>
/// Accepts connections, whatever becomes of one of them, until the socket is closed. While the process has no descriptor it waits,
/// instead of trying again without a pause, and has idle connections closed.
/// </summary>
/// <param name="accept">Of the socket that listens.</param>
internal sealed class Acceptor(Func<CancellationToken, ValueTask<Socket>> accept, ConnectionGate gate, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The next connection; null when the socket was closed.</summary>
    public async ValueTask<Socket?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await accept(cancellationToken);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                gate.OnShortage(e.Message);
                await Task.Delay(Pause, time, cancellationToken);
            }
            catch (SocketException)
            {
                // This connection was gone before it was accepted; the next one may be there.
            }
        }
    }
}
