using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Tests.Engine;

/// <summary>Keys, fields and expiry through an engine: its journal, its snapshots, its past and its answers.</summary>
public sealed class AttributeTests : IDisposable
{
    private static readonly RecordKey Key = "memory-1";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_acknowledged_is_there_after_a_restart_with_its_past(bool fromSnapshot)
    {
        string name = fromSnapshot ? "snapshot" : "journal";
        Receipt put, replaced, changed;
        await using (ValoriEngine engine = await OpenAsync(name))
        {
            put = await SendAsync(engine, Put("ada", replace: false));
            await engine.CreateNodeAsync(NodeKind.Chunk, new RecordId(0));
            replaced = await SendAsync(engine, Put("bob", replace: true));
            changed = await SendAsync(engine, SetFields.Merge(Key, new FieldsBuilder { ["n"] = 3 }.Build()));
            Assert.Equal((0UL, 1), (put.FirstId, put.Count));
            Assert.Equal((1UL, 0), (changed.FirstId, changed.Count));
            if (fromSnapshot) await engine.SaveAsync();
        }
        await using (ValoriEngine engine = await OpenAsync(name))
        {
            Assert.Equal(changed.StateHash, (await engine.StatusAsync()).StateHash);
            RecordContent now = await AskAsync<RecordContent>(engine, new GetRecord(Key));
            Assert.Equal((1UL, "bob", 3L, EndsAt), (now.Id.Value, now.Fields["user"].AsString(), now.Fields["n"].AsInt64(), now.ExpiresAtUnixMicroseconds));
            Assert.Equal(new RecordId(1), (await engine.GetNodeAsync(new NodeId(0))).Record);
            if (!fromSnapshot)
            {
                RecordContent then = await AskAsync<RecordContent>(engine, new GetRecord(Key) { AsOf = AsOf.SequenceNr(put.SequenceNr) });
                Assert.Equal((0UL, "ada"), (then.Id.Value, then.Fields["user"].AsString()));
                Assert.Single((await AskAsync<RecordContent>(engine, new GetRecord(Key) { AsOf = AsOf.SequenceNr(replaced.SequenceNr) })).Fields);
            }
            ContentProof proof = await AskAsync<ContentProof>(engine, new ProveContent(ContentKind.Record, 1));
            ProvenRecord proven = (ProvenRecord)ProofVerifier.VerifyInclusion(proof.Proof.ToBytes(), changed.StateHash).Value!;
            Assert.Equal(Key, proven.Content!.Key);

            Receipt deleted = await SendAsync(engine, new DeleteKey(Key));
            Assert.Equal((1UL, 0), (deleted.FirstId, deleted.Count));
            Assert.Null((await AskAsync<RecordPresence>(engine, new FindRecord(Key))).Id);
            Assert.Equal("no record has the key 'memory-1'", (await AskAsync<Refusal>(engine, new GetRecord(Key))).Message);
            Assert.Equal(
                ["RecordsPut", "NodeCreated", "RecordsPut", "FieldsSet", "KeyDeleted"],
                (await engine.TimelineAsync(2, 10)).Entries.SelectMany(entry => entry.Changes).Select(change => change.Kind.ToString()).Where(kind => kind != "RequestsKept"));
        }
    }

    [Fact]
    public async Task A_request_id_tells_commands_apart_that_differ_in_attributes_alone()
    {
        await using ValoriEngine engine = await OpenAsync("requests");
        RequestId id = RequestId.Parse("a");
        Receipt first = await AskAsync<Receipt>(engine, new Request(id, Put("ada", replace: true)));
        Assert.Equal(first, await AskAsync<Receipt>(engine, new Request(id, Put("ada", replace: true))));
        foreach (Command other in new Command[] { Put("bob", replace: true), Put("ada", replace: false), new InsertRecords(Vector, new ulong[1]) })
            Assert.Equal(RefusalKind.RequestIdReused, (await AskAsync<Refusal>(engine, new Request(id, other))).Kind);

        id = RequestId.Parse("b");
        Receipt changed = await AskAsync<Receipt>(engine, new Request(id, SetFields.Remove(Key, "user")));
        Assert.Equal(changed, await AskAsync<Receipt>(engine, new Request(id, SetFields.Remove(Key, "user"))));
        foreach (Command other in new Command[] { SetFields.Remove(new RecordId(0), "user"), SetFields.Remove(Key, "users"), SetFields.Replace(Key, Fields.Empty) })
            Assert.Equal(RefusalKind.RequestIdReused, (await AskAsync<Refusal>(engine, new Request(id, other))).Kind);
        Assert.Equal(1UL, await engine.RecordCountAsync());
    }

    [Fact]
    public async Task Engines_with_other_fields_have_other_state_hashes()
    {
        await using ValoriEngine engine = await OpenAsync("this");
        using TemporaryDirectory directory = new();
        await using ValoriEngine other = await ValoriEngine.OpenAsync(directory.Path, new ValoriOptions { Dimension = 2 });
        await SendAsync(engine, Put("ada", replace: false));
        await SendAsync(other, Put("bob", replace: false));
        RecordContent left = await AskAsync<RecordContent>(engine, new GetRecord(Key)), right = await AskAsync<RecordContent>(other, new GetRecord(Key));
        Assert.NotEqual(left.Fields, right.Fields);
        Assert.NotEqual((await engine.StatusAsync()).StateHash, (await other.StatusAsync()).StateHash);
        await SendAsync(other, SetFields.Merge(Key, left.Fields));
        Assert.Equal((await engine.StatusAsync()).StateHash, (await other.StatusAsync()).StateHash);
    }

    // In the year 2255.
    private const long EndsAt = 9_000_000_000_000_000;

    private static VectorBlock Vector => VectorBlock.FromComponents(2, [1, 2]).Value!;

    private static PutRecords Put(string user, bool replace) => new(
        Vector, new ulong[1], [new RecordAttributes { Key = Key, Fields = new FieldsBuilder { ["user"] = user }.Build(), ExpiresAtUnixMicroseconds = EndsAt }], replace);

    private Task<ValoriEngine> OpenAsync(string name) => ValoriEngine.OpenAsync(_directory.File(name), new ValoriOptions { Dimension = 2 });

    private static Task<Receipt> SendAsync(ValoriEngine engine, Command command) => AskAsync<Receipt>(engine, command);

    private static Task<T> AskAsync<T>(ValoriEngine engine, object message) => engine.Gateway.Ask<T>(message, TimeSpan.FromSeconds(30));
}
