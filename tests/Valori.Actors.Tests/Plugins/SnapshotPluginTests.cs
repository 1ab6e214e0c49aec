using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Tests.Backends;
using Valori.Kernel;

namespace Valori.Actors.Tests.Plugins;

/// <summary>
/// What Akka.Persistence asks of a snapshot store, in its own messages: the cases of its test kit for plugins (Akka.Persistence.TCK,
/// SnapshotStoreSpec), and what Valori's stores refuse although that kit allows it. Snapshots of events 11 to 15 are there, a minute apart.
/// </summary>
public abstract class SnapshotPluginTests : IAsyncLifetime
{
    private const string Id = "valori-plugin";
    private const int Dimension = 2, First = 11, Last = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly DateTime Start = new(2026, 11, 28, 0, 0, 0, DateTimeKind.Utc);

    private readonly Backend _backend;
    private readonly string _pluginId;
    private readonly DurableView[] _saved = States(Dimension, recordsAnEvent: 1);
    private ActorSystem _system;

    protected SnapshotPluginTests(Backend backend, string pluginId)
    {
        (_backend, _pluginId) = (backend, pluginId);
        Directory.CreateDirectory(backend.DirectoryOf());
        _system = NewSystem();
    }

    public async Task InitializeAsync()
    {
        foreach (DurableView view in _saved) Assert.Equal(view.SequenceNr, (await SaveAsync(view)).SequenceNr);
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        _backend.Dispose();
    }

    [SkippableFact]
    public async Task Of_an_engine_that_has_none_none_is_loaded() =>
        Assert.Null(await LoadAsync(SnapshotSelectionCriteria.Latest, id: "valori-other"));

    [SkippableTheory]
    [InlineData(long.MaxValue, long.MaxValue, 15)]
    [InlineData(13, long.MaxValue, 13)]
    [InlineData(long.MaxValue, 13, 13)]
    [InlineData(12, 13, 12)]
    [InlineData(11, long.MaxValue, 11)]
    [InlineData(7, long.MaxValue, null)]
    [InlineData(long.MaxValue, 7, null)]
    public async Task The_newest_within_the_bounds_of_sequence_numbers_is_loaded(long criterion, long to, int? expected) =>
        await LoadsAsync(expected, new SnapshotSelectionCriteria(criterion), to);

    [SkippableFact]
    public async Task None_is_loaded_that_is_below_the_least_sequence_number()
    {
        await LoadsAsync(13, new SnapshotSelectionCriteria(13, DateTime.MaxValue, minSequenceNr: 13));
        await LoadsAsync(null, new SnapshotSelectionCriteria(20, DateTime.MaxValue, minSequenceNr: 16));
    }

    [SkippableFact]
    public async Task The_newest_within_a_bound_of_time_is_loaded()
    {
        await LoadsAsync(13, new SnapshotSelectionCriteria(13, TimeOf(13)));
        await LoadsAsync(13, new SnapshotSelectionCriteria(long.MaxValue, TimeOf(13)));
        await LoadsAsync(12, new SnapshotSelectionCriteria(long.MaxValue, TimeOf(13) - TimeSpan.FromTicks(1)));
        await LoadsAsync(12, new SnapshotSelectionCriteria(12, TimeOf(13)));
        await LoadsAsync(null, new SnapshotSelectionCriteria(long.MaxValue, TimeOf(First) - TimeSpan.FromTicks(1)));
    }

    [SkippableFact]
    public async Task One_is_deleted_by_its_sequence_number_if_no_time_is_named()
    {
        Assert.IsType<DeleteSnapshotSuccess>(await AskAsync(new DeleteSnapshot(new SnapshotMetadata(Id, 13, DateTime.MinValue))));
        await LoadsAsync(12, new SnapshotSelectionCriteria(13));
        await LoadsAsync(15, SnapshotSelectionCriteria.Latest);
    }

