using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Persistence.Sql.Journal;
using Valori.Actors.Files;
using Valori.Actors.Text;
using Valori.Kernel.Proximity;

namespace Valori.Actors.Settings;

/// <summary>The settings under <c>valori</c> (reference.conf), read once.</summary>
internal sealed partial class ValoriSettings
{
    public const string EngineDispatcher = "valori.engine-dispatcher";
    public const string QueryDispatcher = "valori.query-dispatcher";
    public const string CostlyQueryDispatcher = "valori.costly-query-dispatcher";
    public const string RestoreDispatcher = "valori.snapshot-dispatcher";

    private const string PersistenceIdPrefix = "valori-";
    /// <summary>Journals that are cut keep the events after the second newest snapshot.</summary>
    public const int MinimumSnapshotsKept = 2;

    private const int MaximumQueryActors = 1_024;

    private static readonly TimeSpan ShortestTime = TimeSpan.FromMilliseconds(1);

    public ValoriSettings(Config root)
    {
        Config config = root.GetConfig("valori");
        SettingReader valori = new(config, "valori");
        DataDirectory = valori.Text("data-directory") is { Length: > 0 } directory ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) : null;
        JournalPluginId = PluginOf(root, valori, "journal-plugin-id");
        ReadJournalPluginId = PluginOf(root, valori, "read-journal-plugin-id");
        SnapshotPluginId = PluginOf(root, valori, "snapshot-store-plugin-id");
        QueryActors = valori.Int32("query-actors", 0, MaximumQueryActors) is > 0 and var actors ? actors : Environment.ProcessorCount;
        CostlyQueryActors = valori.Int32("costly-queries.actors", 0, MaximumQueryActors) is > 0 and var costly ? costly : Math.Max(1, Environment.ProcessorCount / 2);
        MaximumCostlyQueriesWaiting = valori.Int32("costly-queries.max-waiting", 1);
        MaximumQueriesWaiting = valori.Int32("max-queries-waiting", 1);
        MaximumBytesInFlight = valori.WholeNumber("max-bytes-in-flight", 1);
        MaximumBatchBytes = valori.WholeNumber("max-batch-bytes", 1);
        MaximumMemoryBytes = valori.WholeNumber("max-memory-bytes", 0) is > 0 and var bytes ? bytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;
        SnapshotPolicy = new SnapshotPolicy(valori.WholeNumber("snapshots.after-journal-bytes", 1), valori.Number("snapshots.after-state-fraction", 0, 1_000_000));
        valori.Int32("snapshots.keep", MinimumSnapshotsKept);
        DropsJournal = DropsJournalOf(config);
        AsOfRetention = valori.Duration("as-of-retention", TimeSpan.Zero, TimeSpan.FromDays(36_500));
        if (AsOfRetention > TimeSpan.Zero && DropsJournal) throw valori.Wrong("as-of-retention", "0s if valori.journal-retention is \"snapshots\"");
        Past = PastPolicyOf(valori);
        StopTimeout = valori.Duration("stop-timeout", ShortestTime, SettingReader.LongestTimer);
        Scrub = new ScrubSettings(valori.Duration("scrub.interval", TimeSpan.Zero, SettingReader.LongestTimer), valori.WholeNumber("scrub.bytes-per-second", 1));
        Index = IndexSettingsOf(valori);
        RememberedRequests = valori.Int32("remembered-requests", 1);
        RequestTimeout = RequestTimeoutOf(root);
        StorageAnswerTimeout = valori.Duration("storage-answer-timeout", ShortestTime, SettingReader.LongestTimer);
        MinimumBackoff = valori.Duration("restart-backoff.minimum", ShortestTime, SettingReader.LongestTimer);
        MaximumBackoff = valori.Duration("restart-backoff.maximum", MinimumBackoff, SettingReader.LongestTimer);
        BackoffRandomFactor = valori.Number("restart-backoff.random-factor", 0, 1);
        UsesSnapshotFiles = Type.GetType(root.GetString(SnapshotPluginId + ".class") ?? "")?.IsAssignableTo(typeof(IKeepsSnapshotFiles)) ?? false;
        UsesSqliteFile = JournalPluginId == "valori.journal"
            && Type.GetType(root.GetString("valori.journal.class") ?? "")?.IsAssignableTo(typeof(SqlWriteJournal)) == true
            && root.GetString("valori.journal.provider-name")?.StartsWith("SQLite", StringComparison.OrdinalIgnoreCase) == true
            && DataDirectory is not null
            && root.GetString("valori.journal.connection-string") == ReferenceConfig.SqliteConnectionString(DataDirectory);
        DropsEngines = Type.GetType(root.GetString(JournalPluginId + ".class") ?? "")?.IsAssignableTo(typeof(IDropsEngines)) ?? false;
        bool needsDirectory = UsesSnapshotFiles || string.IsNullOrEmpty(root.GetString(JournalPluginId + ".connection-string", "none"));
        if (DataDirectory is null && needsDirectory)
        {
            throw new ConfigurationException(
                "valori.data-directory is empty, but the journal or the snapshot store keeps files there: "
                + "set it (serve, verify, log and info take it from --data too), or select other plugins (hocon/postgresql.conf in Valori's repository)");
        }
    }

    /// <summary>Absolute; null if no plugin keeps files.</summary>
    public string? DataDirectory { get; }

    public string JournalPluginId { get; }

    public string ReadJournalPluginId { get; }

    public string SnapshotPluginId { get; }

    /// <summary>Of all engines together.</summary>
    public int QueryActors { get; }

    /// <summary>Of all engines together, beside those.</summary>
    public int CostlyQueryActors { get; }

    /// <summary>Of one engine.</summary>
    public int MaximumCostlyQueriesWaiting { get; }

    public int MaximumQueriesWaiting { get; }

    public long MaximumBytesInFlight { get; }

    public long MaximumBatchBytes { get; }

    /// <summary>What all engines may take of memory together.</summary>
    public long MaximumMemoryBytes { get; }

    public SnapshotPolicy SnapshotPolicy { get; }

    /// <summary>Whether events that verified snapshots cover are dropped.</summary>
    public bool DropsJournal { get; }

    /// <summary>How far past states must be in reach after a restart; zero for back to the newest snapshot.</summary>
    public TimeSpan AsOfRetention { get; }

    /// <summary>How long the past stays in memory while an engine runs.</summary>
    public PastPolicy Past { get; }

    /// <summary>How long an engine that stops may take to finish what is pending.</summary>
    public TimeSpan StopTimeout { get; }

    public int RememberedRequests { get; }

    /// <summary>When and how proximity graphs are built.</summary>
    public IndexSettings Index { get; }

    /// <summary>How everything on disk is proven in the background.</summary>
    public ScrubSettings Scrub { get; }

    public TimeSpan RequestTimeout { get; }

    /// <summary>How long opening an engine waits until journal and snapshot store answer at all.</summary>
    public TimeSpan StorageAnswerTimeout { get; }

    public TimeSpan MinimumBackoff { get; }

    public TimeSpan MaximumBackoff { get; }

    /// <summary>By how much of itself a backoff may be longer, so that many engines do not ask a database all at once.</summary>
    public double BackoffRandomFactor { get; }

    /// <summary>Whether the journal is the SQLite file in the data directory.</summary>
    public bool UsesSqliteFile { get; }

    /// <summary>Whether the journal can let a whole collection go.</summary>
    public bool DropsEngines { get; }

    /// <summary>Whether snapshots are files in the data directory.</summary>
    public bool UsesSnapshotFiles { get; }

    /// <summary>Where the bytes of a restore wait until they are verified and journaled.</summary>
    public string SpoolDirectory => DataDirectory ?? Path.GetTempPath();

    public static string PersistenceIdOf(string name) => PersistenceIdPrefix + name;

    /// <summary>The name of the engine with this persistence id, or null if it is not an engine of ours.</summary>
    public static string? NameOf(string persistenceId) =>
        persistenceId.StartsWith(PersistenceIdPrefix, StringComparison.Ordinal) && IsValidName(persistenceId[PersistenceIdPrefix.Length..])
            ? persistenceId[PersistenceIdPrefix.Length..]
            : null;

    public static bool IsValidName(string? name) => name is not null && ValidName().IsMatch(name);

    /// <summary>Where the snapshot at a sequence number is, in human-readable form.</summary>
    public string SnapshotPath(string persistenceId, long sequenceNr) => UsesSnapshotFiles
        ? SnapshotFiles.PathOf(SnapshotFiles.DirectoryIn(DataDirectory!), persistenceId, sequenceNr)
        : $"{SnapshotPluginId}: {persistenceId} at sequence number {sequenceNr}";

    /// <summary>Read by the snapshot store too, which has no settings of its own.</summary>
    /// <exception cref="ConfigurationException">It is neither of the two.</exception>
    public static bool DropsJournalOf(Config valori) => new SettingReader(valori, "valori").Word("journal-retention", "all", "snapshots") == "snapshots";

    /// <summary>Read by a client of another process too, which has no engine of its own.</summary>
    /// <exception cref="ConfigurationException">It is not a time.</exception>
    public static TimeSpan RequestTimeoutOf(Config root) =>
        new SettingReader(root.GetConfig("valori"), "valori").Duration("request-timeout", ShortestTime, SettingReader.LongestTimer);

    /// <summary>As <see cref="RequestTimeoutOf"/>.</summary>
    public static TimeSpan ConnectTimeoutOf(Config root) =>
        new SettingReader(root.GetConfig("valori"), "valori").Duration("connect-timeout", ShortestTime, SettingReader.LongestTimer);

    private static IndexSettings IndexSettingsOf(SettingReader valori) => new(
        valori.Word("index.build", "on-demand", "always", "never") switch
        {
            "always" => IndexBuild.Always,
            "never" => IndexBuild.Never,
            _ => IndexBuild.OnDemand,
        },
        (ulong)valori.WholeNumber("index.min-records", 1),
        (ulong)valori.WholeNumber("index.growth-percent", 1, 1_000),
        valori.Int32("index.threads", 0, MaximumQueryActors) is > 0 and var threads ? threads : Math.Max(1, Environment.ProcessorCount / 2),
        new ProximityParameters(
            valori.Int32("index.degree", ProximityParameters.MinimumDegree, ProximityParameters.MaximumDegree),
            valori.Int32("index.build-beam", ProximityParameters.MinimumBuildBeam, ProximityParameters.MaximumBuildBeam),
            valori.Int32("index.alpha-percent", ProximityParameters.MinimumAlphaPercent, ProximityParameters.MaximumAlphaPercent)));

    private PastPolicy PastPolicyOf(SettingReader valori)
    {
        TimeSpan? forgetAfter = null;
        if (valori.Text("past.forget-after") != "never")
        {
            if (!SettingReader.TryDuration(valori.Section, "past.forget-after", out TimeSpan after) || after < TimeSpan.Zero || after > SettingReader.LongestTimer)
                throw valori.Wrong("past.forget-after", "never, or a time from 0ms to 24d, such as 10s, 200ms or 5m");
            if (after < AsOfRetention) throw valori.Wrong("past.forget-after", "never, or at least valori.as-of-retention");
            forgetAfter = after;
        }
        return new PastPolicy(forgetAfter, valori.WholeNumber("past.free-bytes", 1), valori.Number("past.free-fraction", 0, 1_000_000));
    }

    /// <summary>The path of a plugin's section, which exists.</summary>
    private static string PluginOf(Config root, SettingReader valori, string key)
    {
        string id = valori.Text(key);
        string? type = id.Length == 0 ? null : root.WithFallback(Akka.Persistence.Persistence.DefaultConfig()).GetString(id + ".class");
        if (string.IsNullOrEmpty(type)) throw valori.Wrong(key, "the path of a section with a class, such as valori.journal");
        return Type.GetType(type) is not null
            ? id
            : throw new ConfigurationException($"{id}.class is \"{Spelling.Shown(type)}\"; it must be an existing class, as \"Name.Space.Class, Assembly\"");
    }

    // Not $: that matches before a final newline too.
    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ValidName();
}
