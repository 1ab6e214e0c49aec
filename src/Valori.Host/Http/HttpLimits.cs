namespace Valori.Host.Http;

/// <summary>What one request may take.</summary>
internal static class HttpLimits
{
    /// <summary>Largest body, in bytes; a restore streams and has no limit of its own.</summary>
    public const long BodyBytes = 256L << 20;
}
