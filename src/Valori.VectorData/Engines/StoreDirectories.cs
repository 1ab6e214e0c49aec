using System.Collections.Concurrent;
using Akka.Configuration;

namespace Valori.VectorData.Engines;

/// <summary>The directories that the stores and collections of one service provider use: those with the same directory share it, whatever their lifetimes are.</summary>
internal sealed class StoreDirectories : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<StoreEngines>> _byPath = new(StringComparer.Ordinal);

    public StoreEngines Of(string directory, Config? configuration) =>
        _byPath.GetOrAdd(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)), _ => new Lazy<StoreEngines>(() => StoreEngines.In(directory, configuration))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<StoreEngines> engines in _byPath.Values) await engines.Value.DisposeAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (Lazy<StoreEngines> engines in _byPath.Values) engines.Value.Dispose();
    }
}
