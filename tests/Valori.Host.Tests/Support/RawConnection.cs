using System.Net.Sockets;
using System.Text;

namespace Valori.Host.Tests.Support;

/// <summary>A connection on which a test writes the bytes of HTTP itself.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    public RawConnection(Uri address)
    {
        _client = new TcpClient(address.Host, address.Port);
        _stream = _client.GetStream();
    }

    /// <summary>Whether something has come that was not read yet.</summary>
    public bool HasReceived => _client.Available > 0;

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        await _stream.WriteAsync(bytes, limit.Token);
    }

    /// <summary>Reads until the text has come, and returns everything up to there.</summary>
    public async Task<string> ReadToAsync(string text)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        StringBuilder received = new();
        byte[] next = new byte[1];
        while (!received.ToString().EndsWith(text, StringComparison.Ordinal))
        {
            Assert.True(await _stream.ReadAsync(next, limit.Token) == 1, $"the connection ended before '{text}': {received}");
            received.Append((char)next[0]);
        }
        return received.ToString();
    }

    /// <summary>Reads until the service closes the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        using StreamReader reader = new(_stream, leaveOpen: true);
        return await reader.ReadToEndAsync(limit.Token);
    }

    public void Dispose() => _client.Dispose();
}
