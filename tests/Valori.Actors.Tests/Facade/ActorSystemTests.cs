using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Valori.Actors.Settings;
using Valori.Protocol;

namespace Valori.Actors.Tests.Facade;

/// <summary>Valori on an ActorSystem that somebody else owns: by extension, by Akka.Hosting, and from another process.</summary>
public sealed class ActorSystemTests : IDisposable
{
    private const string Quiet = "akka.loglevel = OFF, akka.stdout-loglevel = OFF\n";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_extension_opens_engines_by_name_and_lists_what_the_journal_holds()
    {
        ActorSystem system = ActorSystem.Create("app", Quiet + $"valori.data-directory = {ReferenceConfig.Quote(_directory.Path)}");
        ValoriExtension valori = ValoriExtension.Get(system);
        Assert.Same(valori, ValoriExtension.Get(system));
        await using ValoriEngine notes = await valori.OpenAsync("notes", schema: 2), faces = await valori.OpenAsync("faces", schema: 3);
        await notes.InsertAsync(new float[] { 1, 2 });
        await faces.InsertAsync(new float[] { 1, 2, 3 });
        Assert.Equal(["faces", "notes"], await valori.ListAsync());
        Assert.Equal(1UL, await notes.RecordCountAsync());
        await system.Terminate();

        ActorSystem again = ActorSystem.Create("app", Quiet + $"valori.data-directory = {ReferenceConfig.Quote(_directory.Path)}");
        Assert.Equal(["faces", "notes"], await ValoriExtension.Get(again).ListAsync());
        Assert.Equal(1UL, await (await ValoriExtension.Get(again).OpenAsync("faces", create: false)).RecordCountAsync());
        await again.Terminate();
    }

    [Fact]
    public async Task A_read_journal_that_cannot_start_is_an_answer_and_the_engines_go_on()
    {
        ActorSystem system = ActorSystem.Create("app", Quiet + $$"""
            valori.data-directory = {{ReferenceConfig.Quote(_directory.Path)}}
            valori.read-journal-plugin-id = "failing-read-journal"
            failing-read-journal.class = "{{typeof(FailingReadJournal).AssemblyQualifiedName}}"
            """);
        ValoriExtension valori = ValoriExtension.Get(system);
        await using ValoriEngine notes = await valori.OpenAsync("notes", schema: 2);
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => valori.ListAsync().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal((EngineFailureKind.Recovering, "the journal's collections cannot be listed: no answer yet; try again"), (e.Kind, e.Message));
        await notes.InsertAsync(new float[] { 1, 2 });
        Assert.Equal(1UL, await notes.RecordCountAsync());
        await system.Terminate();
    }

    [Fact]
    public async Task The_application_s_own_persistence_plugins_are_left_alone()
    {
        ActorSystem system = ActorSystem.Create("app", Quiet + $$"""
            akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
            valori.data-directory = {{ReferenceConfig.Quote(_directory.Path)}}
            """);
        await using ValoriEngine engine = await ValoriExtension.Get(system).OpenAsync("notes", schema: 2);
        Akka.Persistence.PersistenceExtension persistence = Akka.Persistence.Persistence.Instance.Apply(system);
        Assert.EndsWith("akka.persistence.journal.inmem", persistence.JournalFor("").Path.ToString());
        Assert.EndsWith("valori.journal", persistence.JournalFor("valori.journal").Path.ToString());
        await system.Terminate();
    }

    [Fact]
    public async Task A_missing_data_directory_is_a_configuration_error_that_says_what_to_set()
    {
        ActorSystem system = ActorSystem.Create("app", Quiet);
        ConfigurationException e = Assert.Throws<ConfigurationException>(() => ValoriExtension.Get(system));
        Assert.Contains("valori.data-directory is empty", e.Message);
        await system.Terminate();
    }