    [SkippableFact]
    public async Task What_was_loaded_can_be_deleted_by_what_the_load_said()
    {
        SelectedSnapshot loaded = (await LoadAsync(SnapshotSelectionCriteria.Latest))!;
        Assert.IsType<DeleteSnapshotSuccess>(await AskAsync(new DeleteSnapshot(loaded.Metadata)));
        await LoadsAsync(14, SnapshotSelectionCriteria.Latest);
    }

    [SkippableFact]
    public async Task All_within_the_bounds_of_sequence_number_and_time_are_deleted()
    {
        await DeleteAsync(new SnapshotSelectionCriteria(13, TimeOf(13)));
        await LoadsAsync(null, new SnapshotSelectionCriteria(13, TimeOf(13)));
        await LoadsAsync(14, new SnapshotSelectionCriteria(14, TimeOf(14)));
        await LoadsAsync(15, SnapshotSelectionCriteria.Latest);
    }

    [SkippableFact]
    public async Task One_that_is_later_than_the_time_is_not_deleted()
    {
        await DeleteAsync(new SnapshotSelectionCriteria(14, TimeOf(14) - TimeSpan.FromTicks(1)));
        await LoadsAsync(14, new SnapshotSelectionCriteria(14, TimeOf(14)));
        await LoadsAsync(null, new SnapshotSelectionCriteria(13));
    }

    [SkippableFact]
    public async Task Those_of_another_engine_are_not_deleted()
    {
        await DeleteAsync(SnapshotSelectionCriteria.Latest, "valori-other");
        await LoadsAsync(15, SnapshotSelectionCriteria.Latest);
    }

    [SkippableFact]
    public async Task One_of_the_same_sequence_number_takes_the_other_one_s_place()
    {
        DurableView other = States(Dimension, recordsAnEvent: 2)[^1];
        Assert.NotEqual(_saved[^1].View.StateHash, other.View.StateHash);
        await SaveAsync(other);
        Assert.Equal(other.View.StateHash, Assert.IsType<SnapshotContent>((await LoadAsync(SnapshotSelectionCriteria.Latest))!.Snapshot).Header.StateHash);
    }

    [SkippableFact]
    public async Task None_is_deleted_that_is_below_the_least_sequence_number()
    {
        await DeleteAsync(new SnapshotSelectionCriteria(long.MaxValue, DateTime.MaxValue, minSequenceNr: Last));
        await LoadsAsync(14, SnapshotSelectionCriteria.Latest);
    }

    [SkippableFact]
    public async Task A_large_one_is_loaded_as_it_was_saved()
    {
        DurableView large = States(dimension: 4096, recordsAnEvent: 10)[^1];
        await SaveAsync(large);
        SnapshotContent loaded = Assert.IsType<SnapshotContent>((await LoadAsync(SnapshotSelectionCriteria.Latest))!.Snapshot);
        Assert.Equal(large.ToSnapshotHeader() with { HistoryFrontier = null }, loaded.Header with { HistoryFrontier = null });
        Assert.Equal(large.ToSnapshotHeader().HistoryFrontier, loaded.Header.HistoryFrontier);
    }

    [SkippableFact]
    public async Task After_a_start_the_same_are_there()
    {
        await _system.Terminate();
        _system = NewSystem();
        await LoadsAsync(15, SnapshotSelectionCriteria.Latest);
        await LoadsAsync(11, new SnapshotSelectionCriteria(11));
    }

    /// <summary>The kit's snapshots are anything that has a serializer.</summary>
    [SkippableFact]
    public async Task What_is_not_an_engine_is_refused_by_its_type_and_changes_nothing()
    {
        foreach (long sequenceNr in new[] { Last, Last + 1 })
        {
            SaveSnapshotFailure failure = Assert.IsType<SaveSnapshotFailure>(await AskAsync(new SaveSnapshot(new SnapshotMetadata(Id, sequenceNr, Start), "a text")));
            Assert.Contains("this store keeps only Valori engines, not String", failure.Cause.Message);
            await LoadsAsync(15, SnapshotSelectionCriteria.Latest);
        }
    }

