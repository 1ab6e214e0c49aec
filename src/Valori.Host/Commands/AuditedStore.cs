using System.CommandLine;
using Akka.Configuration;
using Valori.Actors.Audit;
using Valori.Actors.PostgreSql;
using Valori.Actors.Settings;
using Valori.Actors.Sqlite;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary>Where a verb finds collections: in a data directory, or where a configuration of <c>serve</c> says.</summary>
/// <param name="Name">For errors: a directory, or a database.</param>
/// <param name="Directory">The data directory, absolute; null if the configuration has none.</param>
/// <param name="Database">The journal's, if it is not in the directory.</param>
/// <param name="SnapshotDirectory">The data directory, if snapshots are files.</param>
/// <param name="Configuration">Null for the defaults.</param>
internal sealed record AuditedStore(string Name, string? Directory, PostgreSqlTarget? Database, string? SnapshotDirectory, Config? Configuration)
{
    /// <summary>The largest batch that its engines take (<c>valori.max-batch-bytes</c>).</summary>
    public long MaximumBatchBytes { get; private init; } = ReferenceConfig.Reference.GetLong("valori.max-batch-bytes");

    // A verb logs on standard error, and opens no port.
    private static readonly Config OfVerbs = StandardErrorLogger.Configuration.WithFallback(ConfigurationFactory.ParseString("akka.actor.provider = local"));

    /// <param name="how">What happens to the directory.</param>
    public static Option<DirectoryInfo?> Data(string how) => new("--data")
    {
        Description = $"The data directory. {how} Can be left out if --config names it.",
        HelpName = "DIR",
    };

    /// <param name="how">How the verb uses the journal.</param>
    public static Option<FileInfo?> Config(string how = "Reads a journal in PostgreSQL without a lock, beside a service.") => new("--config")
    {
        Description = $"The HOCON file that 'serve' was started with. {how}",
        HelpName = "FILE",
    };

    /// <summary>The same, for a verb that may write.</summary>
    public static Option<FileInfo?> ConfigToWrite() => Config("For a journal in PostgreSQL, or other limits. The service must be stopped.");

    /// <summary>Refuses a command line that names neither.</summary>
    public static void Require(Command command, Option<DirectoryInfo?> data, Option<FileInfo?> config) => command.Validators.Add(result =>
    {
        if (result.GetResult(data) is null && result.GetResult(config) is null) result.AddError("one of --data and --config is required: a data directory, or the configuration of a service");
    });

    /// <exception cref="ConfigurationException">The configuration cannot be used, or its journal is another plugin.</exception>
    public static AuditedStore Of(DirectoryInfo? data, FileInfo? configFile)
    {
        if (configFile is null) return new AuditedStore(data!.FullName, data.FullName, null, data.FullName, null);
        Config config;
        ValoriSettings settings;
        PostgreSqlTarget? database;
        try
        {
            config = ServeCommand.ReadConfig(configFile.FullName);
            if (data is not null) config = ConfigurationFactory.ParseString($"valori.data-directory = {ReferenceConfig.Quote(data.FullName)}").WithFallback(config);
            Config whole = config.WithFallback(ReferenceConfig.FallbackFor(config));
            settings = new ValoriSettings(whole);
            database = PostgreSqlTarget.Of(whole);
        }
        catch (Exception e) when (e is not (ConfigurationException or DataDirectoryException))
        {
            // HOCON's parser and its getters throw whatever they stumble over.
            throw new ConfigurationException($"the configuration {configFile.FullName} cannot be used: {e.Message}", e);
        }
        if (database is null && !settings.UsesSqliteFile)
            throw new ConfigurationException($"the journal of {configFile.FullName} is neither journal.db in the data directory nor in PostgreSQL: this verb cannot read others");
        return new AuditedStore(database?.Name ?? settings.DataDirectory!, settings.DataDirectory, database, settings.UsesSnapshotFiles ? settings.DataDirectory : null, config)
        {
            MaximumBatchBytes = settings.MaximumBatchBytes,
        };
    }

    /// <summary>Opens the journal and its snapshots to read them, without a lock.</summary>
    public DirectoryAudit Open() => Database is null ? DirectoryAudit.Open(Directory!) : DirectoryAudit.Open(Database, Directory, hasSnapshotFiles: SnapshotDirectory is not null);

