using System.Collections.Concurrent;
using Akka.Configuration;

namespace Valori.VectorData.Engines;

/// <summary>The directories that the stores and collections of one service provider use: those with the same directory share it, whatever their lifetimes are.</summary>
internal sealed class StoreDirectories : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Shared>> _byPath = new(StringComparer.Ordinal);

    /// <param name="options">The name of the options' type, for the error.</param>
    /// <exception cref="ArgumentException">The directory is there with another configuration, and one system has one.</exception>
    public StoreEngines Of(string directory, Config? configuration, string options)
    {
        // By its text: options are made anew for each store that is not a singleton.
        string? text = configuration?.ToString(includeFallback: true);
        Shared shared = _byPath.GetOrAdd(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)), _ => new(() => new(StoreEngines.In(directory, configuration), text))).Value;
        return text is null || text == shared.Configuration ? shared.Engines
            : throw new ArgumentException($"{options}.Configuration is not that with which the data directory '{directory}' was first asked for, "
                + $"{(shared.Configuration is null ? "which was none" : "which was another")}: "
                + "what shares a directory has one configuration. Set the same one everywhere");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<Shared> shared in _byPath.Values) await shared.Value.Engines.DisposeAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (Lazy<Shared> shared in _byPath.Values) shared.Value.Engines.Dispose();
    }

    /// <param name="Configuration">Its text; null for none.</param>
    private sealed record Shared(StoreEngines Engines, string? Configuration);
}
