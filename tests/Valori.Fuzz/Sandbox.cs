using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Fuzz.Corpus;

namespace Valori.Fuzz;

/// <summary>
/// What targets share in this process: a directory, and an actor system with Valori on it. Made when first asked for, gone with
/// <see cref="CloseAsync"/>.
/// </summary>
internal static class Sandbox
{
    /// <summary>Of the engines in it.</summary>
    public const int Dimension = 3;

    private static TemporaryDirectory? s_directory;
    private static ActorSystem? s_system;

    public static string DirectoryPath => (s_directory ??= new TemporaryDirectory()).Path;

    /// <summary>With remoting, as where messages come from other processes: so actor paths of other machines are resolved too.</summary>
    public static ExtendedActorSystem Actors => (ExtendedActorSystem)(s_system ??= StartSystem());

    public static ValoriSerializer Serializer => new(Actors);

    public static string File(string name) => Path.Combine(DirectoryPath, name);

    /// <summary>A file with a valid snapshot of the sandbox's dimension.</summary>
    public static string SnapshotFile()
    {
        string path = File("sample.snapshot");
        if (!System.IO.File.Exists(path)) System.IO.File.WriteAllBytes(path, SampleStates.Snapshot(SampleStates.Full(Dimension)));
        return path;
    }

    /// <summary>A new engine with some content, and another one, empty, that it can be compared with.</summary>
    public static async Task<ValoriEngine> NewEngineAsync(string name)
    {
        await OpenOtherAsync();
        ValoriEngine engine = await ValoriExtension.Get(Actors).OpenAsync(name, Dimension);
        for (int i = 0; i < 6; i++) await engine.InsertAsync(new float[] { i, 0.5f, -i }, (ulong)i % 2);
        await engine.InsertAsync(new NewRecord(new float[] { 7, 7, 7 }) { Key = "k", Fields = new Valori.FieldsBuilder { ["user"] = "ada" }.Build() });
        await engine.SetMetadataAsync(new Valori.RecordId(1), new byte[] { 1, 2, 3 });
        await engine.CreateNodeAsync(Valori.NodeKind.Document, null);
        await engine.CreateNodeAsync(Valori.NodeKind.Chunk, new Valori.RecordId(1));
        await engine.CreateEdgeAsync(new Valori.NodeId(0), new Valori.NodeId(1), Valori.EdgeKind.ParentOf);
        await engine.AddDocumentAsync(new NewDocument { Key = "k" }, [new NewRecord(new float[] { 8, 8, 8 })]);
        return engine;
    }

    /// <summary>An input may have dropped it, and another one created it with another dimension.</summary>
    private static async Task OpenOtherAsync()
    {
        ValoriEngine other = await ValoriExtension.Get(Actors).OpenAsync("other", schema: null);
        if (other.Dimension == Dimension) return;
        await other.DropAsync();
        await ValoriExtension.Get(Actors).OpenAsync("other", Dimension);
    }

    public static async Task CloseAsync()
    {
        await HttpServiceUnderAttack.CloseAsync();
        if (s_system is { } system)
        {
            await system.Terminate();
            if (system.HasExtension<ValoriExtension>()) ValoriExtension.Get(system).Release();
        }
        s_system = null;
        s_directory?.Dispose();
        s_directory = null;
    }

    private static ActorSystem StartSystem()
    {
        string data = Path.Combine(DirectoryPath, "data");
        Config config = ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            akka.log-dead-letters = off
            akka.actor.provider = remote
            akka.remote.dot-netty.tcp.hostname = "127.0.0.1"
            akka.remote.dot-netty.tcp.port = 0
            akka.remote.untrusted-mode = on
            akka.remote.trusted-selection-paths = ["/user/valori"]
            akka.actor.serializers.akka-stream-ref = "Valori.Actors.Serialization.RefusingSerializer, Valori.Actors"
            akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            valori.data-directory = {{ReferenceConfig.Quote(data)}}
            """));
        return ActorSystem.Create("fuzz", BootstrapSetup.Create().WithConfig(config));
    }
}
