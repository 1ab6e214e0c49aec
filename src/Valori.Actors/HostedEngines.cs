using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Valori.Actors;

/// <summary>The engines of a host's services: one object for each collection, opened when the host starts or when it is first asked for.</summary>
internal sealed class HostedEngines(ValoriDatabase database) : IHostedService
{
    private const string Otherwise = $"or open it with {nameof(ValoriDatabase)}.{nameof(ValoriDatabase.OpenCollectionAsync)}";

    private readonly ConcurrentDictionary<string, Lazy<Task<ValoriEngine>>> _engines = new(StringComparer.Ordinal);

    /// <summary>Blocks until the engine has recovered: a container cannot wait otherwise, and whoever it makes has an engine that answers.</summary>
    /// <param name="name">Null for the only one, or the default.</param>
    /// <exception cref="InvalidOperationException">The options have no such collection.</exception>
    public ValoriEngine Get(string? name) => OpenAsync(name ?? Only()).GetAwaiter().GetResult();

    /// <summary>The engine of a collection that is open; null if it is not.</summary>
    public ValoriEngine? Opened(string name) =>
        _engines.TryGetValue(name, out Lazy<Task<ValoriEngine>>? engine) && engine.Value.IsCompletedSuccessfully ? engine.Value.Result : null;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (string name in database.Collections.Keys.Order(StringComparer.Ordinal)) await OpenAsync(name).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    // The engines stop with their ActorSystem.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task<ValoriEngine> OpenAsync(string name)
    {
        if (database.Collections.Count == 0)
        {
            throw new InvalidOperationException(
                $"there is no collection in the options: add one, as in "
                + $"valori.{nameof(ValoriHostingOptions.Collections)}[\"{name}\"] = new() {{ {nameof(ValoriCollectionSettings.Dimension)} = 384 }}, {Otherwise}");
        }
        if (!database.Collections.ContainsKey(name))
            throw new InvalidOperationException($"there is no collection '{name}' in the options: there are {Names()}. Add it there, {Otherwise}");
        Lazy<Task<ValoriEngine>> engine = _engines.GetOrAdd(name, name => new(() => database.OpenCollectionAsync(name)));
        // One that failed is tried again.
        if (engine.Value.IsFaulted) _engines.TryRemove(KeyValuePair.Create(name, engine));
        return engine.Value;
    }

    private string Only() => database.Collections.Count == 1 ? database.Collections.Keys.Single()
        : database.Collections.Count == 0 || database.Collections.ContainsKey(ValoriOptions.DefaultName) ? ValoriOptions.DefaultName
        : throw new InvalidOperationException(
            $"there are several collections ({Names()}) and none is named {ValoriOptions.DefaultName}: ask for one by its key, "
            + $"as in [FromKeyedServices(\"{database.Collections.Keys.Order(StringComparer.Ordinal).First()}\")]");

    private string Names() => string.Join(", ", database.Collections.Keys.Order(StringComparer.Ordinal));
}
