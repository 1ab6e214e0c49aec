namespace Valori.Host.Security;

/// <summary>What a key may do. Each role may do what the ones before it may.</summary>
internal enum KeyRole
{
    /// <summary>Ask.</summary>
    Read,

    /// <summary>Change records, metadata, nodes and edges.</summary>
    Write,

    /// <summary>Create, drop, save and restore collections and, if the key is not limited to collections, add and revoke keys.</summary>
    Admin,
}

/// <summary>An API key as the service knows it. The secret itself is nowhere: only who was given it can show it.</summary>
/// <param name="Id">The public part of the key, by which it is found.</param>
/// <param name="Name">Who or what it was given to. No two keys have one name.</param>
/// <param name="Collections">Names of those that it may use, in ordinal order; null if all.</param>
/// <param name="ExpiresAt">When it stops to be valid; null if never.</param>
/// <param name="Hash">Of the whole key (<see cref="KeyToken.HashOf"/>).</param>
internal sealed record ApiKey(
    string Id, string Name, KeyRole Role, IReadOnlyList<string>? Collections, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, ReadOnlyMemory<byte> Hash)
{
    public bool HasExpired(DateTimeOffset now) => ExpiresAt <= now;
}
