using System.Net;
using System.Net.Sockets;

namespace Valori.Actors.Tests.Support;

/// <summary>A TCP forwarder on the loopback interface that can be cut, like a database that goes down, and joined again.</summary>
internal sealed class CuttableProxy : IAsyncDisposable
{
    private readonly string _host;
    private readonly int _port;
    private CancellationTokenSource _cut = new();
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private Task _accepting;

    public CuttableProxy(string host, int port)
    {
        _host = host;
        _port = port;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(_listener, _cut.Token);
    }

    public int Port { get; }

    /// <summary>Breaks every connection and refuses new ones.</summary>
    public async Task CutAsync()
    {
        await _cut.CancelAsync();
        // A listener that is stopped under an accept fails it with whatever the system says.
        await _accepting;
        _listener.Stop();
    }

    public void Join()
    {
        _cut.Dispose();
        _cut = new CancellationTokenSource();
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener, _cut.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        _cut.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken cut)
    {
        List<Task> connections = [];
        try
        {
            while (true) connections.Add(ForwardAsync(await listener.AcceptTcpClientAsync(cut), cut));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(TcpClient client, CancellationToken cut)
    {
        using TcpClient near = client, far = new();
        try
        {
            await far.ConnectAsync(_host, _port, cut);
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream(), cut), far.GetStream().CopyToAsync(near.GetStream(), cut));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The connection ends with the one that it stands for.
        }
    }
}
