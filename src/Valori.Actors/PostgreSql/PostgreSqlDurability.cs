using System.Text.RegularExpressions;
using Akka.Configuration;
using Npgsql;
using Valori.Actors.Settings;

namespace Valori.Actors.PostgreSql;

/// <summary>
/// What PostgreSQL needs to be told on every connection that writes: <c>synchronous_commit = off</c> on a role, a database or the
/// server lets it acknowledge what a power cut takes back.
/// </summary>
internal static partial class PostgreSqlDurability
{
    /// <summary>The setting, and its key in a plugin's section: the level that the server itself has, if that is durable.</summary>
    public const string Setting = "synchronous_commit", Key = "synchronous-commit";

    /// <summary>The level if nothing else is known: the local log, and that of synchronous standbys, before the answer.</summary>
    public const string Default = "on";

    /// <summary>The only level that answers before the local log is on disk.</summary>
    public const string Lossy = "off";

    /// <summary>A plugin's section with a connection string that asks for durability; unchanged if the database is another one.</summary>
    public static Config Durable(Config plugin)
    {
        string connectionString = plugin.GetString("connection-string", "");
        return ReferenceConfig.IsPostgreSql(plugin.GetString("provider-name", "")) && connectionString.Length > 0
            ? ConfigurationFactory.ParseString($"connection-string = {ReferenceConfig.Quote(Durable(connectionString, plugin.GetString(Key, Default)))}").WithFallback(plugin)
            : plugin;
    }

    /// <summary>
    /// The connection string with <c>-c synchronous_commit=LEVEL</c> in its options, unless they name a level themselves. A string that
    /// Npgsql cannot read is left as it is: opening it says what is wrong.
    /// </summary>
    public static string Durable(string connectionString, string level)
    {
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException)
        {
            return connectionString;
        }
        // Npgsql reads the environment only if the string has no options.
        string options = builder.Options ?? Environment.GetEnvironmentVariable("PGOPTIONS") ?? "";
        if (NamesLevel().IsMatch(options)) return connectionString;
        builder.Options = $"{options} -c {Setting}={level}".TrimStart();
        return builder.ToString();
    }

    // The server takes dashes for underscores in the long form of an option.
    [GeneratedRegex(@"synchronous[_-]commit\s*=", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NamesLevel();
}
