using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Akka.Persistence.Sql;
using Valori.Actors.Settings;

namespace Valori.Actors.Tests.Facade;

/// <summary>The files of hocon/ have no setting that nobody reads, and work as they are. PostgreSQL: <see cref="PostgreSql.PostgreSqlTests"/>.</summary>
public sealed partial class HoconFileTests : IDisposable
{
    private const string Quiet = "akka.loglevel = OFF\nakka.stdout-loglevel = OFF\n";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("embedded.conf")]
    [InlineData("postgresql.conf")]
    [InlineData("remote.conf")]
    public async Task Every_setting_also_a_commented_one_exists_in_a_reference(string file)
    {
        Config settings = ConfigurationFactory.ParseString(CommentedSetting().Replace(HoconFile.Text(file), "$1"));
        ActorSystem system = ActorSystem.Create("reference", Quiet + "akka.actor.provider = remote\nakka.remote.dot-netty.tcp.port = 0\nakka.remote.dot-netty.tcp.hostname = \"127.0.0.1\"");
        Config known = ReferenceConfig.FallbackFor(Config.Empty).WithFallback(system.Settings.Config).WithFallback(Akka.Streams.ActorMaterializer.DefaultConfig());
        await system.Terminate();

        string[] paths = [.. Leaves(settings.Root.GetObject(), "")];
        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.True(known.HasPath(path) || known.HasPath(PluginPath(path)), $"{file}: nobody reads {path}"));

        // The journal's section is handed to Akka.Persistence.Sql, which has more settings than Valori's reference.
        static string PluginPath(string path) => path.Replace("valori.journal.", "akka.persistence.journal.sql.", StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_nobody_reads_would_be_noticed()
    {
        Config known = ReferenceConfig.FallbackFor(Config.Empty).WithFallback(SqlPersistence.DefaultConfiguration);
        string[] paths = [.. Leaves(ConfigurationFactory.ParseString("valori { jurnal.provider-name = x, snapshots { keep = 3 } }").Root.GetObject(), "")];
        Assert.Equal(["valori.jurnal.provider-name"], paths.Where(path => !known.HasPath(path)));
    }

    [Fact]
    public async Task Embedded_conf_says_what_the_reference_says_and_works()
    {
        Config reference = ReferenceConfig.FallbackFor(Config.Empty), file = HoconFile.Parse("embedded.conf");
        foreach (string path in Leaves(file.GetConfig("valori").Root.GetObject(), "valori."))
            Assert.Equal(reference.GetString(path), file.GetString(path));

        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2, Configuration = Quieted(file) });
        RecordId id = await engine.InsertAsync(new float[] { 1, 2 });
        Assert.Equal(new SearchHit(id, 0), Assert.Single(await engine.SearchAsync(new float[] { 1, 2 }, 1)));
    }

    [Fact]
    public async Task Remote_conf_serves_both_sides_and_carries_messages_up_to_its_frame_size()
    {
        Config file = Quieted(HoconFile.Parse("remote.conf"), "akka.remote.dot-netty.tcp.port = 0\n");
        Config data = ConfigurationFactory.ParseString($"valori.data-directory = {ReferenceConfig.Quote(_directory.Path)}");
        ActorSystem server = ActorSystem.Create("valori", data.WithFallback(file)), client = ActorSystem.Create("client", file);
        try
        {
            ValoriExtension.Get(server);
            Address address = ((ExtendedActorSystem)server).Provider.DefaultAddress;
            await using ValoriEngine engine = await ValoriEngine.ConnectAsync(client, address, "notes", schema: 768);
            // 2,600 narrow vectors of 768 components are 3.99 MB of the 4.19 MB of a frame.
            Assert.Equal(2600, (await engine.InsertBatchAsync(new float[2600 * 768], new ulong[2600])).Count);
            await engine.RestoreAsync(await File.ReadAllBytesAsync(await engine.SaveAsync()));
            Assert.Equal(2600, (await engine.SearchAsync(new float[768], 3000)).Count);
        }
        finally
        {
            await client.Terminate();
            await server.Terminate();
        }
    }

    private static Config Quieted(Config file, string more = "") => ConfigurationFactory.ParseString(Quiet + more).WithFallback(file);

    private static IEnumerable<string> Leaves(HoconObject from, string prefix) => from.Items.SelectMany(item => item.Value.IsObject()
        ? Leaves(item.Value.GetObject(), $"{prefix}{item.Key}.")
        : [prefix + item.Key]);

    [GeneratedRegex(@"^(\s*)# (?=[a-z.-]+ = )", RegexOptions.Multiline)]
    private static partial Regex CommentedSetting();
}
