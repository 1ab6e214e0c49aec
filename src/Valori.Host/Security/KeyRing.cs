using System.Security.Cryptography;
using Valori.Host.Files;

namespace Valori.Host.Security;

/// <summary>
/// The keys of a running service. It loads them when it is made, and again when their file changes. A file that cannot be used any more
/// changes nothing: the keys of before stay, and health says why. Thread-safe.
/// </summary>
internal sealed partial class KeyRing
{
    private static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _reloading = new();
    private readonly SemaphoreSlim _changing = new(1);
    private readonly KeyStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<KeyRing> _log;
    private readonly CancellationTokenSource _closed = new();
    private volatile Dictionary<string, KeyUse>? _byId;
    private volatile string? _fault;
    private (DateTime, long)? _seen;

    /// <exception cref="DataDirectoryException">The keys file cannot be used: a service must not start without the keys that it had.</exception>
    public KeyRing(KeyStore store, TimeProvider time, ILogger<KeyRing> log)
    {
        (_store, _time, _log) = (store, time, log);
        // Before it is read: a change in between is found later.
        _seen = FileStamp.Of(store.FilePath);
        _byId = store.Read() is { } keys ? keys.ToDictionary(key => key.Id, key => new KeyUse(key), StringComparer.Ordinal) : null;
    }

    /// <summary>Whether a request needs a key. It never becomes false again: a keys file that is gone opens nothing.</summary>
    public bool IsRequired => _byId is not null;

    /// <summary>Cancelled when requests begin to need a key: what is under way without one ends then.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>Why the keys file cannot be used any more; null if it can. Clients see it, so it has the file's name and not its path.</summary>
    public string? Fault => _fault?.Replace(_store.FilePath, KeyStore.FileName, StringComparison.Ordinal);

    /// <summary>All keys, by name.</summary>
    public IReadOnlyList<ApiKey> Keys => [.. (_byId ?? []).Values.Select(use => use.Key).OrderBy(key => key.Name, StringComparer.Ordinal)];

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Finds the key of a text.</summary>
    /// <param name="fault">Why there is none that is valid, in words that do not repeat the text.</param>
    public KeyUse? Find(string token, out string fault)
    {
        fault = "the API key is not one of this service: it was mistyped or revoked";
        if (!KeyToken.TryReadId(token, out string? id)) return null;
        // The id is public. What is secret is compared in a time that does not depend on it, also if nobody has the id.
        KeyUse? use = _byId?.GetValueOrDefault(id);
        if (!CryptographicOperations.FixedTimeEquals(KeyToken.HashOf(token), use is null ? NoHash : use.Key.Hash.Span)) return null;
        // One that has ended does not come back if the clock is set back: what it begins would be cut off at once.
        bool hasEnded = use!.Ended.IsCancellationRequested;
        if (!hasEnded && !use.Key.HasExpired(_time.GetUtcNow())) return use;
        if (use.Key.ExpiresAt is { } end) fault = $"the API key '{use.Key.Name}' expired at {KeyTime.Format(end)}";
        return null;
    }

    /// <summary>Adds a key in the name of a caller, and knows it when this returns. Its text is returned this once.</summary>
    /// <exception cref="KeyEndedException">The key of the caller is not valid any more.</exception>
    /// <exception cref="EngineException">Other changes took too long.</exception>
    public Task<(ApiKey Key, string Token)> AddAsync(
        Caller by, string name, KeyRole role, IReadOnlyList<string>? collections, DateTimeOffset? expiresAt, CancellationToken cancellationToken) =>
        ChangeAsync(() => _store.Add(name, role, collections, expiresAt, keys => CheckCaller(by, keys)), cancellationToken);

    /// <summary>Revokes a key in the name of a caller. It is not valid any more when this returns.</summary>
    /// <exception cref="KeyEndedException">The key of the caller is not valid any more.</exception>
    /// <exception cref="EngineException">Other changes took too long.</exception>
    public Task<ApiKey> RevokeAsync(Caller by, string name, CancellationToken cancellationToken) =>
        ChangeAsync(() => _store.Revoke(name, keys => CheckCaller(by, keys)), cancellationToken);

