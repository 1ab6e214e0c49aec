using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Valori.Host.Http;

/// <summary>
/// Sockets of the service's addresses, bound before a journal is opened and given to Kestrel when it listens: an address that is taken
/// is refused before anything is written. Not thread-safe.
/// </summary>
/// <param name="bind">Binds a socket; null for the operating system's.</param>
internal sealed class ReservedSockets(Func<EndPoint, Socket>? bind = null) : IDisposable
{
    private readonly Func<EndPoint, Socket> _bind = bind ?? SocketTransportOptions.CreateDefaultBoundListenSocket;
    private readonly Dictionary<EndPoint, Socket> _sockets = [];

    /// <summary>Binds every address that Kestrel is going to bind for a list of URLs.</summary>
    /// <exception cref="IOException">One is taken, or is not this machine's.</exception>
    public void Bind(string urls)
    {
        foreach (string url in urls.Split(';'))
        {
            try
            {
                BindAny(BindingAddress.Parse(url));
            }
            catch (SocketException e)
            {
                throw new IOException($"cannot listen on {url}: {e.Message}. Choose another address with --urls, or stop what listens there", e);
            }
        }
    }

    /// <summary>The socket that was bound, or one that is bound now.</summary>
    public Socket Take(EndPoint endpoint) =>
        _sockets.Remove(endpoint, out Socket? reserved) ? reserved : _bind(endpoint);

    public void Dispose()
    {
        foreach (Socket socket in _sockets.Values) socket.Dispose();
        _sockets.Clear();
    }

    /// <summary>
    /// Like Kestrel: the addresses of a URL stand in for each other, because a machine may have IPv6 switched off. One that is taken
    /// never does.
    /// </summary>
    private void BindAny(BindingAddress address)
    {
        bool isBound = false;
        SocketException? fault = null;
        (EndPoint[] endpoints, bool isOneEnough) = EndPointsOf(address);
        foreach (EndPoint endpoint in endpoints)
        {
            if (isBound && isOneEnough) return;
            try
            {
                if (!_sockets.ContainsKey(endpoint)) _sockets.Add(endpoint, _bind(endpoint));
                isBound = true;
            }
            catch (SocketException e) when (e.SocketErrorCode != SocketError.AddressAlreadyInUse)
            {
                fault = e;
            }
        }
        if (fault is not null && !isBound) throw fault;
    }

    /// <summary>As Kestrel takes them; none for a port that the system chooses, which is never taken.</summary>
    private static (EndPoint[] EndPoints, bool IsOneEnough) EndPointsOf(BindingAddress address)
    {
        if (address.IsUnixPipe) return ([new UnixDomainSocketEndPoint(address.UnixPipePath)], false);
        int port = address.Port;
        if (port == 0) return ([], false);
        if (address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return (Supported(IPAddress.Loopback, IPAddress.IPv6Loopback), false);
        if (IPAddress.TryParse(address.Host, out IPAddress? ip)) return ([new IPEndPoint(ip, port)], false);
        // Any other name, and '*': all addresses of the machine. A socket of IPv6's takes those of IPv4 too.
        return (Supported(IPAddress.IPv6Any, IPAddress.Any), true);

        EndPoint[] Supported(params IPAddress[] addresses) =>
            [.. addresses.Where(ip => Socket.OSSupportsIPv6 || ip.AddressFamily == AddressFamily.InterNetwork).Select(ip => new IPEndPoint(ip, port))];
    }
}