    private static DateTime TimeOf(int sequenceNr) => Start.AddMinutes(sequenceNr);

    /// <summary>An engine's states after events 11 to 15.</summary>
    private static DurableView[] States(int dimension, int recordsAnEvent)
    {
        ValoriKernel kernel = new(dimension);
        History history = new();
        List<DurableView> states = [];
        for (int sequenceNr = 1; sequenceNr <= Last; sequenceNr++)
        {
            VectorBlock vectors = VectorBlock.FromComponents(dimension, [.. Enumerable.Range(0, recordsAnEvent * dimension).Select(i => (i + sequenceNr) % 100 / 8f)]).Value!;
            kernel.Apply(kernel.Decide(new Protocol.InsertRecords(vectors, new ulong[recordsAnEvent])).Value!);
            long microseconds = (TimeOf(sequenceNr) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            history.Extend(microseconds, kernel.StateHash, kernel.Mark());
            if (sequenceNr >= First) states.Add(new DurableView(kernel.TakeView(), history, sequenceNr, microseconds, history.Chain, 1, MemoryBytes: 0, IsInsideRestore: false));
        }
        return [.. states];
    }

    private ActorSystem NewSystem()
    {
        Config own = ConfigurationFactory.ParseString($$"""
            valori.data-directory = {{HoconFile.Quote(_backend.DirectoryOf())}}
            valori.snapshots.keep = 10
            """).WithFallback(_backend.Configuration);
        return ActorSystem.Create($"test-{Guid.NewGuid():N}", own.WithFallback(ReferenceConfig.FallbackFor(own)));
    }

    private Task<object> AskAsync(object message) => Persistence.Instance.Apply(_system).SnapshotStoreFor(_pluginId).Ask(message, Patience);

    private async Task<SnapshotMetadata> SaveAsync(DurableView view) =>
        Assert.IsType<SaveSnapshotSuccess>(await AskAsync(new SaveSnapshot(new SnapshotMetadata(Id, view.SequenceNr, view.Time.UtcDateTime), view))).Metadata;

    private async Task DeleteAsync(SnapshotSelectionCriteria criteria, string id = Id) =>
        Assert.Equal(criteria, Assert.IsType<DeleteSnapshotsSuccess>(await AskAsync(new DeleteSnapshots(id, criteria))).Criteria);

    private async Task<SelectedSnapshot?> LoadAsync(SnapshotSelectionCriteria criteria, long to = long.MaxValue, string id = Id)
    {
        LoadSnapshotResult result = Assert.IsType<LoadSnapshotResult>(await AskAsync(new LoadSnapshot(id, criteria, to)));
        Assert.Equal(to, result.ToSequenceNr);
        return result.Snapshot;
    }

    /// <summary>What is loaded is the snapshot of that event, with its state, or nothing.</summary>
    private async Task LoadsAsync(int? expected, SnapshotSelectionCriteria criteria, long to = long.MaxValue)
    {
        SelectedSnapshot? loaded = await LoadAsync(criteria, to);
        Assert.Equal(expected, (int?)loaded?.Metadata.SequenceNr);
        if (loaded is null) return;
        Assert.Equal(Id, loaded.Metadata.PersistenceId);
        SnapshotContent content = Assert.IsType<SnapshotContent>(loaded.Snapshot);
        Digest saved = _saved[expected!.Value - First].View.StateHash;
        Assert.Equal((saved, saved), (content.Header.StateHash, content.Kernel.StateHash));
    }
}

public sealed class SnapshotPluginOnFilesTests() : SnapshotPluginTests(new SqliteBackend(), "valori.snapshot-store");

public sealed class SnapshotPluginInATableOfSqliteTests() : SnapshotPluginTests(new SqliteBackend(), "valori.sql-snapshot-store");

public sealed class SnapshotPluginInATableOfPostgreSqlTests() : SnapshotPluginTests(new PostgreSqlBackend(), "valori.sql-snapshot-store");
