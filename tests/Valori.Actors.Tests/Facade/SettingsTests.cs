using Akka.Configuration;
using Valori.Actors.Text;

namespace Valori.Actors.Tests.Facade;

/// <summary>What an application sets under <c>valori</c> is known and has a value of its type, or is refused with its whole path.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("valori.max-bach-bytes = 5", "valori.max-bach-bytes is not a setting: did you mean valori.max-batch-bytes?")]
    [InlineData("valori.maxBatchBytes = 5", "valori.maxBatchBytes is not a setting: did you mean valori.max-batch-bytes?")]
    [InlineData("valori.Journal.parallelism = 1", "valori.Journal is not a setting: did you mean valori.journal?")]
    [InlineData("valori { jurnal.provider-name = x }", "valori.jurnal is not a setting: did you mean valori.journal?")]
    [InlineData("valori.replay-bytes = 5", "valori.replay-bytes is not a setting: did you mean valori.journal.replay-bytes?")]
    [InlineData("valori.snapshots.kepe = 5", "valori.snapshots.kepe is not a setting: did you mean valori.snapshots.keep?")]
    [InlineData("valori.snapshots.colour = 5", "valori.snapshots.colour is not a setting: valori.snapshots has after-journal-bytes, after-state-fraction, keep")]
    [InlineData("valori.journal.circuit-breaker.call-timout = 5s", "valori.journal.circuit-breaker.call-timout is not a setting: did you mean valori.journal.circuit-breaker.call-timeout?")]
    [InlineData("valori.journal.connectionstring = x", "valori.journal.connectionstring is not a setting: did you mean valori.journal.connection-string?")]
    [InlineData("valori.journal-dispatcher.dedicated-thread-pool.threads = 5", "valori.journal-dispatcher.dedicated-thread-pool.threads is not a setting")]
    [InlineData("valori.query-actors { n = 5 }", "valori.query-actors is null, a list or a section; it must be a text")]
    [InlineData("valori.snapshots = 5", "valori.snapshots is \"5\"; it must be a section with after-journal-bytes, after-state-fraction, keep")]
    [InlineData("valori = 5", "valori is \"5\"; it must be a section: valori { ... }")]
    [InlineData("valori.max-batch-bytes = null", "valori.max-batch-bytes is null, a list or a section; it must be a text")]
    [InlineData("valori.max-batch-bytes = abc", "valori.max-batch-bytes is \"abc\"; it must be a whole number of at least 1")]
    [InlineData("valori.max-batch-bytes = 64 MiB", "valori.max-batch-bytes is \"64 MiB\"; it must be a whole number")]
    [InlineData("valori.max-batch-bytes = 0", "valori.max-batch-bytes is \"0\"; it must be a whole number of at least 1")]
    [InlineData("valori.max-bytes-in-flight = -1", "valori.max-bytes-in-flight is \"-1\"; it must be a whole number of at least 1")]
    [InlineData("valori.max-bytes-in-flight = 0", "valori.max-bytes-in-flight is \"0\"; it must be a whole number of at least 1")]
    [InlineData("valori.scrub.bytes-per-second = -1", "valori.scrub.bytes-per-second is \"-1\"; it must be a whole number of at least 1")]
    [InlineData("valori.scrub.bytes-per-second = 0", "valori.scrub.bytes-per-second is \"0\"; it must be a whole number of at least 1")]
    [InlineData("valori.max-queries-waiting = 2147483648", "valori.max-queries-waiting is \"2147483648\"; it must be a whole number of at least 1")]
    [InlineData("valori.query-actors = -1", "valori.query-actors is \"-1\"; it must be a whole number")]
    [InlineData("valori.remembered-requests = 1e3", "valori.remembered-requests is \"1e3\"; it must be a whole number")]
    [InlineData("valori.request-timeout = 0s", "valori.request-timeout is \"0s\"; it must be a time from 1ms to 24d, such as 10s, 200ms or 5m")]
    [InlineData("valori.request-timeout = infinite", "valori.request-timeout is \"infinite\"; it must be a time")]
    [InlineData("valori.request-timeout = 25d", "valori.request-timeout is \"25d\"; it must be a time from 1ms to 24d")]
    [InlineData("valori.stop-timeout = -5s", "valori.stop-timeout is \"-5s\"; it must be a time")]
    [InlineData("valori.as-of-retention = 10 parsecs", "valori.as-of-retention is \"10 parsecs\"; it must be a time")]
    [InlineData("valori.as-of-retention = NaN", "valori.as-of-retention is \"NaN\"; it must be a time")]
    [InlineData("valori { as-of-retention = 1h, journal-retention = snapshots }", "valori.as-of-retention is \"1h\"; it must be 0s if valori.journal-retention is \"snapshots\"")]
    [InlineData("valori.past.forget-after = soon", "valori.past.forget-after is \"soon\"; it must be never, or a time from 0ms to 24d, such as 10s, 200ms or 5m")]
    [InlineData("valori.past.forget-after = 25d", "valori.past.forget-after is \"25d\"; it must be never, or a time from 0ms to 24d")]
    [InlineData("valori { as-of-retention = 1h, past.forget-after = 59m }", "valori.past.forget-after is \"59m\"; it must be never, or at least valori.as-of-retention")]
    [InlineData("valori.past.free-bytes = 0", "valori.past.free-bytes is \"0\"; it must be a whole number of at least 1")]
    [InlineData("valori.past.free-fraction = -1", "valori.past.free-fraction is \"-1\"; it must be a number from 0 to ")]
    [InlineData("valori.journal-retention = snapshot", "valori.journal-retention is \"snapshot\"; it must be \"all\" or \"snapshots\"")]
    [InlineData("valori.index.build = sometimes", "valori.index.build is \"sometimes\"; it must be \"on-demand\" or \"always\" or \"never\"")]
    [InlineData("valori.index.min-records = 0", "valori.index.min-records is \"0\"; it must be a whole number of at least 1")]
    [InlineData("valori.index.growth-percent = 1001", "valori.index.growth-percent is \"1001\"; it must be a whole number from 1 to 1000")]
    [InlineData("valori.index.threads = -1", "valori.index.threads is \"-1\"; it must be a whole number")]
    [InlineData("valori.index.degree = 129", "valori.index.degree is \"129\"; it must be a whole number from 4 to 128")]
    [InlineData("valori.index.build-beam = 7", "valori.index.build-beam is \"7\"; it must be a whole number from 8 to 1024")]
    [InlineData("valori.index.alpha-percent = 99", "valori.index.alpha-percent is \"99\"; it must be a whole number from 100 to 400")]
    [InlineData("valori.index.minimum-records = 5", "valori.index.minimum-records is not a setting")]
    [InlineData("valori.restart-backoff.minimum = 20s", "valori.restart-backoff.maximum is \"10s\"; it must be a time from 20s to 24d")]
    [InlineData("valori.restart-backoff.random-factor = 1.5", "valori.restart-backoff.random-factor is \"1.5\"; it must be a number from 0 to 1")]
    [InlineData("valori.snapshots.after-state-fraction = \"0.5\\u0000\"", "valori.snapshots.after-state-fraction is \"0.5\0\"; it must be a number")]
    [InlineData("valori.snapshots.after-state-fraction = NaN", "valori.snapshots.after-state-fraction is \"NaN\"; it must be a number")]
    [InlineData("valori.snapshots.keep = 1", "valori.snapshots.keep is \"1\"; it must be a whole number of at least 2")]
    [InlineData("valori.snapshots.keep = -1", "valori.snapshots.keep is \"-1\"; it must be a whole number of at least 2")]
    [InlineData("valori.journal.replay-bytes = 0", "valori.journal.replay-bytes is \"0\"; it must be a whole number of at least 1")]
    [InlineData("valori.journal.replay-bytes = many", "valori.journal.replay-bytes is \"many\"; it must be a whole number of at least 1")]
    [InlineData("valori.journal.circuit-breaker.call-timeout = soon", "valori.journal.circuit-breaker.call-timeout is \"soon\"; it must be a time")]
    [InlineData("valori.journal.auto-initialize = maybe", "valori.journal.auto-initialize is \"maybe\"; it must be on or off")]
    [InlineData("valori.journal.tag-write-mode = Csvv", "valori.journal.tag-write-mode is \"Csvv\"; it must be one of Csv, TagTable, Both")]
    [InlineData("valori.journal.replay-filter.mode = fial", "valori.journal.replay-filter.mode is \"fial\"; it must be one of off, fail")]
    [InlineData("valori.journal-plugin-id = valori.jurnal", "valori.journal-plugin-id is \"valori.jurnal\"; it must be the path of a section with a class")]
    [InlineData("valori.journal.class = \"Nope, Nope\"", "valori.journal.class is \"Nope, Nope\"; it must be an existing class")]
    [InlineData("valori.snapshot-store-plugin-id = \"\"", "valori.snapshot-store-plugin-id is \"\"; it must be the path of a section with a class")]
    [InlineData("valori.http.host = [db]", "valori.http.host is not a setting: did you mean valori.http.hosts?")]
    [InlineData("valori.http.hosts = db.internal", "valori.http.hosts is \"db.internal\"; it must be a list of texts that are not empty, such as [\"a\", \"b\"]")]
    [InlineData("valori.http.hosts = [db, [internal]]", "valori.http.hosts is null, a list or a section; it must be a list of texts that are not empty")]
    [InlineData("valori.http.hosts = [\"\"]", "valori.http.hosts is null, a list or a section; it must be a list of texts that are not empty")]
    [InlineData("valori.http.max-bytes-in-flight = -1", "valori.http.max-bytes-in-flight is \"-1\"; it must be a whole number of at least 0")]
    public async Task A_setting_that_is_unknown_or_wrong_stops_the_start_with_its_path_and_value(string hocon, string message)
    {
        ConfigurationException error = await Assert.ThrowsAsync<ConfigurationException>(() => OpenAsync(hocon));
        Assert.StartsWith(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Theory]
    [InlineData("valori.journal.sqlite.journal.table-name = event_journal")]
    [InlineData("valori.journal.sqlite.tag.table-name = tags")]
    [InlineData("valori.journal { replay-filter.max-old-writers = 3, warn-on-auto-init-fail = false, initialization-retry-delay = 2s }")]
    [InlineData("valori.snapshot-store.snapshot-is-optional = off")]
    [InlineData("valori.query-dispatcher { type = ForkJoinDispatcher, throughput = 5, dedicated-thread-pool { thread-count = 2, threadtype = background } }")]
    [InlineData("valori { request-timeout = 1500, stop-timeout = 0.5s, restart-backoff.random-factor = 0, query-actors = 0, max-memory-bytes = 0 }")]
    [InlineData("valori { snapshot-store-plugin-id = \"akka.persistence.snapshot-store.inmem\" }")]
    [InlineData("valori { snapshot-store-plugin-id = \"valori.mine\", mine { class = \"Akka.Persistence.Snapshot.MemorySnapshotStore, Akka.Persistence\", colour = red } }")]
    [InlineData("valori.http { hosts = [db.internal, \"*\"], max-bytes-in-flight = 0 }")]
    [InlineData("valori.http.hosts = []")]
    public async Task A_setting_of_a_plugin_or_a_dispatcher_is_known_too(string hocon)
    {
        await using ValoriEngine engine = await OpenAsync(hocon);
        RecordId id = await engine.InsertAsync(new float[] { 1, 2 });
        Assert.Equal(id, Assert.Single(await engine.SearchAsync(new float[] { 1, 2 }, k: 5)).Id);
    }

    [Fact]
    public async Task A_client_s_settings_are_checked_too()
    {
        Akka.Actor.ActorSystem system = Akka.Actor.ActorSystem.Create("client", "akka.loglevel = OFF\nakka.stdout-loglevel = OFF\nvalori.request-timout = 5s");
        try
        {
            ConfigurationException error = await Assert.ThrowsAsync<ConfigurationException>(
                () => ValoriEngine.ConnectAsync(system, Akka.Actor.Address.Parse("akka.tcp://valori@127.0.0.1:1")));
            Assert.Equal("valori.request-timout is not a setting: did you mean valori.request-timeout?", error.Message);
        }
        finally
        {
            await system.Terminate();
        }
    }

    [Theory]
    [InlineData("with a space at its end ")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("a\tb\"c\\d$e#f//g")]
    public async Task A_directory_s_name_is_taken_to_the_letter(string name)
    {
        string path = Path.Combine(_directory.Path, name);
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(path, new ValoriOptions { Dimension = 2 }))
        {
            await engine.InsertAsync(new float[] { 1, 2 });
            await engine.SaveAsync();
        }
        Assert.True(File.Exists(Path.Combine(path, "journal.db")), path);
        Assert.Single(Directory.GetFiles(Path.Combine(path, "snapshots")));
    }

    [Theory]
    [InlineData("tagg", "tag")]
    [InlineData("gat", null)]
    [InlineData("Tag", "tag")]
    [InlineData("filterTag", "filter_tag")]
    [InlineData("dimensions", "dimension")]
    [InlineData("vetcor", "vector")]
    [InlineData("colour", null)]
    [InlineData("", null)]
    public void The_nearest_word_is_one_with_few_slips(string word, string? nearest) =>
        Assert.Equal(nearest, Spelling.Nearest(word, ["vector", "vectors", "tag", "filter_tag", "k", "dimension"]));

    private Task<ValoriEngine> OpenAsync(string hocon) => ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions
    {
        Dimension = 2,
        Configuration = ConfigurationFactory.ParseString("akka.loglevel = OFF\nakka.stdout-loglevel = OFF\n" + hocon),
    });
}
