using Valori.Actors.Settings;

namespace Valori.Host.Security;

/// <summary>Certificates of the service (<c>valori.http.tls</c>, reference.conf).</summary>
/// <param name="CertificatePath">PEM: the service's own certificate, and those between it and its authority.</param>
/// <param name="KeyPath">PEM: its private key.</param>
/// <param name="ClientAuthorityPath">PEM: who signs certificates of clients; null if a client needs none.</param>
internal sealed record TlsSettings(string CertificatePath, string KeyPath, string? ClientAuthorityPath)
{
    /// <summary>Null if no certificate is set.</summary>
    /// <exception cref="Akka.Configuration.ConfigurationException">A part of them is set without the others.</exception>
    public static TlsSettings? Of(SettingReader tls)
    {
        string certificate = tls.Text("certificate"), key = tls.Text("key"), clients = tls.Text("client-authority");
        if (certificate.Length == 0 && (key.Length > 0 || clients.Length > 0)) throw tls.Wrong("certificate", "the path of a PEM file, as the other settings of valori.http.tls are set");
        if (certificate.Length == 0) return null;
        if (key.Length == 0) throw tls.Wrong("key", "the path of a PEM file with the private key of valori.http.tls.certificate");
        return new TlsSettings(Path.GetFullPath(certificate), Path.GetFullPath(key), clients.Length == 0 ? null : Path.GetFullPath(clients));
    }
}
