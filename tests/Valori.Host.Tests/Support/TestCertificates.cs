using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Valori.Host.Tests.Support;

/// <summary>An authority and what it signed, made here and now.</summary>
internal sealed class TestCertificates : IDisposable
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1", ForClients = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddDays(-2), End = Begin.AddYears(1);

    private readonly X509Certificate2 _authority;

    public TestCertificates(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(Begin, End);
    }

    /// <summary>The authority's own certificate.</summary>
    public string Pem => _authority.ExportCertificatePem();

    public void Dispose() => _authority.Dispose();

    /// <summary>Writes a certificate for 127.0.0.1 and its key.</summary>
    /// <returns>Its thumbprint.</returns>
    public string WriteServer(string certificatePath, string keyPath, DateTimeOffset? end = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = Sign("CN=127.0.0.1", key, ForServers, end);
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificatePath, made.ExportCertificatePem() + "\n" + Pem);
        return made.Thumbprint;
    }

    /// <summary>A certificate of a client, with its key.</summary>
    public X509Certificate2 Client(bool isForClients = true, DateTimeOffset? end = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = Sign("CN=a client", key, isForClients ? ForClients : ForServers, end);
        using X509Certificate2 withKey = made.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    private X509Certificate2 Sign(string subject, ECDsa key, string purpose, DateTimeOffset? end)
    {
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.Create(_authority, Begin, end ?? End, RandomNumberGenerator.GetBytes(8));
    }
}
