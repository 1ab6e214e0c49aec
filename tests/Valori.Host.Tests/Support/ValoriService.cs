using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Valori.Host.Commands;
using Valori.Host.Http;
using Valori.Host.Security;

namespace Valori.Host.Tests.Support;

/// <summary>What the service answered.</summary>
internal sealed record HttpAnswer(HttpStatusCode Status, string ContentType, string Text)
{
    /// <summary>An answer that is JSON ends with a newline, which is not in the text here.</summary>
    public static async Task<HttpAnswer> OfAsync(HttpResponseMessage response)
    {
        string type = response.Content.Headers.ContentType?.MediaType ?? "", text = await response.Content.ReadAsStringAsync();
        if (type.EndsWith("json", StringComparison.Ordinal) && response.RequestMessage!.Method != HttpMethod.Head)
        {
            Assert.EndsWith("}\n", text);
            text = text[..^1];
        }
        return new HttpAnswer(response.StatusCode, type, text);
    }

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Text);

    public string Detail => Json.GetProperty("detail").GetString()!;

    public override string ToString() => $"{(int)Status} {ContentType} {Text}";
}

/// <summary>The service in this process, on real Kestrel and a free port, over a directory of its own.</summary>
public sealed class ValoriService : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private WebApplication? _app;
    private string? _configFile;
    private HttpLimits? _limits;
    private string? _key;

    internal HttpClient Client { get; private set; } = new();

    internal string DirectoryPath => _directory.Path;

    /// <summary>A part of the service itself.</summary>
    internal T Part<T>() where T : notnull => _app!.Services.GetRequiredService<T>();

    /// <param name="limits">Shorter times than the service's own.</param>
    internal static Task<ValoriService> StartAsync(string? configuration = null, HttpLimits? limits = null) => StartAsync(configuration, limits, null);

    /// <summary>A service with one key, which every request of <see cref="Client"/> carries: of the name <c>ops</c>, for everything.</summary>
    internal static Task<ValoriService> StartWithKeyAsync(string? configuration = null) =>
        StartAsync(configuration, null, directory => new KeyStore(directory, TimeProvider.System).Add("ops", KeyRole.Admin, null, null).Token);

    private static async Task<ValoriService> StartAsync(string? configuration, HttpLimits? limits, Func<string, string>? key)
    {
        ValoriService service = new() { _limits = limits };
        service._key = key?.Invoke(service.DirectoryPath);
        service._configFile = configuration is null ? null : service._directory.File("test.conf");
        if (service._configFile is { } file) await File.WriteAllTextAsync(file, configuration);
        await service.StartAppAsync();
        return service;
    }

    public Task InitializeAsync() => StartAppAsync();

    public async Task DisposeAsync()
    {
        await StopAppAsync();
        Client.Dispose();
        _directory.Dispose();
    }

    /// <summary>Stops the service, lets something happen to its files, and starts it again.</summary>
    internal async Task RestartAsync(Action whileStopped)
    {
        await StopAppAsync();
        whileStopped();
        await StartAppAsync();
    }

    /// <summary>A new key; returns its text.</summary>
    /// <param name="collections">Null for all.</param>
    internal string AddKey(string name, KeyRole role, params string[]? collections)
    {
        string token = Part<KeyStore>().Add(name, role, collections is [] ? null : collections, null).Token;
        Part<KeyRing>().Refresh();
        return token;
    }

    /// <summary>A request with a key of its own, or with none.</summary>
    internal async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, string? key, string? json = null, string header = "api-key")
    {
        using HttpClient bare = new() { BaseAddress = Client.BaseAddress };
        using HttpRequestMessage request = new(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (key is not null) Assert.True(request.Headers.TryAddWithoutValidation(header, key));
        return await bare.SendAsync(request);
    }

    internal Task<HttpAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, (HttpContent?)null);

    internal Task<HttpAnswer> SendAsync(HttpMethod method, string path, string? json, string? idempotencyKey = null) =>
        SendAsync(method, path, json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"), idempotencyKey);

    internal async Task<HttpAnswer> SendAsync(HttpMethod method, string path, HttpContent? content, string? idempotencyKey = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        using HttpResponseMessage response = await Client.SendAsync(request);
        return await HttpAnswer.OfAsync(response);
    }

    /// <summary>A body of bytes, as a restore takes it.</summary>
    internal static ByteArrayContent Bytes(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

    /// <summary>A request that has to succeed.</summary>
    internal async Task<JsonElement> DoneAsync(HttpMethod method, string path, string? json = null)
    {
        HttpAnswer answer = await SendAsync(method, path, json);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{method} {path}: {answer}");
        return answer.Json;
    }

    /// <summary>A new collection; returns its path.</summary>
    internal async Task<string> CreateCollectionAsync(int dimension = 2, string? name = null)
    {
        string path = $"/v1/collections/{name ?? $"c{Guid.NewGuid():N}"}";
        await DoneAsync(HttpMethod.Put, path, $$"""{"dimension":{{dimension}}}""");
        return path;
    }

    /// <summary>Waits until readiness is decided; returns the answer.</summary>
    internal async Task<HttpAnswer> ReadinessAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            HttpAnswer answer = await GetAsync("/health/ready");
            if (answer.Status == HttpStatusCode.OK) return answer;
            string reason = answer.Json.GetProperty("reason").GetString()!;
            if (!reason.Contains(" is recovering", StringComparison.Ordinal) && !reason.StartsWith("collections are being opened", StringComparison.Ordinal)) return answer;
            await Task.Delay(20, limit.Token);
        }
    }

    private async Task StartAppAsync()
    {
        _app = ServeCommand.Build(_directory.Path, "http://127.0.0.1:0", _configFile, _limits);
        await _app.StartAsync();
        Client.Dispose();
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()), Timeout = TimeSpan.FromSeconds(60) };
        if (_key is not null) Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _key);
    }

    private async Task StopAppAsync()
    {
        if (_app is null) return;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }
}
