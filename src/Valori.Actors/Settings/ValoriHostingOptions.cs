using Akka.Configuration;

namespace Valori;

/// <summary>
/// What <c>AddValori</c> and <c>WithValori</c> start. The names are those of reference.conf, so <see cref="MaxMemoryBytes"/> is
/// <c>valori.max-memory-bytes</c>, and what is null has the default that stands there. Bound from configuration by the same names, as in
/// <c>AddValori(configuration.GetSection("Valori"))</c>.
/// </summary>
public sealed class ValoriHostingOptions
{
    /// <summary>The data directory; created if it does not exist. One process at a time.</summary>
    public string? DataDirectory { get; set; }

    /// <summary>The collections that are opened at the start, by name. Others can be opened later, through <see cref="ValoriDatabase"/>.</summary>
    public Dictionary<string, ValoriCollectionSettings> Collections { get; } = new(StringComparer.Ordinal);

    /// <summary>Query actors of the process. The default is 0: as many as the machine has processors.</summary>
    public int? QueryActors { get; set; }

    /// <summary>Queries of one engine that wait for a query actor. The default is 1,000.</summary>
    public int? MaxQueriesWaiting { get; set; }

    /// <summary>Bytes of commands that one engine holds between arrival and answer. The default is 256 MiB.</summary>
    public long? MaxBytesInFlight { get; set; }

    /// <summary>The largest batch, in bytes. The default is 64 MiB.</summary>
    public long? MaxBatchBytes { get; set; }

    /// <summary>Bytes of memory that all engines may use together. The default is 0: three quarters of what the process may use at its start.</summary>
    public long? MaxMemoryBytes { get; set; }

    /// <summary>How many of the newest commands with a request id each engine remembers. The default is 10,000.</summary>
    public int? RememberedRequests { get; set; }

    /// <summary>How long the facade waits for an answer. The default is 90 s.</summary>
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>How long the facade waits for another process to answer at all. The default is 5 s.</summary>
    public TimeSpan? ConnectTimeout { get; set; }

    /// <summary>How long opening an engine waits for the first answer of journal and snapshot store. The default is 20 s.</summary>
    public TimeSpan? StorageAnswerTimeout { get; set; }

    /// <summary>How long an engine that is told to stop may take. The default is 30 s.</summary>
    public TimeSpan? StopTimeout { get; set; }

    /// <summary>Which events the journal keeps. The default is <see cref="Valori.JournalRetention.All"/>.</summary>
    public JournalRetention? JournalRetention { get; set; }

    /// <summary>How old the past states are that are in reach right after a restart. The default is zero: the newest snapshot.</summary>
    public TimeSpan? AsOfRetention { get; set; }

    /// <summary>With Akka.Remote, whether the processes that can reach this one are trusted. The default is <see cref="RemoteTrust.Untrusted"/>.</summary>
    public RemoteTrust? RemotePeers { get; set; }

    /// <summary>
    /// The plugin that keeps snapshots. The default is <c>valori.snapshot-store</c>: files in the data directory. <c>valori.sql-snapshot-store</c> keeps
    /// them beside a journal in PostgreSQL.
    /// </summary>
    public string? SnapshotStorePluginId { get; set; }

    /// <summary>The section <c>valori.journal</c>, as far as it says where the journal is.</summary>
    public ValoriJournalOptions Journal { get; } = new();

    /// <summary>The section <c>valori.costly-queries</c>.</summary>
    public ValoriCostlyQueriesOptions CostlyQueries { get; } = new();

    /// <summary>The section <c>valori.restart-backoff</c>.</summary>
    public ValoriRestartBackoffOptions RestartBackoff { get; } = new();

    /// <summary>The section <c>valori.past</c>.</summary>
    public ValoriPastOptions Past { get; } = new();

    /// <summary>The section <c>valori.snapshots</c>.</summary>
    public ValoriSnapshotsOptions Snapshots { get; } = new();

    /// <summary>The section <c>valori.scrub</c>.</summary>
    public ValoriScrubOptions Scrub { get; } = new();

    /// <summary>The section <c>valori.index</c>.</summary>
    public ValoriIndexOptions Index { get; } = new();

    /// <summary>HOCON for what has no property here, such as other plugins, the dispatchers and Akka's own settings. The properties override it.</summary>
    public string? Hocon { get; set; }

    /// <summary>The clock that stamps events; the system's if null.</summary>
    [NotASetting]
    public TimeProvider? Time { get; set; }

    /// <summary>These options as HOCON: what <c>akka.AddHocon</c> or <see cref="ValoriOptions.Configuration"/> would take.</summary>
    /// <exception cref="ConfigurationException"><see cref="Hocon"/> cannot be read.</exception>
    public Config ToConfig() => Actors.Settings.HostingHocon.Of(this);
}

/// <summary>A collection that is opened at the start.</summary>
public sealed class ValoriCollectionSettings
{
    /// <summary>The dimension that it must have, or that a new one gets. Null accepts any, and is 384 for a new one.</summary>
    public int? Dimension { get; set; }

    /// <summary>The metric that it must have, or that a new one gets. Null accepts any, and is <see cref="Valori.Metric.L2"/> for a new one.</summary>
    public Metric? Metric { get; set; }

