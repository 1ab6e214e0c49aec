using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Configuration;
using Valori.VectorData.Model;

namespace Valori.VectorData.Engines;

/// <summary>
/// The engines of one data directory, on an ActorSystem that it starts and stops itself or that the application has. Each engine is opened once and
/// shared by all collections of its name. Thread-safe.
/// </summary>
internal sealed class StoreEngines : IAsyncDisposable, IDisposable
{
    private readonly Func<ActorSystem> _system;
    private readonly bool _ownsSystem;
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly ConcurrentDictionary<string, OpenCollection> _open = new();
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _opening = new();
    private volatile ValoriExtension? _extension;
    private ActorSystem? _started;
    private volatile bool _isDisposed;

    private StoreEngines(string name, Func<ActorSystem> system, bool ownsSystem) => (Name, _system, _ownsSystem) = (name, system, ownsSystem);

    /// <summary>The directory, or the name of the application's ActorSystem.</summary>
    public string Name { get; }

    /// <summary>On a directory, which is opened by the first call that needs it.</summary>
    public static StoreEngines In(string directory, Config? configuration)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new StoreEngines(directory, () => ValoriEngine.StartSystem(directory, new ValoriOptions { Configuration = configuration }), ownsSystem: true);
    }

    /// <summary>On a system of the application, which it does not stop.</summary>
    public static StoreEngines On(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return new StoreEngines(system.Name, () => system, ownsSystem: false);
    }

    /// <summary>The collection, if it exists and is what the definition describes.</summary>
    /// <param name="create">Whether to create it if it does not exist.</param>
    /// <exception cref="RefusedException">It does not exist, or is another one.</exception>
    public async ValueTask<OpenCollection> OpenAsync(string name, CollectionShape shape, bool create, CancellationToken cancellationToken)
    {
        string engineName = EngineNames.Of(name);
        // That an engine is gone is known a moment after its drop elsewhere, and a collection that is to exist must not be one that is gone.
        if (create && _open.ContainsKey(engineName) && !await ExistsAsync(name, cancellationToken).ConfigureAwait(false)) _open.TryRemove(engineName, out _);
        if (!TryFind(engineName, out OpenCollection? open))
        {
            // One call opens it, and the others get what it opened.
            SemaphoreSlim opening = _opening.GetOrAdd(engineName, _ => new SemaphoreSlim(1, 1));
            await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (!TryFind(engineName, out open))
                    _open[engineName] = open = await OpenAnewAsync(name, engineName, shape, create, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                opening.Release();
            }
        }
        open.Check(name, shape);
        return open;
    }

    /// <summary>Whether a collection that was opened still is: nobody has dropped it.</summary>
    /// <exception cref="ObjectDisposedException">The store was closed.</exception>
    public bool IsOpen(OpenCollection collection)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return !collection.Engine.IsGone;
    }

    public async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken) =>
        (await ListEnginesAsync(cancellationToken).ConfigureAwait(false)).Contains(EngineNames.Of(name));

    /// <summary>Drops a collection; does nothing if there is none.</summary>
    public async Task DropAsync(string name, CancellationToken cancellationToken)
    {
        string engineName = EngineNames.Of(name);
        ValoriExtension extension = await StartAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await extension.DropAsync(engineName, cancellationToken).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.NotFound)
        {
            // What is to be gone is gone.
        }
        _open.TryRemove(engineName, out _);
    }

    /// <summary>The names of all collections of the directory.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await ListEnginesAsync(cancellationToken).ConfigureAwait(false)).Select(EngineNames.CollectionOf)];

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _starting.WaitAsync().ConfigureAwait(false);
        ActorSystem? started = Interlocked.Exchange(ref _started, null);
        _starting.Release();
        _extension = null;
        if (started is not null && _ownsSystem) await ValoriEngine.TerminateAsync(started).ConfigureAwait(false);
    }

    // A container or a store that is disposed without await: no caller's context may be needed to end.
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    private bool TryFind(string engineName, [NotNullWhen(true)] out OpenCollection? open) => _open.TryGetValue(engineName, out open) && IsOpen(open);

    private async Task<OpenCollection> OpenAnewAsync(string name, string engineName, CollectionShape shape, bool create, CancellationToken cancellationToken)
    {
        ValoriExtension extension = await StartAsync(cancellationToken).ConfigureAwait(false);
        // With any schema: what is there is compared by the caller, where the error can name the collection.
        ValoriEngine? engine = await FindAsync(extension, engineName, cancellationToken).ConfigureAwait(false);
        if (engine is null && !create)
            throw new RefusedException(new Refusal(RefusalKind.NotFound, $"collection '{name}' does not exist in '{Name}': call EnsureCollectionExistsAsync to create it"));
        engine ??= await extension.OpenAsync(engineName, shape.NewSchema, cancellationToken: cancellationToken).ConfigureAwait(false);
        CollectionMark? mark = await CollectionMark.ReadAsync(engine, cancellationToken).ConfigureAwait(false);
        // A collection that has records already is another program's, and stays as it is. So does one that the definition does not describe.
        bool isMarked = mark is null && create && shape.Schema.CheckAgainst(engine.Schema, name) is null
            && await engine.RecordCountAsync(cancellationToken: cancellationToken).ConfigureAwait(false) == 0;
        if (!isMarked) return new OpenCollection(engine, mark);
        mark = CollectionMark.Of(shape);
        await mark.WriteAsync(engine, cancellationToken).ConfigureAwait(false);
        return new OpenCollection(engine, mark);
    }

    private static async Task<ValoriEngine?> FindAsync(ValoriExtension extension, string engineName, CancellationToken cancellationToken)
    {
        try
        {
            return await extension.OpenAsync(engineName, create: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.NotFound)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<string>> ListEnginesAsync(CancellationToken cancellationToken) =>
        await (await StartAsync(cancellationToken).ConfigureAwait(false)).ListAsync(cancellationToken).ConfigureAwait(false);

    private async ValueTask<ValoriExtension> StartAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_extension is { } running) return running;
        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_extension is { } started) return started;
            // It opens and checks files.
            return _extension = await Task.Run(Start, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _starting.Release();
        }
    }

    private ValoriExtension Start()
    {
        ActorSystem system = _system();
        try
        {
            ValoriExtension extension = ValoriExtension.Get(system);
            _started = system;
            return extension;
        }
        catch
        {
            // The next call tries again: the directory may be in use only now.
            if (_ownsSystem) system.Terminate().Wait();
            throw;
        }
    }
}
