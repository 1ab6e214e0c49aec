using Akka.Configuration;
using Microsoft.Extensions.AI;

namespace Valori;

/// <summary>How a <see cref="ValoriVectorStore"/> is opened.</summary>
public sealed class ValoriVectorStoreOptions
{
    /// <summary>
    /// The data directory, which is created if it does not exist, for a store that is registered with services. Null for the engines of the ActorSystem
    /// that the services have.
    /// </summary>
    public string? DataDirectory { get; set; }

    /// <summary>HOCON that overrides the defaults of the system that a store with a directory of its own starts.</summary>
    public Config? Configuration { get; set; }

    /// <summary>What makes vectors of values that are none, unless the collection's definition or a property has a generator of its own.</summary>
    public IEmbeddingGenerator? EmbeddingGenerator { get; set; }
}