    /// <summary>Looks at the keys file, loads it if it changed, and ends what keys do that have expired.</summary>
    public void Refresh() => Refresh(isChanged: false);

    /// <summary>
    /// One change at a time. Another process may hold the lock of the file for seconds, and a thread sleeps until then. Only one may: requests
    /// of other keys need the others.
    /// </summary>
    private async Task<T> ChangeAsync<T>(Func<T> change, CancellationToken cancellationToken)
    {
        if (!await _changing.WaitAsync(Patience, cancellationToken))
            throw new EngineException(EngineFailureKind.Overloaded, "other changes of the API keys are under way, and nothing was changed; try again later");
        try
        {
            T changed = change();
            Refresh(isChanged: true);
            return changed;
        }
        finally
        {
            _changing.Release();
        }
    }

    private void Refresh(bool isChanged)
    {
        lock (_reloading)
        {
            // What cannot be used is tried again: a repair of its owner or its permissions changes neither its time nor its length.
            if (FileStamp.Of(_store.FilePath) is var state && (isChanged || state != _seen || _fault is not null)) Load(state);
            foreach (KeyUse use in (_byId ?? []).Values)
            {
                if (use.Key.HasExpired(_time.GetUtcNow())) use.End();
            }
        }
    }

    /// <summary>
    /// Right before the file changes, and with it locked: since the request began, its key may have been revoked, or the service may have got
    /// its first key. Otherwise a body that is sent slowly could make a new key for one that was revoked.
    /// </summary>
    /// <param name="keys">Those of the file; null if there is none.</param>
    private void CheckCaller(Caller by, IReadOnlyList<ApiKey>? keys)
    {
        if (keys is null && IsRequired) throw Gone();
        bool isValid = by.Key is { } own ? keys?.Any(key => IsSame(key, own)) == true && !own.HasExpired(_time.GetUtcNow()) : keys is null;
        if (!isValid) throw new KeyEndedException();
    }

    private void Load((DateTime, long)? state)
    {
        _seen = state;
        try
        {
            IReadOnlyList<ApiKey>? keys = _store.Read();
            // Gone before there were any: the service goes on as it began.
            if (keys is null && _byId is null) return;
            Take(keys ?? throw Gone());
            _fault = null;
        }
        catch (DataDirectoryException e)
        {
            if (_fault != e.Message) LogFault(e.Message);
            _fault = e.Message;
            // A file that cannot be read appeared: whoever put it there wanted keys.
            _byId ??= [];
            _closed.Cancel();
        }
    }

    private void Take(IReadOnlyList<ApiKey> keys)
    {
        Dictionary<string, KeyUse> before = _byId ?? [], now = new(StringComparer.Ordinal);
        foreach (ApiKey key in keys)
            now.Add(key.Id, before.TryGetValue(key.Id, out KeyUse? use) && IsSame(use.Key, key) ? use : new KeyUse(key));
        _byId = now;
        _closed.Cancel();
        LogLoaded(now.Count);
        foreach (KeyUse use in before.Values)
        {
            if (now.GetValueOrDefault(use.Key.Id) != use) use.End();
        }
    }

    private static bool IsSame(ApiKey one, ApiKey other) =>
        (one.Id, one.Name, one.Role, one.ExpiresAt) == (other.Id, other.Name, other.Role, other.ExpiresAt) && one.Hash.Span.SequenceEqual(other.Hash.Span)
        && (one.Collections ?? []).SequenceEqual(other.Collections ?? []) && one.Collections is null == other.Collections is null;

    private DataDirectoryException Gone() => new($"the API keys in {_store.FilePath} cannot be used: the file is gone. Restore it from a backup");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} API keys are loaded; a request needs one")]
    private partial void LogLoaded(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Message}. The keys of before stay valid, and no change is seen until this is repaired")]
    private partial void LogFault(string message);
}
