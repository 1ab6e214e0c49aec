using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Valori.Actors.Serialization;

/// <summary>Akka.Remote's serializer of actor selections, in the same bytes, to a limited depth (<see cref="Nesting"/>).</summary>
internal sealed class GuardedContainerSerializer : Serializer
{
    private readonly Serializer _akka;

    /// <exception cref="SerializationException">Akka.Remote has no such serializer any more.</exception>
    public GuardedContainerSerializer(ExtendedActorSystem system)
        : base(system) => _akka = AkkaSerializer.Create<Serializer>("Akka.Remote.Serialization.MessageContainerSerializer, Akka.Remote", system);

    /// <summary>Akka's.</summary>
    public override int Identifier => _akka.Identifier;

    /// <inheritdoc/>
    public override bool IncludeManifest => _akka.IncludeManifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => _akka.ToBinary(obj);

    /// <exception cref="SerializationException">The selection carries too many others.</exception>
    public override object FromBinary(byte[] bytes, Type type) => Nesting.Read(() => _akka.FromBinary(bytes, type));
}
