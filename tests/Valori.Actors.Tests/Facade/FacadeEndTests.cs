using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Valori.Actors.Client;
using Valori.Actors.Settings;
using Valori.Protocol;

namespace Valori.Actors.Tests.Facade;

/// <summary>What cannot be answered any more, or must not be asked, fails at once and with the right error.</summary>
public sealed class FacadeEndTests : IDisposable
{
    // Far below the 90 s that a request waits for its answer.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static SearchQuery Query { get; } = new(VectorBlock.FromVector(2, new float[2]).Value!, 1);

    /// <summary>Every method that asks, by name.</summary>
    private static Dictionary<string, Func<ValoriEngine, CancellationToken, Task>> Methods { get; } = new()
    {
        ["insert"] = (engine, token) => engine.InsertAsync(new float[2], 0, token),
        ["batch"] = (engine, token) => engine.InsertBatchAsync([new float[2]], null, token),
        ["block"] = (engine, token) => engine.InsertBatchAsync(new float[2], new ulong[1], token),
        ["delete"] = (engine, token) => engine.SoftDeleteAsync(default, token),
        ["set metadata"] = (engine, token) => engine.SetMetadataAsync(default, default, token),
        ["metadata"] = (engine, token) => engine.GetMetadataAsync(default, null, token),
        ["record"] = (engine, token) => engine.GetRecordAsync(default(RecordId), null, token),
        ["search"] = (engine, token) => engine.SearchAsync(new float[2], 1, cancellationToken: token),
        ["search by query"] = (engine, token) => engine.SearchAsync(Query, null, token),
        ["explain by query"] = (engine, token) => engine.ExplainSearchAsync(Query, false, null, token),
        ["receipt by query"] = (engine, token) => engine.SearchWithReceiptAsync(Query, null, token),
        ["explain batch by query"] = (engine, token) => engine.ExplainSearchBatchAsync(Query, null, token),
        ["explain expand by query"] = (engine, token) => engine.ExplainSearchExpandAsync(Query, 1, null, token),
        ["search batch by query"] = (engine, token) => engine.SearchBatchAsync(Query, null, token),
        ["expand search by query"] = (engine, token) => engine.SearchExpandAsync(Query, 1, null, token),
        ["receipt"] = (engine, token) => engine.SearchWithReceiptAsync(new float[2], 1, cancellationToken: token),
        ["search batch"] = (engine, token) => engine.SearchBatchAsync([new float[2]], 1, cancellationToken: token),
        ["expand search"] = (engine, token) => engine.SearchExpandAsync(new float[2], 1, 1, cancellationToken: token),
        ["index"] = (engine, token) => engine.IndexStatusAsync(token),
        ["wait for index"] = (engine, token) => engine.WaitForIndexAsync(null, token),
        ["count"] = (engine, token) => engine.RecordCountAsync(null, token),
        ["list by filter"] = (engine, token) => engine.ListRecordsAsync(Filter.Tag(1), 1, cancellationToken: token),
        ["get many"] = (engine, token) => engine.GetManyAsync([new RecordId(0)], cancellationToken: token),
        ["distinct"] = (engine, token) => engine.DistinctAsync("user", Filter.Tag(1), cancellationToken: token),
        ["count by filter"] = (engine, token) => engine.CountRecordsAsync(Filter.Tag(1), null, token),
        ["hash"] = (engine, token) => engine.GetStateHashAsync(null, token),
        ["status"] = (engine, token) => engine.StatusAsync(null, token),
        ["create node"] = (engine, token) => engine.CreateNodeAsync(NodeKind.Chunk, null, null, token),
        ["create edge"] = (engine, token) => engine.CreateEdgeAsync(default, default, EdgeKind.ParentOf, null, default, token),
        ["set node fields"] = (engine, token) => engine.SetNodeFieldsAsync(default, Fields.Empty, FieldsMode.Merge, token),
        ["remove node fields"] = (engine, token) => engine.RemoveNodeFieldsAsync(default, ["a"], token),
        ["set edge fields"] = (engine, token) => engine.SetEdgeFieldsAsync(default, Fields.Empty, FieldsMode.Merge, token),
        ["remove edge fields"] = (engine, token) => engine.RemoveEdgeFieldsAsync(default, ["a"], token),
        ["set valid time"] = (engine, token) => engine.SetEdgeValidTimeAsync(default, new ValidTime(1, 2), ValidTimeEnds.None, token),
        ["delete node"] = (engine, token) => engine.DeleteNodeAsync(default, token),
        ["delete edge"] = (engine, token) => engine.DeleteEdgeAsync(default, token),
        ["node"] = (engine, token) => engine.GetNodeAsync(default(NodeId), null, token),
        ["edge"] = (engine, token) => engine.GetEdgeAsync(default, null, token),
        ["edges"] = (engine, token) => engine.GetEdgesAsync(default, null, token),
        ["expand"] = (engine, token) => engine.ExpandAsync(default, 1, null, token),
        ["expand a traversal"] = (engine, token) => engine.ExpandAsync(default, 1, Traversal.Around, null, token),
        ["subgraph"] = (engine, token) => engine.SubgraphAsync(new SubgraphQuery([default], 1), null, token),
        ["search subgraph"] = (engine, token) => engine.SearchSubgraphAsync(engine.QueryOf(new float[2], 1), 1, null, 10, null, token),
        ["list nodes"] = (engine, token) => engine.ListNodesAsync(Filter.All, null, null, 10, null, null, token),
        ["list edges"] = (engine, token) => engine.ListEdgesAsync(new EdgeListQuery(Filter.All, 10), null, token),
        ["prove record"] = (engine, token) => engine.ProveRecordAsync(default, null, token),
        ["prove node"] = (engine, token) => engine.ProveNodeAsync(default, null, token),
        ["prove edge"] = (engine, token) => engine.ProveEdgeAsync(default, null, token),
        ["prove history"] = (engine, token) => engine.ProveHistoryAsync(1, 1, token),
        ["timeline"] = (engine, token) => engine.TimelineAsync(1, 1, token),
        ["compare"] = (engine, token) => engine.CompareAsync(engine, 1, token),
        ["save"] = (engine, token) => engine.SaveAsync(token),
        ["restore"] = (engine, token) => engine.RestoreAsync(new byte[10], token),
        ["restore stream"] = (engine, token) => engine.RestoreAsync(new MemoryStream(), token),
        ["insert record"] = (engine, token) => engine.InsertAsync(new NewRecord(new float[2]), token),
        ["insert records"] = (engine, token) => engine.InsertBatchAsync([new NewRecord(new float[2])], token),
        ["upsert"] = (engine, token) => engine.UpsertAsync(new NewRecord(new float[2]) { Key = "k" }, token),
        ["upsert batch"] = (engine, token) => engine.UpsertBatchAsync([new NewRecord(new float[2]) { Key = "k" }], token),
        ["record by key"] = (engine, token) => engine.GetRecordAsync("k", null, token),
        ["find"] = (engine, token) => engine.FindRecordAsync(default(RecordId), null, token),
        ["exists"] = (engine, token) => engine.ExistsAsync(default(RecordId), null, token),
        ["delete by key"] = (engine, token) => engine.DeleteAsync("k", token),
        ["set fields"] = (engine, token) => engine.SetFieldsAsync(default(RecordId), Fields.Empty, FieldsMode.Merge, token),
        ["remove fields"] = (engine, token) => engine.RemoveFieldsAsync(default(RecordId), ["a"], token),
        ["set expiry"] = (engine, token) => engine.SetExpiryAsync(default(RecordId), default, token),
        ["remove expiry"] = (engine, token) => engine.RemoveExpiryAsync(default(RecordId), token),
        ["transact"] = (engine, token) =>
        {
            Transaction transaction = engine.NewTransaction();
            transaction.Insert(new NewRecord(new float[2]));
            return engine.TransactAsync(transaction, token);
        },
        ["add document"] = (engine, token) => engine.AddDocumentAsync(new NewDocument(), [new NewRecord(new float[2])], token),
        ["upsert document"] = (engine, token) => engine.UpsertDocumentAsync(new NewDocument { Key = "k" }, [new NewRecord(new float[2])], token),
        ["delete document"] = (engine, token) => engine.DeleteDocumentAsync("k", token),
        ["delete document of a node"] = (engine, token) => engine.DeleteDocumentAsync(default(NodeId), token),
        ["node by key"] = (engine, token) => engine.GetNodeAsync("k", null, token),
        ["delete where"] = (engine, token) => engine.DeleteWhereAsync(Filter.All, 1, token),
        ["set fields where"] = (engine, token) => engine.SetFieldsWhereAsync(Filter.All, Fields.Empty, FieldsMode.Merge, 1, token),
        ["remove fields where"] = (engine, token) => engine.RemoveFieldsWhereAsync(Filter.All, ["a"], 1, token),
        ["drop"] = (engine, token) => engine.DropAsync(token),
    };

