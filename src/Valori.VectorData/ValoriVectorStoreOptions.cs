using Akka.Configuration;
using Microsoft.Extensions.AI;

namespace Valori;

/// <summary>How a <see cref="ValoriVectorStore"/> is opened.</summary>
public sealed class ValoriVectorStoreOptions
{
    /// <summary>
    /// The data directory, which is created if it does not exist, for a store that is registered with services. Null for the engines of the ActorSystem
    /// that the services have. A constructor of the store names its own, and refuses one here.
    /// </summary>
    public string? DataDirectory { get; set; }

    /// <summary>
    /// HOCON that overrides the defaults of the system that a store with a directory of its own starts. It is refused without a directory. Those of one service
    /// provider that share a directory have the same one, or leave it to the first.
    /// </summary>
    public Config? Configuration { get; set; }

    /// <summary>What makes vectors of values that are none, unless the collection's definition or a property has a generator of its own.</summary>
    public IEmbeddingGenerator? EmbeddingGenerator { get; set; }
}
