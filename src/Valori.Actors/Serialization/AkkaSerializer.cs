using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Valori.Actors.Serialization;

/// <summary>Akka.Remote's serializers, by name, because applications without remoting do not have the assembly.</summary>
internal static class AkkaSerializer
{
    /// <exception cref="SerializationException">Akka.Remote has no such serializer any more.</exception>
    public static T Create<T>(string type, ExtendedActorSystem system)
        where T : Serializer =>
        Type.GetType(type) is { } found && Activator.CreateInstance(found, system) is T serializer ? serializer : throw new SerializationException($"{type} cannot be found");
}
