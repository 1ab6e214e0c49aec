using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Valori.Actors.Tests.Support;

/// <summary>A way to a PostgreSQL server that drops the options a client connects with, as some poolers do.</summary>
internal sealed class OptionsDroppingProxy : IAsyncDisposable
{
    // The first message of a connection has no type: its length, then this version, then names and values that end with zeros.
    private const int Version3 = 3 << 16;

    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly Task _accepting;
    private int _dropped;

    public OptionsDroppingProxy(string server)
    {
        _server = new NpgsqlConnectionStringBuilder(server);
        _listener.Start();
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port, SslMode = SslMode.Disable }.ToString();
        _accepting = AcceptAsync();
    }

    public string ConnectionString { get; }

    /// <summary>Connections that came with options.</summary>
    public int Dropped => _dropped;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true) connections.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using TcpClient near = client, far = new();
        try
        {
            await far.ConnectAsync(_server.Host!, _server.Port, _stop.Token);
            (NetworkStream from, NetworkStream to) = (near.GetStream(), far.GetStream());
            byte[] message = await ReadMessageAsync(from);
            while (BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(4)) >> 16 != Version3 >> 16)
            {
                // A question whether the server encrypts, which has one byte of answer; or a cancellation, which has none and is the last.
                await to.WriteAsync(message, _stop.Token);
                byte[] answer = new byte[1];
                if (await to.ReadAsync(answer, _stop.Token) == 0) return;
                await from.WriteAsync(answer, _stop.Token);
                message = await ReadMessageAsync(from);
            }
            await to.WriteAsync(WithoutOptions(message), _stop.Token);
            await Task.WhenAny(from.CopyToAsync(to, _stop.Token), to.CopyToAsync(from, _stop.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The connection ends with the one that it stands for.
        }
    }

    private async Task<byte[]> ReadMessageAsync(NetworkStream stream)
    {
        byte[] length = new byte[4];
        await stream.ReadExactlyAsync(length, _stop.Token);
        byte[] message = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        length.CopyTo(message, 0);
        await stream.ReadExactlyAsync(message.AsMemory(4), _stop.Token);
        return message;
    }

    private byte[] WithoutOptions(byte[] message)
    {
        string[] parts = Encoding.UTF8.GetString(message, 8, message.Length - 8).Split('\0');
        StringBuilder kept = new();
        for (int i = 0; i + 1 < parts.Length && parts[i].Length > 0; i += 2)
        {
            if (parts[i] == "options") Interlocked.Increment(ref _dropped);
            else kept.Append(parts[i]).Append('\0').Append(parts[i + 1]).Append('\0');
        }
        byte[] body = Encoding.UTF8.GetBytes(kept.Append('\0').ToString());
        byte[] shorter = new byte[8 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(shorter, shorter.Length);
        BinaryPrimitives.WriteInt32BigEndian(shorter.AsSpan(4), Version3);
        body.CopyTo(shorter, 8);
        return shorter;
    }
}
