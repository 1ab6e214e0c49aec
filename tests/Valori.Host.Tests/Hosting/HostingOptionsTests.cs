using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Valori.Actors.Settings;

namespace Valori.Host.Tests.Hosting;

/// <summary>What is wrong with options stops the start of the host, and the message names it.</summary>
public sealed class HostingOptionsTests : IDisposable
{
    // Sections of plugins, threads and the service, which are set by HOCON.
    private static readonly string[] HoconOnly =
    [
        "http.", "read-journal.", "snapshot-store.", "sql-snapshot-store.", "engine-dispatcher.", "query-dispatcher.", "costly-query-dispatcher.",
        "journal-dispatcher.", "snapshot-dispatcher.", "journal-plugin-id", "read-journal-plugin-id",
        "journal.class", "journal.plugin-dispatcher", "journal.materializer-dispatcher", "journal.tag-write-mode", "journal.parallelism", "journal.replay-bytes",
        "journal.read-isolation-level", "journal.replay-filter.", "journal.recovery-event-timeout", "journal.circuit-breaker.",
    ];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("Valori:DataDirectry", "x", "Valori:DataDirectry is not a setting of Valori: did you mean Valori:DataDirectory?")]
    [InlineData("Valori:Past:ForgetAfer", "00:01:00", "Valori:Past:ForgetAfer is not a setting of Valori: did you mean Valori:Past:ForgetAfter?")]
    [InlineData("Valori:Collections:notes:Dimensions", "3", "Valori:Collections:notes:Dimensions is not a setting of Valori: did you mean Valori:Collections:notes:Dimension?")]
    [InlineData("Valori:Collections:notes:Colour", "red", "Valori:Collections:notes:Colour is not a setting of Valori: there are Dimension, Metric, Scale, Create")]
    [InlineData("Valori:Time", "noon", "Valori:Time is not a setting of Valori: there are DataDirectory, ")]
    public async Task A_misspelt_key_of_the_configuration_is_refused_by_name(string key, string value, string expected) =>
        Assert.StartsWith(expected, await RefusalAsync(configuration: (key, value)));

    [Theory]
    [InlineData("Valori:QueryActors", "5000", "QueryActors: valori.query-actors is \"5000\"; it must be ")]
    [InlineData("Valori:QueryActors", "-1", "QueryActors: valori.query-actors is \"-1\"; it must be ")]
    [InlineData("Valori:Snapshots:Keep", "1", "Snapshots.Keep: valori.snapshots.keep is \"1\"; it must be ")]
    [InlineData("Valori:Index:BuildBeam", "4", "Index.BuildBeam: valori.index.build-beam is \"4\"; it must be ")]
    [InlineData("Valori:JournalRetention", "7", "JournalRetention: valori.journal-retention is \"7\"; it must be ")]
    [InlineData("Valori:JournalRetention", "some", "'some' at 'Valori:JournalRetention' is not possible: there are All, Snapshots")]
    [InlineData("Valori:Index:Build", "on-demand", "'on-demand' at 'Valori:Index:Build' is not possible: there are OnDemand, Always, Never")]
    [InlineData("Valori:Journal:Provider", "SQLite.MS", "Valori:Journal:Provider is not a setting of Valori: ")]
    [InlineData("Valori:Collections:Notes:Dimension", "3", "Collections:Notes is not the name of a collection: it must be 1 to 64 of a-z")]
    [InlineData("Valori:Collections:notes:Dimension", "0", "Collections:notes: dimension is 0; it must be ")]
    [InlineData("Valori:Collections:notes:Scale", "3", "Collections:notes: ")]
    [InlineData("Valori:Hocon", "valori.query-actor = 3", "QueryActors: valori.query-actor is not a setting: did you mean valori.query-actors?")]
    [InlineData("Valori:Hocon", "valori { a { b = c }, d = 1 }", "Hocon cannot be read: ")]
    public async Task A_value_that_is_not_possible_is_refused_with_the_setting_and_the_value(string key, string value, string expected) =>
        Assert.StartsWith(expected, await RefusalAsync(configuration: (key, value)));

    [Theory]
    [InlineData("Valori:QueryActors", "many")]
    [InlineData("Valori:RequestTimeout", "soon")]
    [InlineData("Valori:Collections:notes:Metric", "Manhattan")]
    public async Task A_value_of_another_type_is_refused_with_the_key_and_the_value(string key, string value)
    {
        string refusal = await RefusalAsync((key, value));
        Assert.Contains($"'{value}' at '{key}'", refusal);
    }

    [Fact]
    public async Task Without_a_data_directory_nothing_starts()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddValori(_ => { });
        using IHost host = builder.Build();
        OptionsValidationException e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.StartsWith("DataDirectory: valori.data-directory is empty, but the journal or the snapshot store keeps files there: set it", Assert.Single(e.Failures));
    }

    /// <summary>If this fails, a setting of reference.conf has no option, or an option no setting: add it to ValoriHostingOptions, by the same name.</summary>
    [Fact]
    public void The_options_are_the_settings_of_reference_conf() => Assert.Equal(
        Leaves(ReferenceConfig.Reference.GetConfig("valori"), "valori.")
            .Where(path => !HoconOnly.Any(only => path["valori.".Length..].StartsWith(only, StringComparison.Ordinal)))
            .Append("valori.journal.connection-string") // It follows from the data directory, and stands there as a comment.
            .Order(StringComparer.Ordinal),
        HostingHocon.Names.Select(name => name.Setting).Order(StringComparer.Ordinal));

    [Fact]
    public void Options_are_written_as_hocon_in_the_units_of_reference_conf()
    {
        ValoriHostingOptions options = new() { DataDirectory = "data", MaxMemoryBytes = 1 << 20, RequestTimeout = TimeSpan.FromSeconds(1.5), Hocon = "valori { query-actors = 2, max-memory-bytes = 5 }" };
        options.Snapshots.AfterStateFraction = 0.25;
        options.Past.ForgetAfter = TimeSpan.Zero;
        (options.JournalRetention, options.RemotePeers, options.Index.Build) = (JournalRetention.Snapshots, RemoteTrust.Trusted, IndexBuild.OnDemand);
        Akka.Configuration.Config config = options.ToConfig();
        Assert.Equal(Path.GetFullPath("data"), config.GetString("valori.data-directory"));
        Assert.Equal((1L << 20, 2), (config.GetLong("valori.max-memory-bytes"), config.GetInt("valori.query-actors")));
        Assert.Equal((TimeSpan.FromSeconds(1.5), 0.25), (config.GetTimeSpan("valori.request-timeout"), config.GetDouble("valori.snapshots.after-state-fraction")));
        Assert.Equal("0ms", config.GetString("valori.past.forget-after"));
        Assert.Equal(
            ("snapshots", "trusted", "on-demand"),
            (config.GetString("valori.journal-retention"), config.GetString("valori.remote-peers"), config.GetString("valori.index.build")));
        Assert.False(config.HasPath("valori.scrub.interval"));
    }

    private async Task<string> RefusalAsync((string Key, string Value) configuration)
    {
        OptionsValidationException e = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(configuration.Key, configuration.Value));
        Assert.False(Directory.Exists(DataPath), "what is refused made a directory");
        return Assert.Single(e.Failures);
    }

    private string DataPath => Path.Combine(_directory.Path, "data");

    private async Task StartAsync(string key, string value)
    {
        HostApplicationBuilder builder = Builder();
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create(key, (string?)value)]);
        builder.Services.AddValori(builder.Configuration.GetSection("Valori"), valori => valori.DataDirectory = DataPath);
        using IHost host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();
    }

    private static HostApplicationBuilder Builder()
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        return builder;
    }

    private static IEnumerable<string> Leaves(Akka.Configuration.Config section, string path) => section.Root.GetObject().Items.SelectMany(
        item => item.Value.IsObject() ? Leaves(section.GetConfig(item.Key), $"{path}{item.Key}.") : [path + item.Key]);
}
