using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Valori.Actors.Serialization;

/// <summary>
/// Akka.Remote's serializer of small messages, in the same bytes, without those that can do harm: a Kill passes Akka's untrusted mode,
/// and a failure names the type of its exception, which is then made. What carries another message is read to a limited depth
/// (<see cref="Nesting"/>).
/// </summary>
internal sealed class GuardedMiscSerializer : SerializerWithStringManifest
{
    // Identify, ActorIdentity, an actor's path, a heartbeat and its answer: what finding an actor and watching it need.
    private static readonly string[] Taken = ["ID", "AID", "AR", "RWHB", "RWHR"];

    private readonly SerializerWithStringManifest _akka;

    /// <exception cref="SerializationException">Akka.Remote has no such serializer any more.</exception>
    public GuardedMiscSerializer(ExtendedActorSystem system)
        : base(system) => _akka = AkkaSerializer.Create<SerializerWithStringManifest>("Akka.Remote.Serialization.MiscMessageSerializer, Akka.Remote", system);

    /// <summary>Akka's.</summary>
    public override int Identifier => _akka.Identifier;

    /// <inheritdoc/>
    public override string Manifest(object o) => _akka.Manifest(o);

    /// <exception cref="SerializationException">It is not a message that is accepted from another process.</exception>
    public override byte[] ToBinary(object obj) => Check(_akka.Manifest(obj), () => _akka.ToBinary(obj));

    /// <exception cref="SerializationException">It is not a message that is accepted from another process.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => Check(manifest, () => Nesting.Read(() => _akka.FromBinary(bytes, manifest)));

    private static T Check<T>(string manifest, Func<T> convert) => Taken.Contains(manifest)
        ? convert()
        : throw new SerializationException($"'{manifest}' is not a message that is accepted from another process");
}
