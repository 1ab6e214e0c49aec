using System.CommandLine;
using Akka.Configuration;
using Valori.Actors.Audit;
using Valori.Actors.PostgreSql;
using Valori.Actors.Protocol;
using Valori.Actors.Settings;
using Valori.Actors.Sqlite;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary>What a verb looks at: a data directory, or what a configuration of <c>serve</c> names.</summary>
/// <param name="Name">For errors: a directory, or a database.</param>
/// <param name="Directory">The data directory, absolute; null where the configuration has none.</param>
/// <param name="Database">The journal's, where that is not in the directory.</param>
/// <param name="SnapshotDirectory">Where snapshots are files: the data directory.</param>
internal sealed record AuditedStore(string Name, string? Directory, PostgreSqlTarget? Database, string? SnapshotDirectory)
{
    /// <param name="how">What happens to the directory.</param>
    public static Option<DirectoryInfo?> Data(string how) => new("--data")
    {
        Description = $"The data directory. {how} May be left out with a --config that names it.",
        HelpName = "DIR",
    };

    public static Option<FileInfo?> Config() => new("--config")
    {
        Description = "The HOCON file that 'serve' was started with: reads a journal in PostgreSQL, without a lock and beside a service.",
        HelpName = "FILE",
    };

    /// <summary>Refuses a command line that names neither.</summary>
    public static void Require(Command command, Option<DirectoryInfo?> data, Option<FileInfo?> config) => command.Validators.Add(result =>
    {
        if (result.GetResult(data) is null && result.GetResult(config) is null) result.AddError("one of --data and --config is required: a data directory, or the configuration of a service");
    });

    /// <exception cref="ConfigurationException">The configuration cannot be used, or its journal is another plugin.</exception>
    public static AuditedStore Of(DirectoryInfo? data, FileInfo? configFile)
    {
        if (configFile is null) return new AuditedStore(data!.FullName, data.FullName, null, data.FullName);
        ValoriSettings settings;
        PostgreSqlTarget? database;
        try
        {
            Config config = ServeCommand.ReadConfig(configFile.FullName);
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
            throw new ConfigurationException($"the journal of {configFile.FullName} is neither journal.db in the data directory nor in PostgreSQL: this verb can read no other");
        return new AuditedStore(database?.Name ?? settings.DataDirectory!, settings.DataDirectory, database, settings.UsesSnapshotFiles ? settings.DataDirectory : null);
    }

    /// <summary>Opens the journal and its snapshots to read them, without a lock.</summary>
    public DirectoryAudit Open() => Database is null ? DirectoryAudit.Open(Directory!) : DirectoryAudit.Open(Database, Directory, hasSnapshotFiles: SnapshotDirectory is not null);

    /// <summary>Proves a collection from its first event on, and gives where it is and what it holds.</summary>
    /// <exception cref="Valori.Kernel.CorruptionException">The journal is not what was written.</exception>
    /// <exception cref="DataDirectoryException">There is no such collection.</exception>
    public (EngineStatus Status, Valori.Kernel.View View) Load(string collection, CancellationToken cancellationToken)
    {
        using DirectoryAudit audit = Open();
        if (!audit.Collections.Contains(collection))
        {
            string there = audit.Collections.Count == 0 ? "its journal has none" : $"there are {string.Join(", ", audit.Collections)}";
            throw new DataDirectoryException($"{Name} has no collection '{collection}': {there}");
        }
        VerifyProgress progress = new(collection, audit.LastSequenceNr(collection));
        (AuditedCollection result, Valori.Kernel.View? view) = audit.Load(collection, progress.Report, cancellationToken);
        // As a start does.
        if (view is null || result.BadPlaces.Any(found => !found.IsLeftOut) || result is not { Place: { } place, Counts: { } counts })
        {
            BadPlace bad = result.BadPlaces.FirstOrDefault(found => !found.IsLeftOut) ?? result.BadPlaces[0];
            throw new Valori.Kernel.CorruptionException(bad.File, bad.SequenceNr, bad.Expected, bad.Found);
        }
        // A snapshot or an end mark that does not fit: the caller sees what the journal has.
        foreach (BadPlace bad in result.BadPlaces) Console.Error.WriteLine($"valori: warning: {bad}; what follows is what the journal has");
        return (new EngineStatus(collection, counts.Dimension, place.SequenceNr, place.UnixMicroseconds, place.StateHash, place.Chain, place.HistoryRoot,
            counts.Records, counts.Nodes, counts.Edges, counts.RecordSlots, counts.NodeSlots, counts.EdgeSlots), view);
    }
}
