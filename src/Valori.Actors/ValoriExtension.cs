using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Valori.Actors.Audit;
using Valori.Actors.Client;
using Valori.Actors.Gateway;
using Valori.Actors.PostgreSql;
using Valori.Actors.Rows;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Actors.Sqlite;
using Valori.Actors.State;
using Valori.Actors.Telemetry;
using Valori.Protocol;

namespace Valori;

/// <summary>What an application sets besides HOCON.</summary>
/// <param name="time">The clock that stamps events.</param>
public sealed class ValoriSetup(TimeProvider time) : Setup
{
    public TimeProvider Time { get; } = time;

    /// <summary>The collections that the application has, by name.</summary>
    internal IReadOnlyDictionary<string, ValoriCollectionSettings> Collections { get; init; } = new Dictionary<string, ValoriCollectionSettings>();
}

/// <summary>
/// Valori on an existing ActorSystem. The first <see cref="Get"/> locks the data directory (<c>valori.data-directory</c>)
/// and starts the guardian <c>/user/valori</c>; the engines stop gracefully in the system's coordinated shutdown.
/// Thread-safe.
/// </summary>
public sealed class ValoriExtension : IExtension
{
    private readonly ActorSystem _system;
    private readonly DataDirectory? _directory;
    private readonly JournalWatch? _watch;
    private readonly ValoriSettings _settings;
    private readonly IActorRef? _scrub;
    private readonly LastScrub _lastScrub = new();
    private readonly MemoryGauges? _memory;
    private readonly MemoryBudget _budget;

