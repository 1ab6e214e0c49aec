using Akka.Actor;
using Valori.Host.Operations;

namespace Valori.Host.Commands;

/// <summary>The collections of the directory that <c>exec</c> works on.</summary>
/// <param name="engine">The one that it was started for.</param>
internal sealed class ExecCollections(ActorSystem system, ValoriEngine engine) : ICollections
{
    // Another one of the same name if that was dropped and created again.
    private ValoriEngine _engine = engine;

    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        ValoriExtension.Get(system).ListAsync(cancellationToken);

    public async Task<ValoriEngine> GetAsync(string name, CancellationToken cancellationToken)
    {
        if (name == _engine.Name && !_engine.IsGone) return _engine;
        ValoriEngine opened = await ValoriExtension.Get(system).OpenAsync(name, create: false, cancellationToken: cancellationToken);
        if (name == _engine.Name) _engine = opened;
        return opened;
    }

    public Task<ValoriEngine> CreateAsync(string name, WantedSchema schema, CancellationToken cancellationToken) =>
        ValoriExtension.Get(system).OpenAsync(name, schema, cancellationToken: cancellationToken);

    public Task DropAsync(string name, CancellationToken cancellationToken) =>
        ValoriExtension.Get(system).DropAsync(name, cancellationToken);
}