    [Fact]
    public async Task Akka_Hosting_starts_it_with_the_host_and_registers_the_guardian()
    {
        ManualTime time = new();
        using IHost host = new HostBuilder().ConfigureServices(services => services.AddAkka("app", akka => akka
            .AddHocon(Quiet, HoconAddMode.Append)
            .WithValori(_directory.Path, time))).Build();
        await host.StartAsync();
        IActorRef guardian = await host.Services.GetRequiredService<IRequiredActor<ValoriGuardianKey>>().GetAsync();
        EngineOpened opened = await guardian.Ask<EngineOpened>(new OpenEngine("notes", 2), TimeSpan.FromSeconds(30));
        Receipt receipt = await opened.Gateway.Ask<Receipt>(
            new InsertRecords(Valori.VectorBlock.FromVector(2, [1, 2]).Value!, new ulong[1]), TimeSpan.FromSeconds(30));
        Assert.Equal((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10, receipt.UnixMicroseconds);
        await host.StopAsync();
    }

    [Fact]
    public async Task Another_system_reaches_an_engine_by_remoting_with_every_kind_of_message()
    {
        const string remoting = Quiet + """
            akka.actor.provider = remote
            akka.remote { untrusted-mode = on, trusted-selection-paths = ["/user/valori"] }
            akka.actor.serializers.akka-stream-ref = "Valori.Actors.Serialization.RefusingSerializer, Valori.Actors"
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            """ + "\n";
        ActorSystem server = ActorSystem.Create("valori", remoting + $"valori.data-directory = {ReferenceConfig.Quote(_directory.Path)}");
        ActorSystem client = ActorSystem.Create("client", remoting);
        try
        {
            ValoriExtension.Get(server);
            await using ValoriEngine engine = await ValoriEngine.ConnectAsync(client, ((ExtendedActorSystem)server).Provider.DefaultAddress, "far", schema: 2);
            RecordId id = await engine.InsertAsync(new float[] { 1, 2 }, 5);
            await engine.InsertBatchAsync([new float[] { 3, 4 }, new float[] { 0.1f, 0.2f }]);
            await engine.SetMetadataAsync(id, new byte[] { 9 });
            NodeId a = await engine.CreateNodeAsync(NodeKind.Chunk, id), b = await engine.CreateNodeAsync(NodeKind.Document);
            EdgeId edge = await engine.CreateEdgeAsync(a, b, EdgeKind.RefersTo);
            Assert.Equal(new SearchHit(id, 0), (await engine.SearchAsync(new float[] { 1, 2 }, 1, 5))[0]);
            Assert.Equal([a, b], (await engine.SearchExpandAsync(new float[] { 1, 2 }, 1, 3))[0].Nodes);
            Assert.Equal([a, b], await engine.ExpandAsync(a, 2));
            Assert.Equal([edge], (await engine.GetEdgesAsync(b)).Incoming.Select(e => e.Id));
            Assert.Equal(a, (await engine.GetEdgeAsync(edge)).From);
            Assert.Equal(id, (await engine.GetNodeAsync(a)).Record);
            RecordContent record = await engine.GetRecordAsync(id);
            Assert.Equal([1 << 16, 2 << 16], record.Vector.ToArray());
            Assert.Equal([9], (await engine.GetMetadataAsync(id))!);
            await engine.DeleteEdgeAsync(edge);
            await engine.DeleteNodeAsync(b);
            byte[] snapshot = await File.ReadAllBytesAsync(await engine.SaveAsync());
            var saved = await engine.GetStateHashAsync();
            await engine.SoftDeleteAsync(id);
            Assert.Equal("record 0 was deleted", (await Assert.ThrowsAsync<RefusedException>(() => engine.GetRecordAsync(id))).Message);
            Receipt restored = await engine.RestoreAsync(snapshot);
            Assert.Equal(saved, await engine.GetStateHashAsync());

            // What an auditor in another process asks for, and checks with what it kept.
            Receipt deleted = await engine.SoftDeleteAsync(id);
            Assert.Equal(saved, await engine.GetStateHashAsync(AsOf.SequenceNr(restored.SequenceNr)));
            ContentProof proof = await engine.ProveRecordAsync(id, AsOf.StateHash(saved));
            Assert.Equal(restored.Place, proof.Place);
            Assert.Equal(5UL, ((ProvenRecord)ProofVerifier.VerifyInclusion(proof.Proof.ToBytes(), saved).Value!).Content!.Tag);
            HistoryProof history = await engine.ProveHistoryAsync(restored.SequenceNr, deleted.SequenceNr);
            Assert.Null(ProofVerifier.VerifyHistory(history.ToBytes(), restored.Place, deleted.Place));
            Assert.Equal(TimelineKind.RecordDeleted, (await engine.TimelineAsync(deleted.SequenceNr, 1)).Entries[0].Changes[0].Kind);
            await using ValoriEngine other = await ValoriEngine.ConnectAsync(client, ((ExtendedActorSystem)server).Provider.DefaultAddress, "other", schema: 2);
            await other.RestoreAsync(snapshot);
            Assert.Equal([new Difference(ContentKind.Record, id.Value, DifferenceKind.Content)], (await engine.CompareAsync(other)).Differences);
        }
        finally
        {
            await client.Terminate();
            await server.Terminate();
        }
    }
}