    internal ValoriExtension(ExtendedActorSystem system)
    {
        _system = system;
        system.Settings.InjectTopLevelFallback(ReferenceConfig.FallbackFor(system.Settings.Config));
        RemotePeers.Guard(system);
        _settings = new ValoriSettings(system.Settings.Config);
        if (_settings.DataDirectory is not null)
            _directory = DataDirectory.Open(_settings.DataDirectory, _settings.UsesSqliteFile, _settings.DropsJournal);
        try
        {
            _watch = Watch(system);
        }
        catch
        {
            Release();
            throw;
        }
        ValoriSetup setup = system.Settings.Setup.Get<ValoriSetup>() is { HasValue: true } found ? found.Value : new ValoriSetup(TimeProvider.System);
        TimeProvider time = setup.Time;
        Collections = setup.Collections;
        MemoryBudget memory = _budget = new(_settings.MaximumMemoryBytes);
        _memory = new MemoryGauges(() => memory.TakenBytes, memory.LimitBytes);
        _memory.Show();
        Guardian = system.ActorOf(Props.Create(() => new ValoriGuardian(_settings, memory, time, _watch)), GuardianAddress.Name);
        if (_settings.Scrub.Interval > TimeSpan.Zero && AuditOf(system.Settings.Config) is { } audit)
            _scrub = system.ActorOf(Props.Create(() => new ScrubActor(_settings.Scrub, memory, time, audit, _lastScrub)), "valori-scrub");
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeClusterShutdown, "stop-valori-engines", StopEngines);
        system.RegisterOnTermination(Release);
    }

    /// <summary>The guardian: it answers <see cref="OpenEngine"/>, <see cref="DropEngine"/> and <see cref="ListEngines"/>, also from remote.</summary>
    public IActorRef Guardian { get; }

    /// <summary>The data directory, absolute; null if journal and snapshot store need none.</summary>
    public string? DataDirectoryPath => _settings.DataDirectory;

    /// <summary>The result of the last proof of everything on disk (<c>valori.scrub</c>); null before the first one has ended.</summary>
    public ScrubReport? LastScrub => _lastScrub.Report;

    internal ValoriSettings Settings => _settings;

    /// <summary>The collections that the application's options name.</summary>
    internal IReadOnlyDictionary<string, ValoriCollectionSettings> Collections { get; }

    /// <summary>Whether little is left of <c>valori.max-memory-bytes</c>.</summary>
    internal bool MemoryIsShort => _budget.IsShort;

    internal TimeSpan RequestTimeout => _settings.RequestTimeout;

    /// <summary>What is known of the journal beside the engines; null if it is a plugin that Valori does not know.</summary>
    internal JournalWatch? JournalWatch => _watch;

    /// <summary>The extension of this system, started if it is not running yet.</summary>
    /// <exception cref="DataDirectoryException">The directory is in use, or cannot be used.</exception>
    /// <exception cref="JournalException">The journal's database is in use, or does not keep what it acknowledges.</exception>
    public static ValoriExtension Get(ActorSystem system) => system.WithExtension<ValoriExtension, ValoriExtensionProvider>();

    /// <summary>Opens an engine by name and waits until it has recovered.</summary>
    /// <param name="schema">
    /// The dimension, metric and scale that it must have, or that a new one gets; a dimension alone is a schema. Null accepts any, and a
    /// new one has the dimension 384 then.
    /// </param>
    /// <param name="create">Whether to create it if there is none.</param>
    /// <param name="wait">Whether to wait for a recovery that is running. Otherwise an exception says how far it is.</param>
    /// <exception cref="RefusedException">Another schema, an invalid name, or nothing there to open.</exception>
    /// <exception cref="EngineException">The engine cannot prove its state, or is recovering.</exception>
    public async Task<ValoriEngine> OpenAsync(
        string name = ValoriOptions.DefaultName, WantedSchema? schema = null, bool create = true, bool wait = true, CancellationToken cancellationToken = default) =>
        await ValoriEngine.OpenAsync(Guardian, new OpenEngine(name, schema, create, wait), _settings.RequestTimeout, ownedSystem: null, cancellationToken).ConfigureAwait(false);

    /// <summary>The names of all engines in the journal.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) =>
        (await Requests.AskAsync<EngineNames>(Guardian, new ListEngines(), _settings.RequestTimeout, cancellationToken).ConfigureAwait(false)).Names;

    /// <summary>
    /// Drops a collection, open or not: its events, snapshots and everything else go, and the name is free again. Completes when all of it
    /// is gone. Callers that have it open get an error from then on.
    /// </summary>
    /// <exception cref="RefusedException">There is no such collection, or the journal is a plugin that cannot drop one; nothing was done.</exception>
    /// <exception cref="EngineException">The message says whether the collection still exists.</exception>
    public Task DropAsync(string name, CancellationToken cancellationToken = default) => ValoriEngine.DropAsync(Guardian, name, cancellationToken);

    /// <summary>Releases the data directory. Called when the system has terminated.</summary>
    internal void Release()
    {
        _memory?.Hide();
        _watch?.Dispose();
        _directory?.Dispose();
    }

    private JournalWatch? Watch(ExtendedActorSystem system)
    {
        if (_settings.UsesSqliteFile) return SqliteWatch.Start(_settings.DataDirectory!);
        ReferenceConfig.RequireNpgsql(system.Settings.Config);
        if (PostgreSqlTarget.Of(system.Settings.Config) is not { } target) return null;
        PostgreSqlWatch watch = PostgreSqlWatch.Start(
            target, _settings.StorageAnswerTimeout, Logging.GetLogger(system, "valori"), () => Guardian.Tell(new StopEngines(), ActorRefs.NoSender));
        // Before a plugin starts: what it connects with must not be weaker than what the server would do by itself.
        system.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString(string.Join('\n',
            new[] { "journal", "sql-snapshot-store" }.Select(plugin => $"valori.{plugin}.{PostgreSqlDurability.Key} = {watch.SynchronousCommit}"))));
        return watch;
    }

    /// <summary>How the journal is audited beside the engines; null if it is a plugin that Valori does not know.</summary>
    private Func<Pace, DirectoryAudit>? AuditOf(Config config) => _settings.UsesSqliteFile
        ? pace => DirectoryAudit.Open(_settings.DataDirectory!, pace)
        : PostgreSqlTarget.Of(config) is { } target ? _ => DirectoryAudit.Open(target, _settings.DataDirectory, _settings.UsesSnapshotFiles) : null;

    private async Task<Akka.Done> StopEngines()
    {
        _scrub?.Tell(PoisonPill.Instance);
        await PrivateAsk.AskAsync(Guardian, new StopEngines(), Timeout.InfiniteTimeSpan, CancellationToken.None).ConfigureAwait(false);
        return Akka.Done.Instance;
    }
}

/// <summary>Lets <c>akka.extensions</c> start Valori with the system.</summary>
internal sealed class ValoriExtensionProvider : ExtensionIdProvider<ValoriExtension>
{
    public override ValoriExtension CreateExtension(ExtendedActorSystem system) => new(system);
}
