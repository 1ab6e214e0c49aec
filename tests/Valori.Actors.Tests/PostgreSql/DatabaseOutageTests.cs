using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Npgsql;
using Valori.Actors.Settings;

namespace Valori.Actors.Tests.PostgreSql;

/// <summary>A database that is not there at the start, or goes away and comes back: clear answers, and nothing lost.</summary>
[Trait("Category", "Slow")]
public sealed class DatabaseOutageTests : IDisposable
{
    private const string Quick = """
        valori.storage-answer-timeout = 2s
        valori.restart-backoff.minimum = 20ms
        valori.restart-backoff.maximum = 200ms
        valori.journal.circuit-breaker.reset-timeout = 200ms
        valori.journal.initialization-retry-delay = 100ms
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("valori.snapshot-store")]
    [InlineData("valori.sql-snapshot-store")]
    public async Task Opening_on_a_database_that_refuses_connections_fails_with_what_to_check(string snapshotStore)
    {
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => OpenOnPort(UnusedPort(), snapshotStore).WaitAsync(Patience));
        Assert.Equal(EngineFailureKind.Recovering, e.Kind);
        Assert.Contains("the journal (valori.journal) did not answer within 2 s", e.Message);
        Assert.Contains("valori.journal.connection-string", e.Message);
    }

    [Fact]
    public async Task Opening_on_a_database_that_never_answers_fails_with_what_to_check()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        EngineException e = await Assert.ThrowsAsync<EngineException>(
            () => OpenOnPort(((IPEndPoint)silent.LocalEndpoint).Port, "valori.snapshot-store").WaitAsync(Patience));
        Assert.Contains("did not answer within 2 s", e.Message);
    }

    [Fact]
    public async Task Opening_with_a_connection_string_that_cannot_be_read_fails_with_what_to_check()
    {
        ValoriOptions options = new() { Configuration = Configuration("NoSuchKey=1", "valori.snapshot-store") };
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriEngine.OpenAsync(_directory.Path, options).WaitAsync(Patience));
        Assert.Contains("valori.journal.connection-string is right", e.Message);
    }

    [Fact]
    public async Task A_plugin_that_cannot_even_be_created_stops_the_engine_for_good_with_its_name()
    {
        Config noPlugin = ConfigurationFactory.ParseString("akka.loglevel = OFF\nakka.stdout-loglevel = OFF\nvalori.journal.initialization-retry-delay = 0ms");
        EngineException e = await Assert.ThrowsAsync<EngineException>(
            () => ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Configuration = noPlugin }).WaitAsync(Patience));
        Assert.Equal(EngineFailureKind.Stopped, e.Kind);
        Assert.Contains("collection 'default' has no journal: the plugin valori.journal stopped", e.Message);
    }

    [Fact]
    public async Task Listing_engines_of_a_database_that_is_not_there_fails_with_what_to_check()
    {
        ActorSystem system = ActorSystem.Create("app", Configuration(ConnectionString(UnusedPort()), "valori.sql-snapshot-store"));
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriExtension.Get(system).ListAsync().WaitAsync(Patience));
        Assert.Equal(EngineFailureKind.Recovering, e.Kind);
        Assert.Contains("did not answer within 2 s", e.Message);
        await system.Terminate();
    }

    [SkippableFact]
    public async Task An_engine_opens_once_the_database_is_there_in_the_same_system()
    {
        using PostgreSqlDatabase database = new();
        await using CuttableProxy proxy = ProxyTo(database, out string connectionString);
        await proxy.CutAsync();
        ActorSystem system = ActorSystem.Create("app", database.Configuration(Quick + "\nvalori.snapshot-store-plugin-id = \"valori.sql-snapshot-store\"", connectionString));
        ValoriExtension valori = ValoriExtension.Get(system);
        Assert.Equal(EngineFailureKind.Recovering, (await Assert.ThrowsAsync<EngineException>(() => valori.OpenAsync("notes", 2).WaitAsync(Patience))).Kind);
        proxy.Join();
        ValoriEngine engine = await Retry(() => valori.OpenAsync("notes", 2));
        Assert.Equal(new RecordId(0), await engine.InsertAsync(new float[] { 1, 2 }));
        Assert.Equal(["notes"], await valori.ListAsync());
        await system.Terminate();
    }

    [SkippableFact]
    public async Task When_the_database_goes_away_callers_are_told_queries_go_on_and_nothing_acknowledged_is_lost()
    {
        using PostgreSqlDatabase database = new();
        Digest written;
        ulong slots;
        List<RecordId> acknowledged = [];
        await using (CuttableProxy proxy = ProxyTo(database, out string connectionString))
        {
            ValoriOptions options = new() { Dimension = 2, Configuration = database.Configuration(Quick, connectionString) };
            // Two seconds are short for a first start on a busy machine.
            await using ValoriEngine engine = await Retry(() => ValoriEngine.OpenAsync(_directory.Path, options));
            for (int round = 0; round < 3; round++)
            {
                Task<Created<RecordId>>[] writes = [.. Enumerable.Range(0, 200).Select(i => engine.InsertAsync(new float[] { round, i }).WaitAsync(Patience))];
                await writes[round * 50]; // some are durable, some on their way
                await proxy.CutAsync();
                await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default);
                acknowledged.AddRange(writes.Where(write => write.IsCompletedSuccessfully).Select(write => write.Result.Id));
                Assert.All(writes.Where(write => write.IsFaulted), write =>
                    Assert.True(Assert.IsType<EngineException>(write.Exception!.InnerException).Kind is EngineFailureKind.OutcomeUnknown or EngineFailureKind.Recovering));

                EngineException refused = await Assert.ThrowsAsync<EngineException>(() => engine.InsertAsync(new float[] { 9, 9 }).WaitAsync(Patience));
                await UntilNamed(engine, refused, $"127.0.0.1:{proxy.Port}");
                Assert.NotEmpty(await engine.SearchAsync(new float[] { 0, 0 }, 5)); // from what was durable

                proxy.Join();
                acknowledged.Add(await Retry(() => engine.InsertAsync(new float[] { 8, 8 })));
            }
            written = await engine.GetStateHashAsync();
            slots = (await engine.StatusAsync()).RecordSlots;
        }
        await using ValoriEngine reopened = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Configuration = database.Configuration() });
        Assert.Equal(written, await reopened.GetStateHashAsync());
        Assert.Equal(acknowledged.Count, acknowledged.Distinct().Count());
        Assert.All(acknowledged, id => Assert.True(id.Value < slots));
    }

    /// <summary>The first answers may still speak of the broken write; soon all of them name the address that is not there.</summary>
    private static async Task UntilNamed(ValoriEngine engine, EngineException refused, string address)
    {
        for (DateTime end = DateTime.UtcNow + Patience; !refused.Message.Contains(address, StringComparison.Ordinal);)
        {
            Assert.True(DateTime.UtcNow < end, refused.Message);
            refused = await Assert.ThrowsAsync<EngineException>(() => engine.InsertAsync(new float[] { 9, 9 }).WaitAsync(Patience));
        }
    }

    private static async Task<T> Retry<T>(Func<Task<T>> request)
    {
        for (DateTime end = DateTime.UtcNow + Patience; ;)
        {
            try
            {
                return await request().WaitAsync(Patience);
            }
            catch (EngineException) when (DateTime.UtcNow < end)
            {
                await Task.Yield();
            }
        }
    }

    private Task<ValoriEngine> OpenOnPort(int port, string snapshotStore) =>
        ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Configuration = Configuration(ConnectionString(port), snapshotStore) });

    private static Config Configuration(string connectionString, string snapshotStore) => ConfigurationFactory.ParseString($"""
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        valori.journal.connection-string = {ReferenceConfig.Quote(connectionString)}
        valori.snapshot-store-plugin-id = "{snapshotStore}"
        {Quick}
        """).WithFallback(HoconFile.Parse("postgresql.conf"));

    private static string ConnectionString(int port) => $"Host=127.0.0.1;Port={port};Username=valori;Database=valori;Timeout=5";

    private static CuttableProxy ProxyTo(PostgreSqlDatabase database, out string connectionString)
    {
        NpgsqlConnectionStringBuilder builder = new(database.ConnectionString);
        CuttableProxy proxy = new(builder.Host!, builder.Port);
        builder.Host = "127.0.0.1";
        builder.Port = proxy.Port;
        connectionString = builder.ToString();
        return proxy;
    }

    private static int UnusedPort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
