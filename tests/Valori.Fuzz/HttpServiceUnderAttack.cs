using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Valori.Host.Commands;

namespace Valori.Fuzz;

/// <summary>The service in this process, on real Kestrel and a free port, with one collection that has some content.</summary>
internal sealed class HttpServiceUnderAttack
{
    public const string Collection = "notes";

    private static HttpServiceUnderAttack? s_current;

    private readonly TemporaryDirectory _directory = new();
    private readonly WebApplication _app;
    private readonly IPEndPoint _address;
    private ValoriEngine? _engine;

    private HttpServiceUnderAttack()
    {
        _app = ServeCommand.Build(_directory.Path, "http://127.0.0.1:0", configFile: null);
        _app.StartAsync().GetAwaiter().GetResult();
        _address = new IPEndPoint(IPAddress.Loopback, new Uri(_app.Urls.Single()).Port);
    }

    /// <summary>Collections that requests made beside the first one.</summary>
    public int NewCollections { get; set; }

    /// <summary>Whether the collection is not there any more.</summary>
    public bool IsDropped => _engine!.IsGone;

    public static async Task<HttpServiceUnderAttack> CurrentAsync()
    {
        if (s_current is { } current) return current;
        HttpServiceUnderAttack service = new();
        await service.FillAsync();
        return s_current = service;
    }

    public static async Task CloseAsync()
    {
        if (s_current is not { } service) return;
        s_current = null;
        await service._app.StopAsync();
        await service._app.DisposeAsync();
        service._directory.Dispose();
    }

    public Task<Digest> StateHashAsync() => _engine!.GetStateHashAsync();

    /// <summary>Sends the bytes on a connection of their own and reads what comes until the service closes it.</summary>
    public async Task<byte[]> ExchangeAsync(byte[] request)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(45));
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_address, limit.Token);
        Task<byte[]> response = ReadToEndAsync(socket, limit.Token);
        try
        {
            for (int sent = 0; sent < request.Length;) sent += await socket.SendAsync(request.AsMemory(sent), limit.Token);
        }
        catch (SocketException)
        {
            // Refused before all of it was read: the answer says why.
        }
        return await response;
    }

    private static async Task<byte[]> ReadToEndAsync(Socket socket, CancellationToken cancellationToken)
    {
        using MemoryStream received = new();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, cancellationToken) is var read and > 0) received.Write(buffer, 0, read);
        }
        catch (SocketException)
        {
            // A reset behind an answer to a request that was not read to its end.
        }
        return received.ToArray();
    }

    private async Task FillAsync()
    {
        ActorSystem system = _app.Services.GetRequiredService<ActorSystem>();
        _engine = await ValoriExtension.Get(system).OpenAsync(Collection, Sandbox.Dimension);
        await ValoriExtension.Get(system).OpenAsync("other", Sandbox.Dimension);
        for (int i = 0; i < 4; i++) await _engine.InsertAsync(new float[] { i, 0.5f, -i }, (ulong)i % 2);
        await _engine.CreateNodeAsync(Valori.NodeKind.Document, null);
        await _engine.CreateNodeAsync(Valori.NodeKind.Chunk, new Valori.RecordId(1));
        await _engine.CreateEdgeAsync(new Valori.NodeId(0), new Valori.NodeId(1), Valori.EdgeKind.ParentOf);
    }
}
