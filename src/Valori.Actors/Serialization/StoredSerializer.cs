using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Persistence.Serialization;
using Akka.Serialization;

namespace Valori.Actors.Serialization;

/// <summary>A serializer of Akka.Persistence, in the same bytes: what it reads carries other objects, and comes only from stores.</summary>
internal abstract class StoredSerializer(ExtendedActorSystem system, Serializer akka) : Serializer(system)
{
    /// <summary>Akka's.</summary>
    public override int Identifier => akka.Identifier;

    /// <inheritdoc/>
    public override bool IncludeManifest => akka.IncludeManifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => akka.ToBinary(obj);

    /// <exception cref="SerializationException">A peer sent it.</exception>
    public override object FromBinary(byte[] bytes, Type type) => RemotePeers.IsReadingFromPeer
        ? throw new SerializationException($"'{type}' is only stored, and not accepted from another process")
        : akka.FromBinary(bytes, type);
}

/// <summary>Messages of Akka.Persistence.</summary>
internal sealed class StoredMessageSerializer(ExtendedActorSystem system) : StoredSerializer(system, new PersistenceMessageSerializer(system));

/// <summary>Snapshots of Akka.Persistence.</summary>
internal sealed class StoredSnapshotSerializer(ExtendedActorSystem system) : StoredSerializer(system, new PersistenceSnapshotSerializer(system));
