using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Valori.Host.Http;

/// <summary>What one request, or one connection, may take. Tests shorten the times.</summary>
internal sealed record HttpLimits
{
    /// <summary>Largest body, in bytes, decompressed; a restore streams and has no limit of its own.</summary>
    public const long BodyBytes = 256L << 20;

    /// <summary>How long a connection may be without a request. Longer than clients keep one, so that it is them who close it.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Large answers take memory for as long as they are read: a reader that is slower is given up.</summary>
    public MinDataRate LargeAnswerRate { get; init; } = new(bytesPerSecond: 256 << 10, gracePeriod: TimeSpan.FromSeconds(10));
}
