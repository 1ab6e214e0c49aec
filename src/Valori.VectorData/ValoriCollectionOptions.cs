using Akka.Configuration;
using Microsoft.Extensions.VectorData;

namespace Valori;

/// <summary>How a collection is registered with services.</summary>
public sealed class ValoriCollectionOptions : VectorStoreCollectionOptions
{
    /// <summary>
    /// The data directory. Null for that of the <see cref="ValoriVectorStore"/> that is registered with the same key, or without one the engines of the
    /// ActorSystem that the services have.
    /// </summary>
    public string? DataDirectory { get; set; }

    /// <summary>
    /// HOCON that overrides the defaults of the system that a collection with a directory of its own starts. It is refused without a directory. Those of one service
    /// provider that share a directory have the same one, or leave it to the first.
    /// </summary>
    public Config? Configuration { get; set; }
}
