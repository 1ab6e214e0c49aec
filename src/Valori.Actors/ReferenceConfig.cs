using System.Globalization;
using Akka.Configuration;
using Akka.Persistence.Sql;
using Microsoft.Data.Sqlite;

namespace Valori.Actors;

/// <summary>The commented defaults (reference.conf, embedded) and what follows from an application's own settings.</summary>
internal static class ReferenceConfig
{
    private static readonly Lazy<Config> Reference = new(() =>
    {
        using Stream stream = typeof(ReferenceConfig).Assembly.GetManifestResourceStream("Valori.Actors.reference.conf")
            ?? throw new InvalidOperationException("the embedded reference.conf is missing");
        using StreamReader reader = new(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    });

    /// <summary>What to put behind an application's settings: values that follow from them, then the reference.</summary>
    public static Config FallbackFor(Config application)
    {
        Config known = application.WithFallback(Reference.Value);
        List<string> derived = [];
        if (!known.HasPath("valori.query-dispatcher.dedicated-thread-pool.thread-count"))
            derived.Add(string.Create(CultureInfo.InvariantCulture, $"valori.query-dispatcher.dedicated-thread-pool.thread-count = {Environment.ProcessorCount}"));

        string connectionString = known.GetString("valori.journal.connection-string", "");
        string provider = known.GetString("valori.journal.provider-name", "");
        string directory = known.GetString("valori.data-directory", "");
        if (connectionString.Length == 0 && directory.Length > 0 && provider.StartsWith("SQLite", StringComparison.OrdinalIgnoreCase))
        {
            connectionString = SqliteConnectionString(directory);
            derived.Add($"valori.journal.connection-string = {Quote(connectionString)}");
        }
        foreach (string plugin in new[] { "read-journal", "sql-snapshot-store" })
        {
            derived.Add($"valori.{plugin}.connection-string = {Quote(connectionString)}");
            derived.Add($"valori.{plugin}.provider-name = {Quote(provider)}");
        }
        return ConfigurationFactory.ParseString(string.Join('\n', derived))
            .WithFallback(Reference.Value)
            .WithFallback(SqlPersistence.DefaultConfiguration);
    }

    /// <summary>The connection string of the embedded journal.</summary>
    public static string SqliteConnectionString(string directory) =>
        new SqliteConnectionStringBuilder { DataSource = Path.Combine(Path.GetFullPath(directory), "journal.db") }.ToString();

    /// <summary>A HOCON string literal.</summary>
    public static string Quote(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
