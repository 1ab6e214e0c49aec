using Akka.Actor;
using Valori.Actors.Serialization;
using Valori.Protocol;

namespace Valori.Fuzz.Corpus;

/// <summary>Every message that may cross a process (docs/formats.md, section 13), as bytes of its manifest.</summary>
internal static class SampleMessages
{
    /// <summary>Manifests of what an engine is asked, and where it takes it.</summary>
    public static readonly string[] Questions = ["query", "command", "request", "save", "open", "list", "drop", "envelope"];

    /// <summary>All manifests, those of the journal and of snapshots included, in ordinal order: an input's first byte is a place in it.</summary>
    public static readonly Lazy<string[]> Manifests = new(() => [.. MessageKinds.All.Select(kind => kind.Manifest).Append("J").Append("S").Distinct().Order(StringComparer.Ordinal)]);

    // Actors have a port and a number that differ from run to run. These have not.
    private static readonly Samples Samples = new Samples()
        .Add(RequestId.Parse("a-b"), RequestId.Parse("~"))
        .Add(new WantedSchema(), new WantedSchema(3), new WantedSchema(384, Metric.Cosine, 0.25), new WantedSchema(Scale: 64))
        .Add(new EngineAddress(new Address("akka.tcp", "valori", "127.0.0.1", 4053), "notes"), new EngineAddress(new Address("akka", "valori"), "talk"))
        .Add<IActorRef>(new NamedActor("akka.tcp://valori@127.0.0.1:4053/user/valori/notes#1234567"), new NamedActor("akka://valori/user/valori/notes/$a"));

    public static IEnumerable<(string Manifest, byte[] Bytes)> All() =>
        from kind in MessageKinds.All
        from message in Samples.Of(kind.Type)
        select (kind.Manifest, kind.ToBytes(message));

    private sealed class NamedActor(string path) : MinimalActorRef
    {
        public override ActorPath Path { get; } = ActorPath.Parse(path);

        public override IActorRefProvider Provider => throw new NotSupportedException("a name alone");
    }
}
