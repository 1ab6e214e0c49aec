namespace Valori.Host.Security;

/// <summary>Who asks: what the key of a request says, or anyone, if the service has no keys.</summary>
internal sealed record Caller
{
    /// <summary>Anyone: a service without keys serves whoever reaches it.</summary>
    public static readonly Caller Anyone = new() { Role = KeyRole.Admin };

    private readonly HashSet<string>? _collections;

    private Caller()
    {
    }

    public Caller(ApiKey key)
    {
        (Key, Role) = (key, key.Role);
        _collections = key.Collections is { } names ? new HashSet<string>(names, StringComparer.Ordinal) : null;
    }

    /// <summary>The key; null if there are no keys.</summary>
    public ApiKey? Key { get; }

    /// <summary>The name of the key; null if there are no keys.</summary>
    public string? Name => Key?.Name;

    public KeyRole Role { get; private init; }

    /// <summary>Whether there are collections that it may not use.</summary>
    public bool IsLimited => _collections is not null;

    /// <summary>Whether it may use the collection with this name, which need not exist.</summary>
    public bool MayUse(string collection) => _collections?.Contains(collection) ?? true;
}
