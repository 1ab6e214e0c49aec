using Akka.Actor;
using Akka.Configuration;

namespace Valori;

/// <summary>
/// Several collections of one directory, for code that is not an actor: opens, lists and drops them. On a directory it has an ActorSystem of its
/// own; on an existing system it is what <see cref="ValoriExtension"/> has, with the collections of <see cref="ValoriHostingOptions"/>.
/// </summary>
/// <remarks>Thread-safe. In a host's services after <c>AddValori</c> or <c>AddValoriEngines</c>.</remarks>
public sealed class ValoriDatabase : IAsyncDisposable, IDisposable
{
    private readonly ValoriExtension _extension;
    private readonly bool _ownsSystem;

    private ValoriDatabase(ActorSystem system, ValoriExtension extension, bool ownsSystem) => (ActorSystem, _extension, _ownsSystem) = (system, extension, ownsSystem);

    /// <summary>The ActorSystem that has the engines.</summary>
    public ActorSystem ActorSystem { get; }

    /// <summary>The collections that the options name: they are opened with these.</summary>
    public IReadOnlyDictionary<string, ValoriCollectionSettings> Collections => _extension.Collections;

    /// <summary>Opens a directory, with an ActorSystem of its own. Collections are opened by <see cref="OpenCollectionAsync"/>.</summary>
    /// <param name="path">The data directory; created if it does not exist. One process at a time.</param>
    /// <param name="configuration">HOCON that overrides the defaults (reference.conf), for Valori's settings and for Akka's own.</param>
    /// <param name="time">The clock that stamps events; the system's if null.</param>
    /// <exception cref="DataDirectoryException">The directory is in use, or cannot be used.</exception>
    public static async Task<ValoriDatabase> OpenAsync(string path, Config? configuration = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        cancellationToken.ThrowIfCancellationRequested();
        ActorSystem system = ValoriEngine.StartSystem(path, new ValoriOptions { Configuration = configuration, Time = time ?? TimeProvider.System });
        try
        {
            ValoriDatabase database = new(system, ValoriExtension.Get(system), ownsSystem: true);
            cancellationToken.ThrowIfCancellationRequested();
            return database;
        }
        catch
        {
            await ValoriEngine.TerminateAsync(system).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The database of an existing ActorSystem, which is started there if it is not running yet.</summary>
    /// <exception cref="DataDirectoryException">The directory is in use, or cannot be used.</exception>
    public static ValoriDatabase Of(ActorSystem system) => new(system, ValoriExtension.Get(system), ownsSystem: false);

    /// <summary>Opens a collection and waits until it has recovered. What the options say of a collection of this name holds if no schema is given.</summary>
    /// <inheritdoc cref="ValoriExtension.OpenAsync" path="/param"/>
    /// <inheritdoc cref="ValoriExtension.OpenAsync" path="/exception"/>
    public Task<ValoriEngine> OpenCollectionAsync(string name = ValoriOptions.DefaultName, WantedSchema? schema = null, bool create = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return schema is null && Collections.TryGetValue(name, out ValoriCollectionSettings? configured)
            ? _extension.OpenAsync(name, configured.Schema, create && configured.Create, cancellationToken: cancellationToken)
            : _extension.OpenAsync(name, schema, create, cancellationToken: cancellationToken);
    }

    /// <inheritdoc cref="ValoriExtension.ListAsync"/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) => _extension.ListAsync(cancellationToken);

    /// <inheritdoc cref="ValoriExtension.DropAsync"/>
    public Task DropCollectionAsync(string name, CancellationToken cancellationToken = default) => _extension.DropAsync(name, cancellationToken);

    /// <summary>Stops all engines and the ActorSystem gracefully if it is its own. Otherwise nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ownsSystem) await ValoriEngine.TerminateAsync(ActorSystem).ConfigureAwait(false);
    }

    void IDisposable.Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
