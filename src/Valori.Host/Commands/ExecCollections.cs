using Akka.Actor;
using Valori.Actors;
using Valori.Host.Operations;

namespace Valori.Host.Commands;

/// <summary>The collections of the directory that <c>exec</c> works on.</summary>
/// <param name="engine">The one that it was started for.</param>
internal sealed class ExecCollections(ActorSystem system, ValoriEngine engine) : ICollections
{
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        ValoriExtension.Get(system).ListAsync(cancellationToken);

    public Task<ValoriEngine> GetAsync(string name, CancellationToken cancellationToken) => name == engine.Name
        ? Task.FromResult(engine)
        : ValoriExtension.Get(system).OpenAsync(name, create: false, cancellationToken: cancellationToken);

    public Task<ValoriEngine> CreateAsync(string name, int? dimension, CancellationToken cancellationToken) =>
        ValoriExtension.Get(system).OpenAsync(name, dimension, cancellationToken: cancellationToken);
}
