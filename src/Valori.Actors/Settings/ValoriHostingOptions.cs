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

    /// <summary>Query actors of the process.</summary>
    public int? QueryActors { get; set; }

    /// <summary>Queries of one engine that wait for a query actor.</summary>
    public int? MaxQueriesWaiting { get; set; }

    /// <summary>Bytes of commands that one engine holds between arrival and answer.</summary>
    public long? MaxBytesInFlight { get; set; }

    /// <summary>The largest batch.</summary>
    public long? MaxBatchBytes { get; set; }

    /// <summary>The memory that all engines may use together.</summary>
    public long? MaxMemoryBytes { get; set; }

    /// <summary>How many of the newest commands with a request id each engine remembers.</summary>
    public int? RememberedRequests { get; set; }

    /// <summary>How long the facade waits for an answer.</summary>
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>How long the facade waits for another process to answer at all.</summary>
    public TimeSpan? ConnectTimeout { get; set; }

    /// <summary>How long opening an engine waits for the first answer of journal and snapshot store.</summary>
    public TimeSpan? StorageAnswerTimeout { get; set; }

    /// <summary>How long an engine that is told to stop may take.</summary>
    public TimeSpan? StopTimeout { get; set; }

    /// <summary><c>all</c> or <c>snapshots</c>.</summary>
    public string? JournalRetention { get; set; }

    /// <summary>How old the past states are that are in reach right after a restart.</summary>
    public TimeSpan? AsOfRetention { get; set; }

    /// <summary><c>untrusted</c> or <c>trusted</c>, with Akka.Remote.</summary>
    public string? RemotePeers { get; set; }

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

    /// <summary>HOCON for what has no property here, such as the plugins, the dispatchers and Akka's own settings. The properties override it.</summary>
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

/// <summary>Queries that may take a second or more.</summary>
public sealed class ValoriCostlyQueriesOptions
{
    /// <summary>Their query actors, in the process.</summary>
    public int? Actors { get; set; }

    /// <summary>Those of one engine that wait.</summary>
    public int? MaxWaiting { get; set; }
}

/// <summary>How an engine starts again after a failed write.</summary>
public sealed class ValoriRestartBackoffOptions
{
    /// <summary>The first wait.</summary>
    public TimeSpan? Minimum { get; set; }

    /// <summary>The longest wait.</summary>
    public TimeSpan? Maximum { get; set; }

    /// <summary>By how much of itself a wait may be longer.</summary>
    public double? RandomFactor { get; set; }
}

/// <summary>The past that a running engine keeps in memory.</summary>
public sealed class ValoriPastOptions
{
    /// <summary>What was deleted or replaced longer ago is freed; null for the default, which is never.</summary>
    public TimeSpan? ForgetAfter { get; set; }

    /// <summary>What is worth a round of freeing.</summary>
    public long? FreeBytes { get; set; }

    /// <summary>And as a fraction of what the engine takes.</summary>
    public double? FreeFraction { get; set; }
}

/// <summary>When snapshots are written, and how many are kept.</summary>
public sealed class ValoriSnapshotsOptions
{
    /// <summary>Bytes by which the journal must have grown.</summary>
    public long? AfterJournalBytes { get; set; }

    /// <summary>And as a fraction of the state's size.</summary>
    public double? AfterStateFraction { get; set; }

    /// <summary>At least 2.</summary>
    public int? Keep { get; set; }
}

/// <summary>The proof of everything on disk, in the background.</summary>
public sealed class ValoriScrubOptions
{
    /// <summary>From the end of one to the beginning of the next; zero for never.</summary>
    public TimeSpan? Interval { get; set; }

    /// <summary>How fast it reads.</summary>
    public long? BytesPerSecond { get; set; }
}

/// <summary>The proximity graphs of approximate searches.</summary>
public sealed class ValoriIndexOptions
{
    /// <summary><c>on-demand</c>, <c>always</c> or <c>never</c>.</summary>
    public string? Build { get; set; }

    /// <summary>Smaller collections have none.</summary>
    public long? MinRecords { get; set; }

    /// <summary>By how much the ids must have grown for another one.</summary>
    public int? GrowthPercent { get; set; }

    /// <summary>That build one.</summary>
    public int? Threads { get; set; }

    /// <summary>Neighbours of a record.</summary>
    public int? Degree { get; set; }

    /// <summary>The width of the searches that find them.</summary>
    public int? BuildBeam { get; set; }

    /// <summary>How much longer than the shortest they may be.</summary>
    public int? AlphaPercent { get; set; }
}

/// <summary>Marks an option that is an object of the program, and no setting.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotASettingAttribute : Attribute;
