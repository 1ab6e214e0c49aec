using System.Collections.Concurrent;
using Akka.Actor;
using Valori.Actors;

namespace Valori.Host.Http;

/// <summary>
/// The engines that this service has opened, by name. At start every collection of the journal is opened, so that the
/// service is ready when all of them have proven their state.
/// </summary>
internal sealed class Collections(ActorSystem system, ILogger<Collections> log) : BackgroundService
{
    private readonly ConcurrentDictionary<string, ValoriEngine> _engines = new(StringComparer.Ordinal);
    private volatile string? _notReady = "collections are being opened";

    /// <summary>Why the service is not ready, or null when it is.</summary>
    public string? NotReady => _notReady;

    /// <summary>Names of all collections.</summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        ValoriExtension.Get(system).ListAsync(cancellationToken);

    /// <summary>A collection that exists.</summary>
    /// <exception cref="RefusedException">It does not.</exception>
    public Task<ValoriEngine> GetAsync(string name, CancellationToken cancellationToken) =>
        _engines.TryGetValue(name, out ValoriEngine? engine) ? Task.FromResult(engine) : OpenAsync(name, null, create: false, cancellationToken);

    /// <summary>Opens a collection, creating it where it does not exist.</summary>
    /// <exception cref="RefusedException">It exists with another dimension, or the name is not allowed.</exception>
    public async Task<ValoriEngine> OpenAsync(string name, int? dimension, bool create, CancellationToken cancellationToken)
    {
        ValoriEngine engine = await ValoriExtension.Get(system).OpenAsync(name, dimension, create, cancellationToken);
        return _engines.GetOrAdd(name, engine);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<string> failures = [];
        foreach (string name in await ListAsync(stoppingToken))
        {
            _notReady = $"collection '{name}' is recovering";
            try
            {
                ValoriEngine engine = await OpenAsync(name, null, create: false, stoppingToken);
                log.LogInformation("collection {Name} is ready: state hash {StateHash}", name, await engine.GetStateHashAsync(stoppingToken));
            }
            catch (EngineException e)
            {
                log.LogError("collection {Name}: {Message}", name, e.Message);
                failures.Add($"{name}: {e.Message}");
            }
        }
        _notReady = failures.Count == 0 ? null : string.Join("; ", failures);
    }
}
