namespace Valori.Host.Http;

/// <summary>What one request, or one connection, may take.</summary>
internal static class HttpLimits
{
    /// <summary>Largest body, in bytes, decompressed; a restore streams and has no limit of its own.</summary>
    public const long BodyBytes = 256L << 20;

    /// <summary>How long a connection may be without a request. Longer than clients keep one, so that it is them who close it.</summary>
    public static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(120);
}
