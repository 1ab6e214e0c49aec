using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Valori.Actors.Serialization;

/// <summary>
/// Takes the place of serializers that make an object of any type that a message names: those numbers then belong to no serializer,
/// and what comes with them is dropped. It reads and writes nothing.
/// </summary>
internal sealed class RefusingSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    internal const int Number = 86_826;

    /// <summary>In the place of a serializer with settings, which it does not need.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : this(system) => _ = settings;

    /// <summary>Always the same.</summary>
    public override int Identifier => Number;

    /// <inheritdoc/>
    public override string Manifest(object o) => o.GetType().Name;

    /// <exception cref="SerializationException">Always.</exception>
    public override byte[] ToBinary(object obj) => throw new SerializationException(
        $"{obj.GetType()} cannot be sent: between processes that do not trust each other, only Valori's own messages can (valori.remote-peers)");

    /// <exception cref="SerializationException">Always.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => throw new SerializationException($"'{manifest}' is not a message that is accepted from another process");
}