    /// <summary>Proves a collection from its first event on, to read it without an engine, a lock or a write.</summary>
    /// <exception cref="CorruptionException">The journal is not what was written.</exception>
    /// <exception cref="DataDirectoryException">There is no such collection.</exception>
    public ReadOnlyCollection OpenReadOnly(string collection, CancellationToken cancellationToken)
    {
        DirectoryAudit audit = Open();
        try
        {
            if (!audit.Collections.Contains(collection)) throw NoCollection(collection, audit.Collections);
            VerifyProgress progress = new(collection, audit.LastSequenceNr(collection));
            ReadOnlyCollection opened = ReadOnlyCollection.Open(audit, collection, progress.Report, cancellationToken);
            foreach (BadPlace bad in opened.LeftOut) Console.Error.WriteLine($"valori: warning: {bad}; the output below is from the journal");
            return opened;
        }
        catch
        {
            audit.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is a journal to open; that of a database is found out by opening it.</summary>
    /// <param name="advice">What to do if there is none, for the error.</param>
    /// <exception cref="DataDirectoryException">The directory holds no Valori data.</exception>
    public void CheckThere(string advice = "", Exception? inner = null)
    {
        if (Database is null && SqliteJournalFile.WhyMissing(Directory!) is { } missing)
            throw new DataDirectoryException(File.Exists(Directory) ? missing : missing + advice, inner);
    }

    /// <summary>Opens a collection that there is, as the only one that writes it.</summary>
    /// <param name="advice">What to do if there is none, for the error.</param>
    /// <exception cref="DataDirectoryException">There is no such collection; the message lists those that there are.</exception>
    public async Task<ValoriEngine> OpenEngineAsync(string collection, WantedSchema schema, CancellationToken cancellationToken, string advice = "")
    {
        try
        {
            return await OpenAsync(collection, schema, create: false, cancellationToken);
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.NotFound)
        {
            throw NotThere(collection, advice, e);
        }
    }

    /// <summary>Drops a collection, without opening it.</summary>
    /// <exception cref="DataDirectoryException">There is no such collection; the message lists those that there are.</exception>
    public async Task DropAsync(string collection, CancellationToken cancellationToken)
    {
        try
        {
            await ValoriEngine.DropInAsync(Directory, OptionsFor(collection), cancellationToken);
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.NotFound)
        {
            throw NotThere(collection, "", e);
        }
    }

    /// <summary>Opens a collection, and creates it and its directory if there is none.</summary>
    /// <param name="beforeCreating">Called if there is none. What it throws leaves nothing behind.</param>
    /// <returns>The engine, and whether its collection is new.</returns>
    public async Task<(ValoriEngine Engine, bool IsNew)> OpenOrCreateEngineAsync(
        string collection, WantedSchema schema, CancellationToken cancellationToken, Action? beforeCreating = null)
    {
        try
        {
            return (await OpenAsync(collection, schema, create: false, cancellationToken), false);
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.NotFound)
        {
            beforeCreating?.Invoke();
            return (await OpenAsync(collection, schema, create: true, cancellationToken), true);
        }
    }

    /// <param name="collection">Null for any.</param>
    public DataDirectoryException NoCollection(string? collection, IReadOnlyList<string> there, string advice = "", Exception? inner = null) => new(
        $"{Name} has no collection{(collection is null ? "" : $" '{collection}'")}: {(there.Count == 0 ? "its journal has none" : $"its collections are {string.Join(", ", there)}")}{advice}", inner);

    /// <exception cref="DataDirectoryException">There is not even a journal.</exception>
    private DataDirectoryException NotThere(string collection, string advice, Exception inner)
    {
        CheckThere(advice, inner);
        using DirectoryAudit audit = Open();
        return NoCollection(collection, audit.Collections, advice, inner);
    }

    private Task<ValoriEngine> OpenAsync(string collection, WantedSchema schema, bool create, CancellationToken cancellationToken) =>
        ValoriEngine.OpenInAsync(
            Directory, OptionsFor(collection) with { Dimension = schema.Dimension, Metric = schema.Metric, Scale = schema.Scale, Create = create }, cancellationToken);

    private ValoriOptions OptionsFor(string collection) => new() { Name = collection, Configuration = Configuration is null ? OfVerbs : OfVerbs.WithFallback(Configuration) };
}
