using Valori.Actors.Files;
using Valori.Actors.Text;
using Valori.Host.Files;
using Valori.Host.Json;

namespace Valori.Host.Security;

/// <summary>
/// The keys file of a data directory. It is replaced whole, by rename, and only its owner may read it. Whoever changes it holds a lock
/// file, so that a verb and a running service never undo each other's change.
/// </summary>
/// <param name="directory">The data directory.</param>
internal sealed class KeyStore(string directory, TimeProvider time)
{
    public const string FileName = "keys.jsonl";

    private const string LockName = "keys.lock";
    private const int MaximumBytes = 64 << 20;

    public string FilePath { get; } = Path.Combine(directory, FileName);

    /// <summary>The keys; null if there is no keys file.</summary>
    /// <exception cref="DataDirectoryException">It is damaged, is of another program, or cannot be read. The message says what to do.</exception>
    public IReadOnlyList<ApiKey>? Read()
    {
        try
        {
            using FileStream file = new(FilePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & UnixFileMode.OtherWrite) != 0)
                throw Unusable("every user of this machine may write it; take that away with chmod o-w");
            if (file.Length > MaximumBytes) throw Unusable($"it has {file.Length} bytes, and the maximum is {MaximumBytes}");
            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return KeyFileText.Read(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (RequestException e)
        {
            throw Unusable(e.Message + ". Restore it from a backup; or move it away and add new keys", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not DataDirectoryException))
        {
            throw Unusable(FileFailure.ReasonOf(FilePath, e), e);
        }
    }

    /// <summary>Adds a key. Its text is returned this once, and kept nowhere.</summary>
    /// <param name="collections">Null for all.</param>
    /// <param name="expiresAt">Null for never.</param>
    /// <param name="beforeChange">Called with the keys of the file, null if there is none, while nobody else can change it. What it throws leaves everything as it was.</param>
    /// <exception cref="RefusedException">There is a key with this name, or a value is not allowed.</exception>
    /// <exception cref="DataDirectoryException">The keys file cannot be used.</exception>
    public (ApiKey Key, string Token) Add(
        string name, KeyRole role, IReadOnlyList<string>? collections, DateTimeOffset? expiresAt, Action<IReadOnlyList<ApiKey>?>? beforeChange = null)
    {
        if (KeyNames.Check(name) is { } wrong || !KeyNames.TryOrder(collections, out IReadOnlyList<string>? ordered, out wrong)) throw new RefusedException(wrong);
        DateTimeOffset now = KeyTime.Whole(time.GetUtcNow());
        if (expiresAt <= now) throw new RefusedException(new Refusal(RefusalKind.InvalidArgument, $"the key would have expired at {KeyTime.Format(expiresAt.Value)}, before it was made"));
        return Change<(ApiKey, string)>(keys =>
        {
            if (keys.Any(key => key.Name == name))
                throw new RefusedException(new Refusal(RefusalKind.Conflict, $"there is a key with the name '{name}' already: choose another name, or revoke that key first"));
            if (keys.Count >= KeyFileText.MaximumKeys)
                throw new RefusedException(new Refusal(RefusalKind.LimitExceeded, $"there are {keys.Count} keys, which is the maximum: revoke one first"));
            (string token, string id) = KeyToken.Create();
            ApiKey added = new(id, name, role, ordered, now, expiresAt is { } end ? KeyTime.Whole(end) : null, KeyToken.HashOf(token));
            return ((added, token), [.. keys, added]);
        }, beforeChange);
    }

    /// <summary>Revokes the key with this name.</summary>
    /// <param name="beforeChange">As for <see cref="Add"/>.</param>
    /// <exception cref="RefusedException">There is none.</exception>
    /// <exception cref="DataDirectoryException">The keys file cannot be used.</exception>
    public ApiKey Revoke(string name, Action<IReadOnlyList<ApiKey>?>? beforeChange = null) => Change<ApiKey>(keys =>
    {
        ApiKey revoked = keys.FirstOrDefault(key => key.Name == name)
            ?? throw new RefusedException(new Refusal(RefusalKind.NotFound, $"there is no key with the name '{Spelling.Shown(name)}'"));
        return (revoked, [.. keys.Where(key => key != revoked)]);
    }, beforeChange);

    private T Change<T>(Func<IReadOnlyList<ApiKey>, (T Result, IReadOnlyList<ApiKey> Keys)> change, Action<IReadOnlyList<ApiKey>?>? beforeChange)
    {
        try
        {
            DirectorySync.Create(directory);
            using FileStream held = HeldFile.Open(Path.Combine(directory, LockName));
            IReadOnlyList<ApiKey>? there = Read();
            beforeChange?.Invoke(there);
            (T result, IReadOnlyList<ApiKey> keys) = change(there ?? []);
            Replace(KeyFileText.Write(keys));
            return result;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not (DataDirectoryException or AuditException)))
        {
            throw new DataDirectoryException($"{FilePath} cannot be written: {e.Message}", e);
        }
    }

    private void Replace(byte[] bytes)
    {
        string temporary = FilePath + ".tmp";
        // One that a crash left may have other permissions.
        File.Delete(temporary);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (FileStream file = new(temporary, options))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, FilePath, overwrite: true);
        DirectorySync.Flush(directory);
    }

    private DataDirectoryException Unusable(string reason, Exception? inner = null) => new($"the API keys in {FilePath} cannot be used: {reason}", inner);
}
