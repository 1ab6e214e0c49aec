using Valori.Host.Security;

namespace Valori.Host.Operations;

/// <summary>What an operation works on.</summary>
/// <param name="Collections">All collections of the directory or the service.</param>
internal sealed record OperationContext(ICollections Collections)
{
    private readonly ValoriEngine? _engine;

    /// <param name="engine">The collection that the request names, for a command with the request's id if it has one.</param>
    public OperationContext(ICollections collections, ValoriEngine engine) : this(collections) => _engine = engine;

    /// <summary>The API keys of the service that the request came to.</summary>
    public KeyRing Keys { get => field ?? throw new InvalidOperationException("only a service has keys"); init; }

    /// <summary>Who asks the service.</summary>
    public Caller Caller { get => field ?? throw new InvalidOperationException("only a service has callers"); init; }

    /// <summary>The collection that the request is about.</summary>
    public ValoriEngine Engine => _engine ?? throw new InvalidOperationException("the operation is not about one collection");
}

/// <summary>The collections that a front end has, by name.</summary>
internal interface ICollections
{
    /// <summary>Names of all collections.</summary>
    Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>A collection that exists.</summary>
    /// <exception cref="RefusedException">It does not.</exception>
    /// <exception cref="EngineException">It is recovering; the message says how far it is.</exception>
    Task<ValoriEngine> GetAsync(string name, CancellationToken cancellationToken);

    /// <summary>Opens a collection, and creates it if it does not exist.</summary>
    /// <exception cref="RefusedException">It exists with another schema, there can be no such schema, or the name is not allowed.</exception>
    Task<ValoriEngine> CreateAsync(string name, WantedSchema schema, CancellationToken cancellationToken);

    /// <summary>Drops a collection, open or not.</summary>
    /// <exception cref="RefusedException">It does not exist.</exception>
    /// <exception cref="EngineException">The message says whether it still exists.</exception>
    Task DropAsync(string name, CancellationToken cancellationToken);
}
