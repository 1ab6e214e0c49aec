using System.Globalization;
using Akka.Configuration;
using Akka.Persistence.Sql;
using Microsoft.Data.Sqlite;

namespace Valori.Actors.Settings;

/// <summary>The commented defaults (reference.conf, embedded) and what follows from an application's own settings.</summary>
internal static class ReferenceConfig
{
    /// <summary>Where PostgreSQL's tables are unless <c>valori.journal.default.schema-name</c> says otherwise.</summary>
    public const string DefaultSchema = "public";

    private static readonly Lazy<Config> LazyReference = new(() =>
    {
        using Stream stream = typeof(ReferenceConfig).Assembly.GetManifestResourceStream("Valori.Actors.reference.conf")
            ?? throw new InvalidOperationException("the embedded reference.conf is missing");
        using StreamReader reader = new(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    });

    /// <summary>reference.conf.</summary>
    public static Config Reference => LazyReference.Value;

    /// <summary>The fallback of an application's settings: values that follow from them, then the reference.</summary>
    /// <exception cref="ConfigurationException">The application sets something that is not a setting (<see cref="KnownSettings"/>).</exception>
    public static Config FallbackFor(Config application)
    {
        KnownSettings.Check(application);
        Config known = application.WithFallback(Reference);
        List<string> derived = [];
        if (!known.HasPath("valori.query-dispatcher.dedicated-thread-pool.thread-count"))
            derived.Add(string.Create(CultureInfo.InvariantCulture, $"valori.query-dispatcher.dedicated-thread-pool.thread-count = {Environment.ProcessorCount}"));
        // The costly ones get fewer, so that they leave processors to the others.
        if (!known.HasPath("valori.costly-query-dispatcher.dedicated-thread-pool.thread-count"))
            derived.Add(string.Create(CultureInfo.InvariantCulture, $"valori.costly-query-dispatcher.dedicated-thread-pool.thread-count = {Math.Max(1, Environment.ProcessorCount / 2)}"));

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
        if (IsPostgreSql(provider))
        {
            // Tables are named in full, so that no other table of the name can come in between.
            string schema = known.GetString("valori.journal.default.schema-name", DefaultSchema);
            foreach (string plugin in new[] { "journal", "read-journal", "sql-snapshot-store" }) derived.Add($"valori.{plugin}.default.schema-name = {Quote(schema)}");
        }
        return ConfigurationFactory.ParseString(string.Join('\n', derived))
            .WithFallback(Reference)
            .WithFallback(SqlPersistence.DefaultConfiguration);
    }

    /// <summary>Whether a plugin's <c>provider-name</c> is one of PostgreSQL.</summary>
    public static bool IsPostgreSql(string? providerName) => providerName?.StartsWith("PostgreSQL", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Npgsql comes with the package Valori.PostgreSql: an application that forgot it is told so, and not by the loader.</summary>
    /// <exception cref="ConfigurationException">The journal is on PostgreSQL, and Npgsql is not there.</exception>
    public static void RequireNpgsql(Config root)
    {
        string? provider = root.GetString("valori.journal.provider-name");
        if (IsPostgreSql(provider) && Type.GetType("Npgsql.NpgsqlConnection, Npgsql") is null)
        {
            throw new ConfigurationException(
                $"valori.journal.provider-name is \"{provider}\", but this application has no Npgsql: add the package Valori.PostgreSql to its project");
        }
    }

    /// <summary>The connection string of the embedded journal.</summary>
    public static string SqliteConnectionString(string directory) =>
        new SqliteConnectionStringBuilder { DataSource = Path.Combine(Path.GetFullPath(directory), "journal.db") }.ToString();

    /// <summary>
    /// The setting <c>valori.data-directory</c>, in a form that keeps the path to the letter: HOCON trims texts, quoted ones too, and would
    /// make another directory of one whose name ends with a space.
    /// </summary>
    public static string DataDirectorySetting(string directory)
    {
        string path = Path.GetFullPath(directory);
        return $"valori.data-directory = {Quote(char.IsWhiteSpace(path[^1]) ? path + Path.DirectorySeparatorChar : path)}";
    }

    /// <summary>A HOCON string literal.</summary>
    public static string Quote(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
