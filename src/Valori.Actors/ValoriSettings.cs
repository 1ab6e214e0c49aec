using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Persistence.Sql.Journal;
using Valori.Actors.Engine;
using Valori.Actors.Snapshots;

namespace Valori.Actors;

/// <summary>The settings under <c>valori</c> (reference.conf), read once.</summary>
internal sealed partial class ValoriSettings
{
    public const string EngineDispatcher = "valori.engine-dispatcher";
    public const string QueryDispatcher = "valori.query-dispatcher";
    public const string RestoreDispatcher = "valori.snapshot-dispatcher";

    private const string PersistenceIdPrefix = "valori-";

    public ValoriSettings(Config root)
    {
        Config config = root.GetConfig("valori");
        DataDirectory = config.GetString("data-directory") is { Length: > 0 } directory ? Path.GetFullPath(directory) : null;
        JournalPluginId = config.GetString("journal-plugin-id");
        ReadJournalPluginId = config.GetString("read-journal-plugin-id");
        SnapshotPluginId = config.GetString("snapshot-store-plugin-id");
        QueryActors = config.GetInt("query-actors") is > 0 and var actors ? actors : Environment.ProcessorCount;
        MaximumQueriesWaiting = checked((int)Positive(config, "max-queries-waiting"));
        MaximumBytesInFlight = Positive(config, "max-bytes-in-flight");
        MaximumBatchBytes = Positive(config, "max-batch-bytes");
        MaximumMemoryBytes = MaximumMemoryOf(config);
        SnapshotPolicy = new SnapshotPolicy(Positive(config, "snapshots.after-journal-bytes"), config.GetDouble("snapshots.after-state-fraction"));
        DropsJournal = DropsJournalOf(config);
        AsOfRetention = config.GetTimeSpan("as-of-retention");
        if (AsOfRetention < TimeSpan.Zero || (AsOfRetention > TimeSpan.Zero && DropsJournal))
        {
            throw new ConfigurationException(
                $"valori.as-of-retention is {AsOfRetention}; it must not be negative, and 0s where valori.journal-retention is \"snapshots\"");
        }
        StopTimeout = config.GetTimeSpan("stop-timeout");
        RememberedRequests = checked((int)Positive(config, "remembered-requests"));
        RequestTimeout = config.GetTimeSpan("request-timeout");
        StorageAnswerTimeout = config.GetTimeSpan("storage-answer-timeout");
        MinimumBackoff = config.GetTimeSpan("restart-backoff.minimum");
        MaximumBackoff = config.GetTimeSpan("restart-backoff.maximum");
        BackoffRandomFactor = config.GetDouble("restart-backoff.random-factor");
        UsesSnapshotFiles = Type.GetType(root.GetString(SnapshotPluginId + ".class") ?? "")?.IsAssignableTo(typeof(FileSnapshotStore)) ?? false;
        UsesSqliteFile = JournalPluginId == "valori.journal"
            && Type.GetType(root.GetString("valori.journal.class") ?? "")?.IsAssignableTo(typeof(SqlWriteJournal)) == true
            && root.GetString("valori.journal.provider-name")?.StartsWith("SQLite", StringComparison.OrdinalIgnoreCase) == true
            && DataDirectory is not null
            && root.GetString("valori.journal.connection-string") == ReferenceConfig.SqliteConnectionString(DataDirectory);
        bool needsDirectory = UsesSnapshotFiles || string.IsNullOrEmpty(root.GetString(JournalPluginId + ".connection-string", "none"));
        if (DataDirectory is null && needsDirectory)
        {
            throw new ConfigurationException(
                "valori.data-directory is empty, but the journal or the snapshot store keeps files there: set it, or select other plugins (hocon/postgresql.conf)");
        }
    }

    /// <summary>Absolute; null where no plugin keeps files.</summary>
    public string? DataDirectory { get; }

    public string JournalPluginId { get; }

    public string ReadJournalPluginId { get; }

    public string SnapshotPluginId { get; }

    public int QueryActors { get; }

    public int MaximumQueriesWaiting { get; }

    public long MaximumBytesInFlight { get; }

    public long MaximumBatchBytes { get; }

    /// <summary>What all engines may take of memory together.</summary>
    public long MaximumMemoryBytes { get; }

    public SnapshotPolicy SnapshotPolicy { get; }

    /// <summary>Whether events that verified snapshots cover are dropped.</summary>
    public bool DropsJournal { get; }

    /// <summary>How far past states must be in reach behind a restart; zero for back to the newest snapshot.</summary>
    public TimeSpan AsOfRetention { get; }

    /// <summary>How long an engine that stops may take to finish what is pending.</summary>
    public TimeSpan StopTimeout { get; }

    public int RememberedRequests { get; }

    public TimeSpan RequestTimeout { get; }

    /// <summary>How long opening an engine waits until journal and snapshot store answer at all.</summary>
    public TimeSpan StorageAnswerTimeout { get; }

    public TimeSpan MinimumBackoff { get; }

    public TimeSpan MaximumBackoff { get; }

    /// <summary>By how much of itself a backoff may be longer, so that many engines do not ask a database all at once.</summary>
    public double BackoffRandomFactor { get; }

    /// <summary>Whether the journal is the SQLite file in the data directory.</summary>
    public bool UsesSqliteFile { get; }

    /// <summary>Whether snapshots are files in the data directory.</summary>
    public bool UsesSnapshotFiles { get; }

    /// <summary>Where the bytes of a restore wait until they are verified and journaled.</summary>
    public string SpoolDirectory => DataDirectory ?? Path.GetTempPath();

    public static string PersistenceIdOf(string name) => PersistenceIdPrefix + name;

    /// <summary>The name of the engine with this persistence id, or null where it is no engine of ours.</summary>
    public static string? NameOf(string persistenceId) =>
        persistenceId.StartsWith(PersistenceIdPrefix, StringComparison.Ordinal) && IsValidName(persistenceId[PersistenceIdPrefix.Length..])
            ? persistenceId[PersistenceIdPrefix.Length..]
            : null;

    public static bool IsValidName(string name) => ValidName().IsMatch(name);

    /// <summary>Where the snapshot at a sequence number is, for people to read.</summary>
    public string SnapshotPath(string persistenceId, long sequenceNr) => UsesSnapshotFiles
        ? SnapshotFiles.PathOf(SnapshotFiles.DirectoryIn(DataDirectory!), persistenceId, sequenceNr)
        : $"{SnapshotPluginId}: {persistenceId} at sequence number {sequenceNr}";

    /// <summary>Read by the snapshot store too, which has no settings of its own.</summary>
    public static bool DropsJournalOf(Config valori) => valori.GetString("journal-retention") switch
    {
        "all" => false,
        "snapshots" => true,
        var other => throw new ConfigurationException($"valori.journal-retention is \"{other}\"; it must be \"all\" or \"snapshots\""),
    };

    private static long MaximumMemoryOf(Config config) => config.GetLong("max-memory-bytes") switch
    {
        > 0 and var bytes => bytes,
        0 => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3,
        var bytes => throw new ConfigurationException($"valori.max-memory-bytes is {bytes}; it must be positive, or 0 for three quarters of what there is"),
    };

    private static long Positive(Config config, string path)
    {
        long value = config.GetLong(path);
        return value > 0 ? value : throw new ConfigurationException($"valori.{path} is {value}; it must be positive");
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9_-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex ValidName();
}
