using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;
using Valori.Host.Commands;
using Valori.Host.Security;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>The service over TLS, with certificates that are made here.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestCertificates _authority = new("authority"), _stranger = new("stranger");

    private string Certificate => _directory.File("server.pem");

    private string Key => _directory.File("server.key");

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_to_the_next_client()
    {
        string first = _authority.WriteServer(Certificate, Key);
        await using WebApplication app = await StartAsync();
        Assert.Equal(first, await ThumbprintAsync(app));
        string second = _authority.WriteServer(Certificate, Key);
        await UntilAsync(app, second);
    }

    [Fact]
    public void A_broken_certificate_leaves_the_one_of_before_until_it_is_repaired()
    {
        string first = _authority.WriteServer(Certificate, Key);
        SetStopwatch time = new();
        ServiceCertificates certificates = new(new TlsSettings(Certificate, Key, null), time, NullLogger<ServiceCertificates>.Instance);
        using TemporaryDirectory elsewhere = new();
        string second = _authority.WriteServer(elsewhere.File("c"), elsewhere.File("k"));
        File.WriteAllText(Certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----");
        Assert.Equal(first, ThumbprintAfterALook());
        File.Delete(Certificate);
        Assert.Equal(first, ThumbprintAfterALook());
        // The key of another certificate, until the certificate is there too.
        File.Copy(elsewhere.File("k"), Key, overwrite: true);
        Assert.Equal(first, ThumbprintAfterALook());
        File.Copy(elsewhere.File("c"), Certificate, overwrite: true);
        Assert.Equal(first, certificates.Own.Thumbprint);
        Assert.Equal(second, ThumbprintAfterALook());

        string ThumbprintAfterALook()
        {
            time.Pass(0.5);
            return certificates.Own.Thumbprint;
        }
    }

    [Fact]
    public async Task A_client_without_a_certificate_of_the_authority_is_not_heard_if_one_is_required()
    {
        _authority.WriteServer(Certificate, Key);
        await File.WriteAllTextAsync(_directory.File("clients.pem"), _authority.Pem);
        await using WebApplication app = await StartAsync($"valori.http.tls.client-authority = \"{_directory.File("clients.pem")}\"");
        using X509Certificate2 right = _authority.Client(), foreign = _stranger.Client(), expired = _authority.Client(end: DateTimeOffset.UtcNow.AddDays(-1)), ofServer = _authority.Client(isForClients: false);
        foreach (X509Certificate2? certificate in new[] { null, foreign, expired, ofServer })
        {
            using HttpClient refused = ClientOf(app, certificate);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => refused.GetAsync("/health/live"));
        }
        using HttpClient client = ClientOf(app, right);
        Assert.Equal("{\"status\":\"live\"}\n", await client.GetStringAsync("/health/live"));
    }

    [Fact]
    public async Task What_is_not_TLS_is_not_answered_there()
    {
        _authority.WriteServer(Certificate, Key);
        await using WebApplication app = await StartAsync();
        using HttpClient plain = new() { BaseAddress = new UriBuilder(app.Urls.Single()) { Scheme = "http" }.Uri };
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => plain.GetAsync("/health/live"));
        using HttpClient client = ClientOf(app, null);
        // An answer in HTTP/2 would have many requests on one connection.
        using HttpRequestMessage request = new(HttpMethod.Get, "/health/live") { Version = new Version(2, 0) };
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(new Version(1, 1), response.Version);
    }

    [Theory]
    [InlineData("", "https://127.0.0.1:0", "https://127.0.0.1:0 needs a certificate: set valori.http.tls.certificate")]
    [InlineData("TLS", "http://127.0.0.1:0", "valori.http.tls has a certificate, and no address of --urls begins with https: http://127.0.0.1:0")]
    [InlineData("valori.http.tls.key = \"x\"", "https://127.0.0.1:0", "valori.http.tls.certificate is \"\"; it must be the path of a PEM file")]
    [InlineData("valori.http.tls.certificate = \"x\"", "https://127.0.0.1:0", "valori.http.tls.key is \"\"; it must be the path of a PEM file")]
    [InlineData("valori.http.tls.certificat = \"x\"", "https://127.0.0.1:0", "valori.http.tls.certificat is not a setting: did you mean valori.http.tls.certificate?")]
    [InlineData("MISSING", "https://127.0.0.1:0", "cannot be used: there is no such file")]
    [InlineData("SWAPPED", "https://127.0.0.1:0", "cannot be used: it has no certificate in PEM")]
    [InlineData("EXPIRED", "https://127.0.0.1:0", "cannot be used: it expired at ")]
    public async Task A_certificate_that_cannot_be_used_stops_the_start(string configuration, string urls, string reason)
    {
        _authority.WriteServer(Certificate, Key, configuration == "EXPIRED" ? DateTimeOffset.UtcNow.AddDays(-1) : null);
        string text = configuration switch
        {
            "TLS" or "EXPIRED" => Setting(Certificate, Key),
            "MISSING" => Setting(Certificate, Key + "x"),
            "SWAPPED" => Setting(Key, Certificate),
            _ => configuration,
        };
        string file = _directory.File("tls.conf"), data = _directory.File("data");
        await File.WriteAllTextAsync(file, text);
        Finished finished = await ValoriVerb.RunAsync("serve", "--data", data, "--urls", urls, "--config", file);
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.Contains(reason, finished.Error);
        Assert.Single(finished.Error.TrimEnd('\n').Split('\n'));
        Assert.False(Directory.Exists(data));
    }

    private static string Setting(string certificate, string key) => $"valori.http.tls {{ certificate = \"{certificate}\", key = \"{key}\" }}";

    private async Task<WebApplication> StartAsync(string more = "")
    {
        await File.WriteAllTextAsync(_directory.File("test.conf"), Setting(Certificate, Key) + "\n" + more);
        WebApplication app = ServeCommand.Build(_directory.File("data"), "https://127.0.0.1:0", _directory.File("test.conf"));
        await app.StartAsync();
        return app;
    }

    private HttpClient ClientOf(WebApplication app, X509Certificate2? certificate, Action<X509Certificate2>? seen = null)
    {
        HttpClientHandler handler = new()
        {
            CheckCertificateRevocationList = false,
            ServerCertificateCustomValidationCallback = (_, shown, chain, _) =>
            {
                seen?.Invoke(shown!);
                // What stands between the certificate and its authority is sent too.
                return chain!.ChainElements.Count + chain.ChainPolicy.ExtraStore.Count > 1 && shown!.Issuer == "CN=authority";
            },
        };
        if (certificate is not null) handler.ClientCertificates.Add(certificate);
        return new HttpClient(handler) { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(30) };
    }

    private async Task<string> ThumbprintAsync(WebApplication app)
    {
        string thumbprint = "";
        using HttpClient client = ClientOf(app, null, shown => thumbprint = shown.Thumbprint);
        await client.GetStringAsync("/health/live");
        return thumbprint;
    }

    private async Task UntilAsync(WebApplication app, string thumbprint)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (await ThumbprintAsync(app) != thumbprint) await Task.Delay(50, limit.Token);
    }
}
