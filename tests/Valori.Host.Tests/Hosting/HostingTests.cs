using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Valori.Protocol;

namespace Valori.Host.Tests.Hosting;

/// <summary>Valori in the services of a host: what is injected, and what of it is the same without a host.</summary>
public sealed class HostingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_only_collection_is_injected_and_remembers_across_restarts()
    {
        Digest before;
        using (IHost host = await StartAsync(valori => valori.Collections["notes"] = new() { Dimension = 2, Metric = Metric.Cosine }))
        {
            ValoriEngine engine = host.Services.GetRequiredService<ValoriEngine>();
            Assert.Equal(("notes", 2, Metric.Cosine), (engine.Name, engine.Dimension, engine.Schema.Metric));
            await engine.InsertAsync(new float[] { 1, 2 });
            before = await engine.GetStateHashAsync();
            await host.StopAsync();
        }
        using (IHost host = await StartAsync(valori => valori.Collections["notes"] = new() { Create = false }))
        {
            Assert.Equal(before, await host.Services.GetRequiredService<ValoriEngine>().GetStateHashAsync());
            await host.StopAsync();
        }
    }

    [Fact]
    public async Task Several_collections_are_injected_by_their_names()
    {
        using IHost host = await StartAsync(valori =>
        {
            valori.Collections["notes"] = new() { Dimension = 2 };
            valori.Collections["faces"] = new() { Dimension = 3 };
        });
        Assert.Equal(2, host.Services.GetRequiredKeyedService<ValoriEngine>("notes").Dimension);
        Assert.Equal(3, host.Services.GetRequiredKeyedService<ValoriEngine>("faces").Dimension);
        Assert.Same(host.Services.GetRequiredKeyedService<ValoriEngine>("faces"), host.Services.GetRequiredKeyedService<ValoriEngine>("faces"));
        Assert.StartsWith(
            "there is no collection 'face' in the options: there are faces, notes.",
            Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredKeyedService<ValoriEngine>("face")).Message);
        Assert.Equal(
            "there are several collections (faces, notes) and none is named default: ask for one by its key, as in [FromKeyedServices(\"faces\")]",
            Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<ValoriEngine>).Message);
        ValoriDatabase database = host.Services.GetRequiredService<ValoriDatabase>();
        await using ValoriEngine later = await database.OpenCollectionAsync("later", 5);
        Assert.Equal(["faces", "later", "notes"], await database.ListCollectionsAsync());
        await host.StopAsync();
    }

    /// <summary>Hosted services are made before any of them starts.</summary>
    [Fact]
    public async Task A_hosted_service_takes_an_engine_in_its_constructor()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddValori(Configure(valori => valori.Collections["notes"] = new() { Dimension = 2 }));
        builder.Services.AddSingleton<Worker>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Worker>());
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.Equal(1UL, await host.Services.GetRequiredService<Worker>().Counted.WaitAsync(TimeSpan.FromSeconds(60)));
        await host.StopAsync();
    }

    [Fact]
    public async Task An_actor_of_the_application_asks_the_guardian_that_it_requires()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddAkka("app", akka => akka.AddHocon(Quiet, HoconAddMode.Append).WithValori(Configure(valori => valori.Collections["notes"] = new() { Dimension = 2 })));
        builder.Services.AddValoriEngines();
        using IHost host = builder.Build();
        await host.StartAsync();
        IActorRef guardian = host.Services.GetRequiredService<IRequiredActor<ValoriGuardianKey>>().ActorRef;
        EngineOpened opened = await guardian.Ask<EngineOpened>(new OpenEngine("notes", Create: false), TimeSpan.FromSeconds(60));
        Assert.Equal(host.Services.GetRequiredService<ValoriEngine>().Gateway, opened.Gateway);
        Assert.Equal("app", host.Services.GetRequiredService<ValoriDatabase>().ActorSystem.Name);
        await host.StopAsync();
    }

    [Fact]
    public void A_second_actor_system_is_refused()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddAkka("app", _ => { });
        Assert.Equal(
            "there is an ActorSystem in the services already: call akka.WithValori(...) in AddAkka and services.AddValoriEngines() instead of AddValori",
            Assert.Throws<InvalidOperationException>(() => builder.Services.AddValori(_ => { })).Message);
    }

    [Fact]
    public void A_second_call_of_AddValori_is_refused()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddValori(_ => { });
        Assert.Equal(
            "AddValori was called before; call it once, with all collections",
            Assert.Throws<InvalidOperationException>(() => builder.Services.AddValori(_ => { })).Message);
    }

    [Fact]
    public async Task A_second_call_of_AddValoriEngines_adds_nothing()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddValori(Configure(valori => valori.Collections["notes"] = new() { Dimension = 2 }));
        int services = builder.Services.Count;
        builder.Services.AddValoriEngines();
        Assert.Equal(services, builder.Services.Count);
        using IHost host = builder.Build();
        // Two checks of a name are refused.
        Assert.Equal(2, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries.Count);
    }

    [Fact]
    public async Task An_engine_is_not_made_when_the_options_have_no_collection()
    {
        using IHost host = await StartAsync(_ => { });
        Assert.Equal(
            "there is no collection in the options: add one, as in valori.Collections[\"default\"] = new() { Dimension = 384 }, or open it with ValoriDatabase.OpenCollectionAsync",
            Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<ValoriEngine>).Message);
        Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredKeyedService<ValoriEngine>("notes"));
        Assert.Empty(await host.Services.GetRequiredService<ValoriDatabase>().ListCollectionsAsync());
        await host.StopAsync();
    }

    [Fact]
    public async Task A_database_is_not_opened_for_who_has_given_up()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ValoriDatabase.OpenAsync(Path.Combine(_directory.Path, "new"), cancellationToken: new CancellationToken(true)));
        Assert.False(Directory.Exists(Path.Combine(_directory.Path, "new")));
    }

    [Fact]
    public async Task Options_configuration_and_hocon_lead_to_the_same_engine()
    {
        const string Hocon = """
            valori { query-actors = 3, max-batch-bytes = 1048576, request-timeout = 45s }
            valori.past.forget-after = 90s
            valori.snapshots.keep = 3
            valori.index.build = never
            """;
        Dictionary<string, string?> configuration = new()
        {
            ["Valori:QueryActors"] = "3",
            ["Valori:MaxBatchBytes"] = "1048576",
            ["Valori:RequestTimeout"] = "00:00:45",
            ["Valori:Past:ForgetAfter"] = "00:01:30",
            ["Valori:Snapshots:Keep"] = "3",
            ["Valori:Index:Build"] = "never",
            ["Valori:Collections:notes:Dimension"] = "2",
            ["Valori:Collections:notes:Metric"] = "Cosine",
        };
        FixedTime time = new();
        List<(string Settings, EngineStatus Status)> found = [];

        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(
            Path.Combine(_directory.Path, "hocon"), new ValoriOptions { Name = "notes", Dimension = 2, Metric = Metric.Cosine, Time = time, Configuration = Hocon }))
        {
            found.Add((SettingsOf(engine.OwnedSystem!), await WriteAsync(engine)));
        }
        HostApplicationBuilder bound = Builder();
        bound.Configuration.AddInMemoryCollection(configuration);
        bound.Services.AddValori(bound.Configuration.GetSection("Valori"), valori => (valori.DataDirectory, valori.Time) = (Path.Combine(_directory.Path, "bound"), time));
        found.Add(await RunAsync(bound));

        HostApplicationBuilder own = Builder();
        own.Services.AddAkka("app", akka => akka.AddHocon(Quiet + Hocon, HoconAddMode.Append).WithValori(valori =>
        {
            (valori.DataDirectory, valori.Time) = (Path.Combine(_directory.Path, "own"), time);
            valori.Collections["notes"] = new() { Dimension = 2, Metric = Metric.Cosine };
        }));
        own.Services.AddValoriEngines();
        found.Add(await RunAsync(own));

        Assert.Contains("valori.past.forget-after", found[0].Settings);
        Assert.All(found, one => Assert.Equal(found[0].Settings, one.Settings));
        Assert.All(found, one => Assert.Equal((found[0].Status.StateHash, found[0].Status.Chain), (one.Status.StateHash, one.Status.Chain)));
    }

    [Fact]
    public async Task One_object_opens_several_collections_of_a_directory()
    {
        await using (ValoriDatabase database = await ValoriDatabase.OpenAsync(_directory.Path))
        {
            await using ValoriEngine notes = await database.OpenCollectionAsync("notes", 2), faces = await database.OpenCollectionAsync("faces", 3);
            await notes.InsertAsync(new float[] { 1, 2 });
            await Assert.ThrowsAsync<DataDirectoryException>(() => ValoriDatabase.OpenAsync(_directory.Path));
        }
        await using (ValoriDatabase again = await ValoriDatabase.OpenAsync(_directory.Path))
        {
            Assert.Equal(["faces", "notes"], await again.ListCollectionsAsync());
            Assert.Equal(1UL, await (await again.OpenCollectionAsync("notes", create: false)).RecordCountAsync());
            await again.DropCollectionAsync("faces");
            Assert.Equal(["notes"], await again.ListCollectionsAsync());
        }
    }

    private const string Quiet = "akka.loglevel = OFF, akka.stdout-loglevel = OFF\n";

    private static HostApplicationBuilder Builder()
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        return builder;
    }

    private Action<ValoriHostingOptions> Configure(Action<ValoriHostingOptions> more) => valori =>
    {
        valori.DataDirectory = _directory.Path;
        more(valori);
    };

    private async Task<IHost> StartAsync(Action<ValoriHostingOptions> configure)
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddValori(Configure(configure));
        IHost host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task<(string, EngineStatus)> RunAsync(HostApplicationBuilder builder)
    {
        using IHost host = builder.Build();
        await host.StartAsync();
        (string, EngineStatus) found = (SettingsOf(host.Services.GetRequiredService<ActorSystem>()), await WriteAsync(host.Services.GetRequiredService<ValoriEngine>()));
        await host.StopAsync();
        return found;
    }

    private static async Task<EngineStatus> WriteAsync(ValoriEngine engine)
    {
        await engine.InsertAsync(new float[] { 1, 2 }, tag: 7);
        await engine.UpsertAsync(new NewRecord(new float[] { 3, 4 }) { Key = "note-1" });
        return await engine.StatusAsync();
    }

    /// <summary>What the settings of the options are for the engine, but for the directory and the journal in it.</summary>
    private static string SettingsOf(ActorSystem system) => string.Join('\n', Actors.Settings.HostingHocon.Names
        .Where(name => name.Property is not (nameof(ValoriHostingOptions.DataDirectory) or "Journal.ConnectionString"))
        .Select(name => $"{name.Setting} = {(name.Setting.EndsWith("timeout", StringComparison.Ordinal) || name.Setting.EndsWith("after", StringComparison.Ordinal)
            ? system.Settings.Config.GetTimeSpan(name.Setting, TimeSpan.MaxValue) : system.Settings.Config.GetString(name.Setting))}"));

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    }

    private sealed class Worker(ValoriEngine engine) : BackgroundService
    {
        private readonly TaskCompletionSource<ulong> _counted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<ulong> Counted => _counted.Task;

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await engine.InsertAsync(new float[] { 1, 2 }, cancellationToken: stoppingToken);
            _counted.SetResult(await engine.RecordCountAsync(cancellationToken: stoppingToken));
        }
    }
}
