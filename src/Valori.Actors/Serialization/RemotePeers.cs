using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Serialization;
using Valori.Protocol;

namespace Valori.Actors.Serialization;

/// <summary>
/// Valori beside Akka.Remote, whose peers have no password. Unless the application says that it trusts them, a system with remoting
/// must be in Akka's untrusted mode, and takes from peers what Valori's own serializer and a few of Akka's read. What a peer can still
/// do: hocon/remote.conf in Valori's repository.
/// </summary>
internal static class RemotePeers
{
    private const string Setting = "valori.remote-peers", StreamRefs = "akka.actor.serializers.akka-stream-ref";

    // Each makes an object of a type that the message names, carries what stops actors, or carries other messages without an end.
    private static readonly Config Guards = ConfigurationFactory.ParseString($$"""
        akka.actor.serializers {
          json = "{{Name<RefusingSerializer>()}}"
          proto = "{{Name<RefusingSerializer>()}}"
          daemon-create = "{{Name<RefusingSerializer>()}}"
          akka-system-msg = "{{Name<RefusingSerializer>()}}"
          akka-misc = "{{Name<GuardedMiscSerializer>()}}"
          akka-containers = "{{Name<GuardedContainerSerializer>()}}"
          akka-persistence-message = "{{Name<StoredMessageSerializer>()}}"
          akka-persistence-snapshot = "{{Name<StoredSnapshotSerializer>()}}"
        }
        """);

    private static readonly string[] Harmful =
    [
        "Akka.Serialization.NewtonSoftJsonSerializer", "Akka.Remote.Serialization.ProtobufSerializer", "Akka.Remote.Serialization.DaemonMsgCreateSerializer",
        "Akka.Remote.Serialization.SystemMessageSerializer", "Akka.Remote.Serialization.MiscMessageSerializer", "Akka.Serialization.HyperionSerializer",
        "Akka.Remote.Serialization.MessageContainerSerializer", "Akka.Persistence.Serialization.PersistenceMessageSerializer",
        "Akka.Persistence.Serialization.PersistenceSnapshotSerializer",
    ];

    /// <summary>Guards a system against its peers; does nothing for one without remoting.</summary>
    /// <exception cref="ConfigurationException">The system would trust its peers, and the application has not said that it does.</exception>
    public static void Guard(ActorSystem system)
    {
        if (((ExtendedActorSystem)system).Provider is LocalActorRefProvider) return;
        Config config = system.Settings.Config;
        switch (config.GetString(Setting))
        {
            case "trusted": return;
            case "untrusted": break;
            case var other: throw new ConfigurationException($"{Setting} is \"{other}\"; it must be \"untrusted\" or \"trusted\"");
        }
        if (!config.GetBoolean("akka.remote.untrusted-mode"))
        {
            throw new ConfigurationException(
                "Akka.Remote is on, and akka.remote.untrusted-mode is off: every process that reaches the port could stop this service and run code in it. Add\n"
                + "  akka.remote.untrusted-mode = on\n"
                + $"  akka.remote.trusted-selection-paths = [\"/user/{GuardianAddress.Name}\"]\n"
                + $"as in hocon/remote.conf of Valori's repository; or, if every process that reaches the port is trusted like this one (a cluster must), {Setting} = \"trusted\"");
        }
        foreach (string path in config.GetStringList("akka.remote.trusted-selection-paths"))
        {
            if (!path.StartsWith("/user/", StringComparison.Ordinal) || path.StartsWith($"/user/{GuardianAddress.Name}/", StringComparison.Ordinal))
                throw new ConfigurationException($"akka.remote.trusted-selection-paths has \"{path}\"; it may have /user/{GuardianAddress.Name}, and paths of the application's own actors");
        }
        // It brings serializers with it when it starts, which must not come above the guards.
        Persistence.Instance.Apply(system);
        system.Settings.InjectTopLevelFallback(Guards);
        foreach ((string name, Type type) in SerializersOf(system))
        {
            string assembly = type.Assembly.GetName().Name!;
            if (type.Assembly == typeof(RemotePeers).Assembly || (assembly is "Akka" or "Akka.Remote" or "Akka.Persistence" or "Akka.Streams" && !Harmful.Contains(type.FullName))) continue;
            throw new ConfigurationException(
                $"the serializer '{name}' ({type.FullName}, {assembly}) would read what any process sends: remove it from akka.actor.serializers of this system, "
                + $"or, if every process that reaches the port is trusted like this one, set {Setting} = \"trusted\"");
        }
        if (config.GetString(StreamRefs) != Name<RefusingSerializer>())
        {
            throw new ConfigurationException(
                "Akka.Streams' references carry other messages, to any depth: one message of a peer could take all memory. Akka.Streams puts its own setting above Valori's, so add\n"
                + $"  {StreamRefs} = \"{Name<RefusingSerializer>()}\"\n"
                + $"as in hocon/remote.conf of Valori's repository; or, if every process that reaches the port is trusted like this one, {Setting} = \"trusted\"");
        }
    }

    /// <summary>Whether the code that asks runs in the actor that reads what a peer has sent.</summary>
    public static bool IsReadingFromPeer => InternalCurrentActorCellKeeper.Current is { Props.Type.Namespace: "Akka.Remote" };

    private static IEnumerable<(string Name, Type Type)> SerializersOf(ActorSystem system)
    {
        foreach ((string name, Akka.Configuration.Hocon.HoconValue value) in system.Settings.Config.GetConfig("akka.actor.serializers").AsEnumerable())
        {
            if (Type.GetType(value.GetString()) is { } type) yield return (name, type);
        }
        if (system.Settings.Setup.Get<SerializationSetup>() is { HasValue: true } setup)
        {
            foreach (SerializerDetails details in setup.Value.CreateSerializers((ExtendedActorSystem)system)) yield return (details.Alias, details.Serializer.GetType());
        }
    }

    private static string Name<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
