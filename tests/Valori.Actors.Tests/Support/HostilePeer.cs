using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Valori.Actors.Settings;

namespace Valori.Actors.Tests.Support;

/// <summary>Another process with Akka.Remote that trusts everybody, and sends what it likes.</summary>
public sealed class HostilePeer : IAsyncDisposable
{
    public HostilePeer()
    {
        System = (ExtendedActorSystem)ActorSystem.Create("hostile", ConfigurationFactory.ParseString($$"""
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        akka.log-dead-letters = off
        akka.actor.provider = remote
        akka.actor.serializers.raw = "{{typeof(RawSerializer).AssemblyQualifiedName}}"
        akka.actor.serialization-bindings { "{{typeof(Raw).AssemblyQualifiedName}}" = raw }
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        """));
        // It knows Valori's messages, and sends everything else as Akka does: as JSON with the names of its types.
        System.Settings.InjectTopLevelFallback(ReferenceConfig.FallbackFor(System.Settings.Config));
    }

    public ExtendedActorSystem System { get; }

    /// <summary>An actor of another process, whatever its path.</summary>
    public IActorRef At(Address address, string path) => System.Provider.ResolveActorRef($"{address}{path}");

    /// <summary>An actor of a system of this process, as this peer reaches it.</summary>
    public IActorRef At(ActorSystem target, ActorPath path) => At(((ExtendedActorSystem)target).Provider.DefaultAddress, path.ToStringWithoutAddress());

    public async ValueTask DisposeAsync() => await System.Terminate();
}

/// <summary>Bytes for a serializer of the receiver's, under any number and manifest.</summary>
public sealed record Raw(int Serializer, string Manifest, byte[] Bytes);

/// <summary>Sends <see cref="Raw"/>. Akka asks for the number behind the bytes, on one thread.</summary>
public sealed class RawSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    // With whose it is: a peer that is created on the same thread later would register its own under that number, in the place of Valori's.
    [ThreadStatic]
    private static (RawSerializer? By, int Number) s_last;

    public override int Identifier => s_last.By == this ? s_last.Number : 99_999;

    public override string Manifest(object o) => ((Raw)o).Manifest;

    public override byte[] ToBinary(object obj)
    {
        s_last = (this, ((Raw)obj).Serializer);
        return ((Raw)obj).Bytes;
    }

    public override object FromBinary(byte[] bytes, string manifest) => throw new NotSupportedException();
}

/// <summary>What a peer would like to have created.</summary>
public class Planted
{
    public Planted() => Interlocked.Increment(ref s_created);

    private static int s_created;

    public static int Created => s_created;

    public static void Note() => Interlocked.Increment(ref s_created);
}

/// <summary>An exception that travels by name.</summary>
public sealed class PlantedException : Exception
{
    public PlantedException()
    {
    }

#pragma warning disable SYSLIB0051 // What Akka calls when it reads one.
    private PlantedException(SerializationInfo info, StreamingContext context)
        : base(info, context) => Planted.Note();
#pragma warning restore SYSLIB0051
}

/// <summary>An actor that a peer would like to have here. Created at home it counts too, so it is only ever deployed.</summary>
public sealed class PlantedActor : UntypedActor
{
    public PlantedActor() => Planted.Note();

    protected override void OnReceive(object message) => Sender.Tell("planted");
}
