namespace Valori.Host.Security;

/// <summary>A key that the service has loaded, with what it is doing now.</summary>
internal sealed class KeyUse(ApiKey key)
{
    private readonly CancellationTokenSource _ended = new();

    public ApiKey Key { get; } = key;

    public Caller Caller { get; } = new(key);

    /// <summary>Cancelled when the key is revoked or expires: what is under way in its name ends then.</summary>
    public CancellationToken Ended => _ended.Token;

    public void End() => _ended.Cancel();
}
