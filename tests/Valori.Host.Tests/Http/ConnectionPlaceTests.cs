using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Valori.Host.Commands;
using Valori.Host.Http;
using Valori.Host.Security;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Whose connection makes room if there are too many.</summary>
public sealed class ConnectionPlaceTests
{
    [Fact]
    public async Task A_request_without_a_key_keeps_no_place_from_others_and_one_with_a_key_does()
    {
        using TemporaryDirectory directory = new();
        string key = new KeyStore(directory.Path, TimeProvider.System).Add("ada", KeyRole.Read, null, null).Token;
        await using WebApplication app = ServeCommand.Build(directory.Path, "http://127.0.0.1:0", null);
        // A look at health that lasts.
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        app.MapGet("/health/held", async context =>
        {
            await context.Response.WriteAsync("held");
            await context.Response.Body.FlushAsync();
            await held.Task;
        }).WithMetadata(EndpointAccess.Anyone);
        await app.StartAsync();
        using RawConnection known = new(new Uri(app.Urls.Single())), unknown = new(new Uri(app.Urls.Single()));
        await known.SendAsync($"GET /health/held HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\napi-key: {key}\r\n\r\n");
        await known.ReadToAsync("held");
        await unknown.SendAsync("GET /health/held HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        await unknown.ReadToAsync("held");

        Task closed = Record.ExceptionAsync(unknown.ReadToEndAsync);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (!closed.IsCompleted)
        {
            app.Services.GetRequiredService<ConnectionGate>().OnShortage("a test");
            await Task.Delay(20, limit.Token);
        }
        await closed;
        held.SetResult();
        // The end of the last chunk.
        Assert.EndsWith("0\r\n\r\n", await known.ReadToEndAsync());
    }
}
