using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Valori.Host.Files;

namespace Valori.Host.Security;

/// <summary>
/// The certificates of the service, read again when one of their files changes: a renewed one is shown to the next client within a second.
/// Files that cannot be used then change nothing, and the log says why. Thread-safe.
/// </summary>
internal sealed partial class ServiceCertificates
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(0.5);

    private readonly Lock _lock = new();
    private readonly TlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<ServiceCertificates> _log;
    private Loaded _loaded;
    private string _state;
    private string? _fault;
    private long _looked;

    /// <exception cref="DataDirectoryException">A file cannot be used.</exception>
    public ServiceCertificates(TlsSettings settings, TimeProvider time, ILogger<ServiceCertificates> log)
    {
        (_settings, _time, _log) = (settings, time, log);
        _looked = time.GetTimestamp();
        _state = StateOfFiles();
        _loaded = Load();
    }

    /// <summary>Whether a client must show a certificate too.</summary>
    public bool AsksClients => _settings.ClientAuthorityPath is not null;

    /// <summary>What a handshake that begins now is to use.</summary>
    public void Apply(SslServerAuthenticationOptions handshake)
    {
        handshake.ServerCertificateSelectionCallback = null;
        handshake.ServerCertificateContext = Current().Own;
        handshake.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
    }

    /// <summary>The service's own certificate.</summary>
    public X509Certificate2 Own => Current().Own.TargetCertificate;

    /// <summary>Whether the certificate of a client is valid and from the authority for clients.</summary>
    /// <param name="sent">What the client sent with it.</param>
    public bool IsOfClient(X509Certificate2 certificate, X509Chain? sent)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Current().ClientAuthorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ForClients));
        if (sent is not null) chain.ChainPolicy.ExtraStore.AddRange(sent.ChainElements.Select(element => element.Certificate).ToArray());
        return chain.Build(certificate);
    }

    private Loaded Current()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_looked) < LookInterval) return _loaded;
            _looked = _time.GetTimestamp();
            string state = StateOfFiles();
            // Certificate and key are two files, of which one may be new: what cannot be used is tried again.
            if (state == _state && _fault is null) return _loaded;
            try
            {
                _loaded = Load();
                _fault = null;
                LogLoaded(_loaded.Own.TargetCertificate.Thumbprint, _loaded.Own.TargetCertificate.NotAfter.ToUniversalTime());
            }
            catch (DataDirectoryException e)
            {
                if (_fault != e.Message) LogFault(e.Message);
                _fault = e.Message;
            }
            _state = state;
            return _loaded;
        }
    }

    private Loaded Load()
    {
        X509Certificate2Collection chain = Read(_settings.CertificatePath);
        X509Certificate2 own = Using(_settings.CertificatePath, () => X509Certificate2.CreateFromPemFile(_settings.CertificatePath, _settings.KeyPath));
        // Without an export, Windows would not find the key.
        if (OperatingSystem.IsWindows()) own = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        if (own.NotAfter < DateTime.Now) throw Unusable(_settings.CertificatePath, $"it expired at {own.NotAfter.ToUniversalTime():u}");
        X509Certificate2Collection clients = _settings.ClientAuthorityPath is { } path ? Read(path) : [];
        return new Loaded(SslStreamCertificateContext.Create(own, new X509Certificate2Collection(chain.Skip(1).ToArray()), offline: true), clients);
    }

    private static X509Certificate2Collection Read(string path)
    {
        X509Certificate2Collection certificates = [];
        Using(path, () =>
        {
            certificates.ImportFromPemFile(path);
            return true;
        });
        return certificates.Count > 0 ? certificates : throw Unusable(path, "it has no certificate in PEM");
    }

    private static T Using<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, FileFailure.ReasonOf(path, e), e);
        }
    }

    private string StateOfFiles() => string.Join('|', new[] { _settings.CertificatePath, _settings.KeyPath, _settings.ClientAuthorityPath }
        .OfType<string>().Select(path => FileStamp.Of(path) is { } stamp ? $"{stamp.Written.Ticks} {stamp.Bytes}" : ""));

    private static DataDirectoryException Unusable(string path, string reason, Exception? inner = null) => new($"the certificate {path} cannot be used: {reason}", inner);

    [LoggerMessage(Level = LogLevel.Information, Message = "the certificate {Thumbprint} is used from now on; it is valid until {End:u}")]
    private partial void LogLoaded(string thumbprint, DateTime end);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Message}. The certificate of before stays in use, and the files are tried again")]
    private partial void LogFault(string message);

    private sealed record Loaded(SslStreamCertificateContext Own, X509Certificate2Collection ClientAuthorities);
}