    /// <summary>The scale that it must have, or that a new one gets. Null accepts any, and is 1 for a new one.</summary>
    public double? Scale { get; set; }

    /// <summary>Whether to create it if there is none; otherwise a start without it fails.</summary>
    public bool Create { get; set; } = true;

    internal WantedSchema Schema => new(Dimension, Metric, Scale);
}

/// <summary>Where the journal is.</summary>
public sealed class ValoriJournalOptions
{
    /// <summary>The default is <c>SQLite.MS</c>; <c>PostgreSQL.15</c> needs the package Valori.PostgreSql.</summary>
    public string? ProviderName { get; set; }

    /// <summary>
    /// The default is <c>journal.db</c> in the data directory, with SQLite. Leave a password out: Npgsql takes it from PGPASSWORD, or from the file that
    /// PGPASSFILE names.
    /// </summary>
    public string? ConnectionString { get; set; }
}

/// <summary>Which events a journal keeps.</summary>
public enum JournalRetention
{
    /// <summary>Every event: the history can be audited back to the first one.</summary>
    All,

    /// <summary>Those that the second newest snapshot does not cover.</summary>
    Snapshots,
}

/// <summary>Whether the processes that can reach this one are to be trusted like itself.</summary>
public enum RemoteTrust
{
    /// <summary>Only Valori's own messages are taken.</summary>
    Untrusted,

    /// <summary>Remoting is as the application has configured it. A cluster needs that.</summary>
    Trusted,
}

/// <summary>Queries that may take a second or more.</summary>
public sealed class ValoriCostlyQueriesOptions
{
    /// <summary>Their query actors, in the process. The default is 0: half as many as the machine has processors, at least 1.</summary>
    public int? Actors { get; set; }

    /// <summary>Those of one engine that wait. The default is 200.</summary>
    public int? MaxWaiting { get; set; }
}

/// <summary>How an engine starts again after a failed write.</summary>
public sealed class ValoriRestartBackoffOptions
{
    /// <summary>The first wait. The default is 200 ms.</summary>
    public TimeSpan? Minimum { get; set; }

    /// <summary>The longest wait. The default is 10 s.</summary>
    public TimeSpan? Maximum { get; set; }

    /// <summary>By which fraction of itself a wait may be longer. The default is 0.2.</summary>
    public double? RandomFactor { get; set; }
}

/// <summary>The past that a running engine keeps in memory.</summary>
public sealed class ValoriPastOptions
{
    /// <summary>What was deleted or replaced longer ago is freed; null for the default, which is never.</summary>
    public TimeSpan? ForgetAfter { get; set; }

    /// <summary>Bytes that are worth a round of freeing. The default is 1 MiB.</summary>
    public long? FreeBytes { get; set; }

    /// <summary>And as a fraction of what the engine takes. The default is 0.25.</summary>
    public double? FreeFraction { get; set; }
}

/// <summary>When snapshots are written, and how many are kept.</summary>
public sealed class ValoriSnapshotsOptions
{
    /// <summary>Bytes by which the journal must have grown. The default is 64 MiB.</summary>
    public long? AfterJournalBytes { get; set; }

    /// <summary>And as a fraction of the state's size. The default is 0.5.</summary>
    public double? AfterStateFraction { get; set; }

    /// <summary>Snapshots that are kept; at least 2. The default is 2.</summary>
    public int? Keep { get; set; }
}

/// <summary>The proof of everything on disk, in the background.</summary>
public sealed class ValoriScrubOptions
{
    /// <summary>From the end of one to the beginning of the next; zero for never. The default is 24 h.</summary>
    public TimeSpan? Interval { get; set; }

    /// <summary>Bytes that it reads in a second. The default is 32 MiB.</summary>
    public long? BytesPerSecond { get; set; }
}

/// <summary>The proximity graphs of approximate searches.</summary>
public sealed class ValoriIndexOptions
{
    /// <summary>When a collection gets a graph. The default is <see cref="IndexBuild.OnDemand"/>.</summary>
    public IndexBuild? Build { get; set; }

    /// <summary>Collections with fewer record ids get no graph. The default is 10,000.</summary>
    public long? MinRecords { get; set; }

    /// <summary>By how much the record ids must have grown for another graph, in percent. The default is 10.</summary>
    public int? GrowthPercent { get; set; }

    /// <summary>Threads that build a graph. The default is 0: half as many as the machine has processors, at least 1.</summary>
    public int? Threads { get; set; }

    /// <summary>Neighbours of a record, 4 to 128. The default is 32.</summary>
    public int? Degree { get; set; }

    /// <summary>The width of the searches that find them, 8 to 1024. The default is 100.</summary>
    public int? BuildBeam { get; set; }

    /// <summary>How much longer than the shortest edge another one may be, in percent of squared distances, 100 to 400. The default is 107.</summary>
    public int? AlphaPercent { get; set; }
}

/// <summary>When a collection gets a proximity graph.</summary>
public enum IndexBuild
{
    /// <summary>Once it is asked for: by a search that may be approximate, or by a wait for the index.</summary>
    OnDemand,

    /// <summary>As soon as there are records enough.</summary>
    Always,

    /// <summary>Never: all searches are exact.</summary>
    Never,
}

/// <summary>Marks an option that is an object of the program, and no setting.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotASettingAttribute : Attribute;
