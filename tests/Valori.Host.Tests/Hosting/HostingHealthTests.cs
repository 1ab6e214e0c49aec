using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Valori.Host.Tests.Hosting;

/// <summary>What a host says of Valori's health, and the order in which it stops.</summary>
public sealed class HostingHealthTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_host_is_live_and_ready_until_it_has_stopped()
    {
        await using WebApplication app = Build(_ => { });
        await app.StartAsync();
        HealthReport report = await CheckAsync(app);
        Assert.Equal([(ValoriHosting.LiveCheck, HealthStatus.Healthy), (ValoriHosting.ReadyCheck, HealthStatus.Healthy)], Statuses(report));
        await app.StopAsync();
        report = await CheckAsync(app);
        Assert.Equal([(ValoriHosting.LiveCheck, HealthStatus.Unhealthy), (ValoriHosting.ReadyCheck, HealthStatus.Unhealthy)], Statuses(report));
        Assert.All(report.Entries.Values, entry => Assert.Equal("the ActorSystem has ended: restart the process", entry.Description));
    }

    [Fact]
    public async Task A_journal_that_was_moved_away_makes_it_unhealthy_with_the_file()
    {
        await using WebApplication app = Build(_ => { });
        await app.StartAsync();
        await app.Services.GetRequiredService<ValoriEngine>().InsertAsync(new float[] { 1, 2 });
        string journal = Path.Combine(_directory.Path, "journal.db");
        File.Move(journal, journal + ".away");
        HealthReport report = await CheckAsync(app);
        Assert.Equal([(ValoriHosting.LiveCheck, HealthStatus.Healthy), (ValoriHosting.ReadyCheck, HealthStatus.Unhealthy)], Statuses(report));
        Assert.Contains(journal, report.Entries[ValoriHosting.ReadyCheck].Description);
        File.Move(journal + ".away", journal);
        await app.StopAsync();
    }

    [Fact]
    public async Task Short_memory_is_degraded_with_the_setting()
    {
        await using WebApplication app = Build(valori => valori.MaxMemoryBytes = 4 << 20);
        await app.StartAsync();
        ValoriEngine engine = app.Services.GetRequiredService<ValoriEngine>();
        ReadOnlyMemory<float>[] batch = [.. Enumerable.Range(0, 500).Select(i => new ReadOnlyMemory<float>([i % 7, 1]))];
        RefusedException full = await Assert.ThrowsAsync<RefusedException>(async () =>
        {
            for (int i = 0; i < 1_000; i++) await engine.InsertBatchAsync(batch);
        });
        Assert.Equal(RefusalKind.LimitExceeded, full.Refusal.Kind);
        HealthReportEntry ready = (await CheckAsync(app)).Entries[ValoriHosting.ReadyCheck];
        Assert.Equal((HealthStatus.Degraded, "memory is short: commands that add something may be refused (valori.max-memory-bytes)"), (ready.Status, ready.Description));
        await app.StopAsync();
    }

    /// <summary>The start begins from the snapshot after the damage, and does not find it.</summary>
    [Fact]
    public async Task Damage_that_the_last_scrub_found_is_degraded_with_its_place()
    {
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 }))
        {
            for (int i = 0; i < 4; i++) await engine.InsertAsync(new float[] { i, i });
            await engine.SaveAsync();
        }
        string journal = Path.Combine(_directory.Path, "journal.db");
        using (SqliteConnection connection = new($"Data Source={journal};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "UPDATE journal SET message = (SELECT message FROM journal WHERE sequence_number = 3) WHERE sequence_number = 2";
            Assert.Equal(1, command.ExecuteNonQuery());
        }
        await using WebApplication app = Build(valori => valori.Scrub.Interval = TimeSpan.FromMilliseconds(50));
        await app.StartAsync();
        HealthReportEntry ready = await ReadyAsync(app, HealthStatus.Degraded);
        Assert.Contains($"'default': {journal} at 2: expected ", ready.Description);
        await app.StopAsync();
    }

    [Fact]
    public async Task The_engine_serves_the_last_request_and_stops_before_the_actor_system_ends()
    {
        List<string> order = [];
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication app = Build(_ => { });
        app.MapPost("/notes", async (ValoriEngine engine, IHostApplicationLifetime lifetime) =>
        {
            entered.SetResult();
            TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
            using CancellationTokenRegistration registration = lifetime.ApplicationStopping.Register(stopping.SetResult);
            await stopping.Task;
            await engine.InsertAsync(new float[] { 1, 2 });
            Add(order, "the last request was answered");
            return Results.Ok();
        });
        await app.StartAsync();
        ActorSystem system = app.Services.GetRequiredService<ActorSystem>();
        ValoriEngine open = app.Services.GetRequiredService<ValoriEngine>();
        _ = open.Gateway.WatchAsync().ContinueWith(_ => Add(order, "the engine stopped"), TaskScheduler.Default);
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseActorSystemTerminate, "note", () =>
        {
            Add(order, "the actor system ends");
            return Task.FromResult(Akka.Done.Instance);
        });
        using HttpClient client = new();
        Task<HttpResponseMessage> request = client.PostAsync($"{app.Urls.Single()}/notes", null);
        await entered.Task.WaitAsync(Patience);
        await app.StopAsync();
        Assert.True((await request.WaitAsync(Patience)).IsSuccessStatusCode);
        Assert.Equal(["the last request was answered", "the engine stopped", "the actor system ends"], order);

        await using ValoriEngine again = await ValoriEngine.OpenAsync(_directory.Path);
        Assert.Equal(1UL, await again.RecordCountAsync());

        static void Add(List<string> order, string what)
        {
            lock (order) order.Add(what);
        }
    }

    private WebApplication Build(Action<ValoriHostingOptions> configure)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddValori(valori =>
        {
            valori.DataDirectory = _directory.Path;
            valori.Collections["default"] = new() { Dimension = 2 };
            configure(valori);
        });
        return builder.Build();
    }

    private static async Task<HealthReport> CheckAsync(WebApplication app) => await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    /// <summary>What the check of readiness says when it has this status.</summary>
    private static async Task<HealthReportEntry> ReadyAsync(WebApplication app, HealthStatus status)
    {
        using CancellationTokenSource limit = new(Patience);
        using PeriodicTimer looks = new(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            HealthReportEntry ready = (await CheckAsync(app)).Entries[ValoriHosting.ReadyCheck];
            if (ready.Status == status) return ready;
            await looks.WaitForNextTickAsync(limit.Token);
        }
    }

    private static (string, HealthStatus)[] Statuses(HealthReport report) => [.. report.Entries.OrderBy(entry => entry.Key).Select(entry => (entry.Key, entry.Value.Status))];
}
