using Akka.Configuration;

namespace Valori.Packages.Tests;

/// <summary>What UsePostgreSql sets, without a server.</summary>
public sealed class PostgreSqlOptionsTests
{
    private const string Server = "Host=localhost;Password=\"a\\b\"";

    [Fact]
    public void It_holds_whatever_Hocon_is_set_to_before_or_after()
    {
        ValoriHostingOptions options = new() { Hocon = "valori.journal.provider-name = \"SQLite.MS\"" };
        Assert.Same(options, options.UsePostgreSql(Server));
        options.Hocon = "valori { journal.parallelism = 2, journal.connection-string = other }";
        Config config = options.ToConfig();
        Assert.Equal(("PostgreSQL.15", Server), (config.GetString("valori.journal.provider-name"), config.GetString("valori.journal.connection-string")));
        Assert.Equal(2, config.GetInt("valori.journal.parallelism"));
        Assert.False(config.HasPath("valori.snapshot-store-plugin-id"));
    }

    [Fact]
    public void Snapshots_are_in_the_database_if_that_is_asked_for() => Assert.Equal(
        "valori.sql-snapshot-store",
        new ValoriHostingOptions().UsePostgreSql(Server, snapshotsInDatabase: true).ToConfig().GetString("valori.snapshot-store-plugin-id"));

    [Fact]
    public void A_connection_string_that_Npgsql_cannot_read_sets_nothing()
    {
        ValoriHostingOptions options = new();
        Assert.Throws<ArgumentException>(() => options.UsePostgreSql("Hots=localhost"));
        Assert.Null(options.Journal.ProviderName);
    }
}
