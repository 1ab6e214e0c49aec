using Akka.Actor;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

/// <summary>Requests that are larger than a message between processes.</summary>
public sealed class RequestUploadTests : EngineTestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_request_in_chunks_is_carried_out_as_if_it_had_come_whole()
    {
        IActorRef gateway = Open();
        byte[] bytes = MessageKinds.Of(Insert(1, 2)).ToBytes(Insert(1, 2));
        IActorRef upload = await BeginAsync(gateway, "command", bytes.Length);
        Assert.Equal(5, (await upload.Ask<RestoreChunkTaken>(new RestoreChunk(0, bytes.AsMemory(0, 5)), Patience)).NextOffset);
        Assert.Equal(0UL, Status(gateway).RecordCount);
        Assert.Equal(bytes.Length, (await upload.Ask<RestoreChunkTaken>(new RestoreChunk(5, bytes.AsMemory(5)), Patience)).NextOffset);
        Receipt receipt = await upload.Ask<Receipt>(new CompleteRestore(), Patience);
        Assert.Equal((2L, 1UL), (receipt.SequenceNr, Status(gateway).RecordCount));
    }

    [Fact]
    public async Task What_is_wrong_with_an_upload_is_refused_and_leaves_no_trace()
    {
        IActorRef gateway = Open();
        Assert.Contains("manifest must be", (await gateway.Ask<Refusal>(new BeginRequest("J", 5), Patience)).Message);
        Assert.Contains("it must be at least 1", (await gateway.Ask<Refusal>(new BeginRequest("command", 0), Patience)).Message);
        Assert.Equal(RefusalKind.LimitExceeded, (await gateway.Ask<Refusal>(new BeginRequest("command", int.MaxValue), Patience)).Kind);

        IActorRef upload = await BeginAsync(gateway, "command", 5);
        Assert.Equal("expected the request's bytes from offset 0, got offset 1", (await upload.Ask<Refusal>(new RestoreChunk(1, new byte[1]), Patience)).Message);
        upload = await BeginAsync(gateway, "command", 5);
        Assert.Equal("the request has 6 bytes or more; 5 were announced", (await upload.Ask<Refusal>(new RestoreChunk(0, new byte[6]), Patience)).Message);
        upload = await BeginAsync(gateway, "command", 5);
        Assert.Equal("the request has 0 bytes; 5 were announced", (await upload.Ask<Refusal>(new CompleteRestore(), Patience)).Message);
        foreach (string manifest in (string[])["command", "request", "query", "envelope"])
        {
            upload = await BeginAsync(gateway, manifest, 5);
            await upload.Ask<RestoreChunkTaken>(new RestoreChunk(0, new byte[] { 255, 255, 255, 255, 255 }), Patience);
            Refusal refusal = await upload.Ask<Refusal>(new CompleteRestore(), Patience);
            Assert.Equal(RefusalKind.InvalidArgument, refusal.Kind);
        }
        Assert.Equal((1L, 0UL), (Status(gateway).SequenceNr, Status(gateway).RecordCount));
    }

    private static async Task<IActorRef> BeginAsync(IActorRef gateway, string manifest, int bytes) => (await gateway.Ask<RestoreStarted>(new BeginRequest(manifest, bytes), Patience)).Upload;
}

/// <summary>The same by the facade, between processes.</summary>
public sealed class RemoteRequestUploadTests : IDisposable
{
    private const string Remoting = """
        akka { loglevel = OFF, stdout-loglevel = OFF }
        akka.actor.provider = remote
        akka.remote { untrusted-mode = on, trusted-selection-paths = ["/user/valori"] }
        akka.actor.serializers.akka-stream-ref = "Valori.Actors.Serialization.RefusingSerializer, Valori.Actors"
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }

        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_batch_that_is_larger_than_a_message_is_one_event_and_sent_again_it_is_still_one()
    {
        ActorSystem server = ActorSystem.Create("valori", Remoting + $"valori.data-directory = {ReferenceConfig.Quote(_directory.Path)}\nvalori.max-batch-bytes = 1100000");
        ActorSystem client = ActorSystem.Create("client", Remoting);
        try
        {
            ValoriExtension.Get(server);
            await using ValoriEngine far = await ValoriEngine.ConnectAsync(client, ((ExtendedActorSystem)server).Provider.DefaultAddress, "far", schema: 256);
            float[] components = [.. Enumerable.Range(0, 256 * 1_000).Select(i => (float)(i % 100))];
            CreatedRecords first = await far.WithRequestId("large").InsertBatchAsync(components, new ulong[1_000]), again = await far.WithRequestId("large").InsertBatchAsync(components, new ulong[1_000]);
            Assert.Equal((2L, 1_000, first.Receipt), (first.Receipt.SequenceNr, first.Count, again.Receipt));
            // Many queries together are one question.
            IReadOnlyList<IReadOnlyList<SearchHit>> hits = await far.SearchBatchAsync([.. Enumerable.Range(0, 300).Select(i => (ReadOnlyMemory<float>)components.AsMemory(256 * i, 256))], k: 1);
            Assert.All(hits, hit => Assert.Equal(0, hit[0].Score));
            RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => far.InsertBatchAsync(new float[256 * 2_500], new ulong[2_500]));
            Assert.Equal(RefusalKind.LimitExceeded, refused.Refusal.Kind);
            Assert.Contains("valori.max-batch-bytes", refused.Message);
            Assert.Equal(1_000UL, await far.RecordCountAsync());
        }
        finally
        {
            await client.Terminate();
            await server.Terminate();
        }
    }
}
