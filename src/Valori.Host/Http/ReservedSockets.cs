using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Valori.Host.Http;

/// <summary>
/// Sockets of the service's addresses, bound before a journal is opened and given to Kestrel when it listens: an address that is taken
/// is refused before anything is written. Not thread-safe.
/// </summary>
internal sealed class ReservedSockets : IDisposable
{
    private readonly Dictionary<EndPoint, Socket> _sockets = [];

    /// <summary>Binds every address that Kestrel is going to bind for a list of URLs.</summary>
    /// <exception cref="IOException">One is taken, or is not this machine's.</exception>
    public void Bind(string urls)
    {
        foreach (string url in urls.Split(';'))
        {
            try
            {
                foreach (EndPoint endpoint in EndPointsOf(BindingAddress.Parse(url)))
                {
                    if (!_sockets.ContainsKey(endpoint)) _sockets.Add(endpoint, SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint));
                }
            }
            catch (SocketException e)
            {
                throw new IOException($"cannot listen on {url}: {e.Message}. Choose another address with --urls, or stop what listens there", e);
            }
        }
    }

    /// <summary>The socket that was bound, or one that is bound now.</summary>
    public Socket Take(EndPoint endpoint) =>
        _sockets.Remove(endpoint, out Socket? reserved) ? reserved : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);

    public void Dispose()
    {
        foreach (Socket socket in _sockets.Values) socket.Dispose();
        _sockets.Clear();
    }

    /// <summary>As Kestrel takes them; none for a port that the system chooses, which is never taken.</summary>
    private static IEnumerable<EndPoint> EndPointsOf(BindingAddress address)
    {
        if (address.IsUnixPipe) return [new UnixDomainSocketEndPoint(address.UnixPipePath)];
        if (address.Port == 0) return [];
        if (address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return Socket.OSSupportsIPv6 ? [new IPEndPoint(IPAddress.Loopback, address.Port), new IPEndPoint(IPAddress.IPv6Loopback, address.Port)] : [new IPEndPoint(IPAddress.Loopback, address.Port)];
        if (IPAddress.TryParse(address.Host, out IPAddress? ip)) return [new IPEndPoint(ip, address.Port)];
        // Any other name, and '*': all addresses of the machine.
        return [new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, address.Port)];
    }
}