    [Fact]
    public void Every_method_of_the_facade_is_here()
    {
        string[] asking = [.. typeof(ValoriEngine).GetMethods().Where(method => method.GetParameters().LastOrDefault()?.ParameterType == typeof(CancellationToken) && !method.IsStatic)
            .Select(method => method.ToString()!)];
        Assert.Equal(asking.Length, Methods.Count);
    }

    [Fact]
    public async Task With_a_token_that_is_cancelled_already_nothing_is_done()
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OpenAsync(cancelled.Token));
        Assert.False(Directory.Exists(_directory.File("data")));
        await using ValoriEngine engine = await OpenAsync();
        EngineStatus before = await engine.StatusAsync();
        foreach ((string name, Func<ValoriEngine, CancellationToken, Task> method) in Methods)
        {
            OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => method(engine, cancelled.Token));
            Assert.True(e.CancellationToken == cancelled.Token, name);
        }
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.WithRequestId("a").InsertAsync(new float[2], 0, cancelled.Token));
        Assert.Equal(before, await engine.StatusAsync());
    }

    [Fact]
    public async Task A_disposed_engine_says_so_at_once()
    {
        ValoriEngine engine = await OpenAsync();
        ValoriEngine named = engine.WithRequestId("a");
        await engine.DisposeAsync();
        foreach ((string name, Func<ValoriEngine, CancellationToken, Task> method) in Methods)
            Assert.True(await Record.ExceptionAsync(() => method(engine, CancellationToken.None).WaitAsync(AtOnce)) is ObjectDisposedException, name);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => named.InsertAsync(new float[2]).WaitAsync(AtOnce));
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task An_engine_whose_actor_system_has_terminated_says_so_at_once()
    {
        ActorSystem system = ActorSystem.Create("mine", Quiet($"valori.data-directory = {ReferenceConfig.Quote(_directory.File("data"))}"));
        ValoriExtension extension = ValoriExtension.Get(system);
        await using ValoriEngine engine = await extension.OpenAsync(schema: 2);
        await system.Terminate();
        foreach ((string name, Func<ValoriEngine, CancellationToken, Task> method) in Methods)
        {
            EngineException e = await Assert.ThrowsAsync<EngineException>(() => method(engine, CancellationToken.None).WaitAsync(AtOnce));
            Assert.True(e.Kind == EngineFailureKind.Stopped, name);
            Assert.Contains("has terminated", e.Message);
        }
        Assert.Equal(EngineFailureKind.Stopped, (await Assert.ThrowsAsync<EngineException>(() => extension.ListAsync().WaitAsync(AtOnce))).Kind);
        Assert.Equal(EngineFailureKind.Stopped, (await Assert.ThrowsAsync<EngineException>(() => extension.OpenAsync().WaitAsync(AtOnce))).Kind);
    }

    [Fact]
    public async Task An_engine_whose_gateway_has_stopped_says_so_at_once()
    {
        await using ValoriEngine engine = await OpenAsync();
        engine.Gateway.Tell(PoisonPill.Instance);
        Assert.True(await engine.Gateway.WatchAsync().WaitAsync(AtOnce));
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => engine.StatusAsync().WaitAsync(AtOnce));
        Assert.Equal(EngineFailureKind.Stopped, e.Kind);
    }

    /// <summary>Whatever comes first, the answer or the end: nobody waits for the timeout.</summary>
    [Fact]
    public async Task Calls_under_way_while_the_engine_is_disposed_all_end()
    {
        ValoriEngine engine = await OpenAsync();
        Task[] calls = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? engine.InsertAsync(new float[2]) : (Task)engine.SearchAsync(new float[2], 5))];
        await engine.DisposeAsync();
        int answered = 0;
        foreach (Task call in calls)
        {
            Exception? e = await Record.ExceptionAsync(() => call.WaitAsync(AtOnce));
            Assert.True(e is null or EngineException, $"{e}");
            if (e is null) answered++;
        }
        await using ValoriEngine again = await OpenAsync();
        Assert.True(await again.RecordCountAsync() <= 100);
    }

    [Fact]
    public async Task Cancelling_while_waiting_ends_the_waiting_with_the_callers_token()
    {
        using ActorSystem system = ActorSystem.Create("silent", Quiet());
        IActorRef silent = system.ActorOf(Props.Empty);
        using CancellationTokenSource cancel = new();
        Task<EngineStatus> waiting = Requests.AskAsync<EngineStatus>(silent, new GetStatus(), TimeSpan.FromSeconds(90), cancel.Token);
        cancel.Cancel();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(AtOnce));
        Assert.Equal(cancel.Token, e.CancellationToken);

        Task<EngineStatus> query = Requests.AskAsync<EngineStatus>(silent, new GetStatus(), TimeSpan.FromSeconds(90), CancellationToken.None);
        Task<Receipt> command = Requests.AskAsync<Receipt>(silent, new DeleteRecord(default), TimeSpan.FromSeconds(90), CancellationToken.None);
        await system.Terminate();
        Assert.Equal(EngineFailureKind.Stopped, (await Assert.ThrowsAsync<EngineException>(() => query.WaitAsync(AtOnce))).Kind);
        Assert.Equal(EngineFailureKind.OutcomeUnknown, (await Assert.ThrowsAsync<EngineException>(() => command.WaitAsync(AtOnce))).Kind);
    }

    [Fact]
    public async Task What_is_not_a_command_takes_no_request_id()
    {
        await using ValoriEngine engine = await OpenAsync();
        EngineStatus before = await engine.StatusAsync();
        string[] commands =
        [
            "insert", "batch", "block", "delete", "set metadata", "create node", "create edge", "delete node", "delete edge",
            "insert record", "insert records", "upsert", "upsert batch", "delete by key", "set fields", "remove fields",
            "set node fields", "remove node fields", "set edge fields", "remove edge fields", "set valid time", "set expiry", "remove expiry", "transact", "add document", "upsert document", "delete document", "delete document of a node",
            "delete where", "set fields where", "remove fields where",
        ];
        foreach ((string name, Func<ValoriEngine, CancellationToken, Task> method) in Methods.Where(method => !commands.Contains(method.Key)))
        {
            RefusedException e = await Assert.ThrowsAsync<RefusedException>(() => method(engine.WithRequestId("a-1"), CancellationToken.None));
            Assert.True(e.Refusal.Kind == RefusalKind.InvalidArgument, name);
            Assert.Contains("takes no request id, but has 'a-1'", e.Message);
        }
        Assert.Equal(before, await engine.StatusAsync());
    }

    [Theory]
    [InlineData("akka.tcp://wrong@127.0.0.1:{0}")]
    [InlineData("akka.tcp://valori@127.0.0.1:1")]
    public async Task Connecting_to_a_wrong_address_fails_within_the_time_for_it_and_names_the_address(string address)
    {
        ActorSystem server = ActorSystem.Create("valori", Quiet(Remoting)), client = ActorSystem.Create("client", Quiet(Remoting + "valori.connect-timeout = 2s"));
        try
        {
            address = string.Format(System.Globalization.CultureInfo.InvariantCulture, address, ((ExtendedActorSystem)server).Provider.DefaultAddress.Port);
            long start = Stopwatch.GetTimestamp();
            EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriEngine.ConnectAsync(client, Address.Parse(address)).WaitAsync(AtOnce));
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20));
            Assert.Contains(address, e.Message);
            Assert.Contains("nothing was done", e.Message);
            using CancellationTokenSource cancelled = new();
            cancelled.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ValoriEngine.ConnectAsync(client, Address.Parse(address), cancellationToken: cancelled.Token));
        }
        finally
        {
            await Task.WhenAll(server.Terminate(), client.Terminate());
        }
    }

    [Fact]
    public async Task Connecting_without_remoting_names_the_setting()
    {
        using ActorSystem client = ActorSystem.Create("client", Quiet());
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => ValoriEngine.ConnectAsync(client, Address.Parse("akka.tcp://valori@127.0.0.1:1")));
        Assert.Contains("akka.actor.provider = remote", e.Message);
    }

    [Fact]
    public async Task An_answer_that_exceeds_a_frame_between_processes_is_refused_at_once_and_a_request_goes_in_chunks()
    {
        string data = $"valori.data-directory = {ReferenceConfig.Quote(_directory.File("data"))}\n";
        ActorSystem server = ActorSystem.Create("valori", Quiet(Remoting + data)), client = ActorSystem.Create("client", Quiet(Remoting + "valori.connect-timeout = 30s"));
        try
        {
            await using ValoriEngine here = await ValoriExtension.Get(server).OpenAsync(schema: 2);
            await using ValoriEngine far = await ValoriEngine.ConnectAsync(client, ((ExtendedActorSystem)server).Provider.DefaultAddress);
            float[] many = new float[2 * 60_000];
            ulong[] tags = new ulong[60_000];
            Assert.Equal(60_000, (await far.InsertBatchAsync(many, tags)).Count);
            Assert.Equal(60_000UL, await here.RecordCountAsync());

            IReadOnlyList<ReadOnlyMemory<float>> queries = [.. Enumerable.Repeat((ReadOnlyMemory<float>)new float[2], 1_000)];
            await IsTooLargeAsync(() => far.SearchAsync(new float[2], 60_000), "the answer has ");
            await IsTooLargeAsync(() => far.SearchBatchAsync(queries, 100), "the answer has ");
            await IsTooLargeAsync(() => far.SearchExpandAsync(new float[2], 60_000, 0), "the answer has ");
            Assert.Equal(1_000, (await far.SearchAsync(new float[2], 1_000)).Count);
            Assert.Equal(60_000, (await here.SearchAsync(new float[2], 60_000)).Count);

            NodeId start = await here.CreateNodeAsync(NodeKind.Chunk);
            await Task.WhenAll(Enumerable.Range(0, 10_000).Select(async i => await here.CreateEdgeAsync(start, start, EdgeKind.RefersTo)));
            await IsTooLargeAsync(() => far.GetEdgesAsync(start), "the answer has ");
            await here.CompareAsync(here);
        }
        finally
        {
            await Task.WhenAll(server.Terminate(), client.Terminate());
        }

        static async Task IsTooLargeAsync(Func<Task> call, string expected)
        {
            RefusedException e = await Assert.ThrowsAsync<RefusedException>(() => call().WaitAsync(AtOnce));
            Assert.Equal(RefusalKind.LimitExceeded, e.Refusal.Kind);
            Assert.StartsWith(expected, e.Message);
            Assert.Contains("a message between processes may have 126976 (akka.remote.dot-netty.tcp.maximum-frame-size)", e.Message);
        }
    }

    private const string Remoting = """
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.remote { untrusted-mode = on, trusted-selection-paths = ["/user/valori"] }
        akka.actor.serializers.akka-stream-ref = "Valori.Actors.Serialization.RefusingSerializer, Valori.Actors"

        """;

    private static Config Quiet(string more = "") => ConfigurationFactory.ParseString(more + "\nakka { loglevel = OFF, stdout-loglevel = OFF }");

    private Task<ValoriEngine> OpenAsync(CancellationToken token = default) =>
        ValoriEngine.OpenAsync(_directory.File("data"), new ValoriOptions { Dimension = 2, Configuration = Quiet() }, token);
}
