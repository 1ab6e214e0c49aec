using Akka.Configuration;
using Npgsql;

namespace Valori.Testing;

/// <summary>A database of its own for one test, on the server that VALORI_POSTGRES names; gone afterwards.</summary>
public sealed class PostgreSqlDatabase : IDisposable
{
    public const string Variable = "VALORI_POSTGRES";

    private readonly string _server;

    /// <summary>Skips the test where there is no server.</summary>
    public PostgreSqlDatabase()
    {
        _server = Environment.GetEnvironmentVariable(Variable) ?? "";
        Skip.If(_server.Length == 0, $"{Variable} holds no connection string; .ci/postgresql COMMAND runs a command with one");
        OnServer($"CREATE DATABASE {Name}");
        ConnectionString = new NpgsqlConnectionStringBuilder(_server) { Database = Name }.ToString();
    }

    public string Name { get; } = $"valori_test_{Guid.NewGuid():N}";

    public string ConnectionString { get; }

    /// <summary>hocon/postgresql.conf as it is, with this database's connection string (or another way to it) in front.</summary>
    public Config Configuration(string more = "", string? connectionString = null) => ConfigurationFactory.ParseString($"""
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        valori.journal.connection-string = {HoconFile.Quote(connectionString ?? ConnectionString)}
        {more}
        """).WithFallback(HoconFile.Parse("postgresql.conf"));

    public object? Scalar(string sql, params NpgsqlParameter[] parameters) => Run(ConnectionString, sql, parameters, command => command.ExecuteScalar());

    public void Execute(string sql, params NpgsqlParameter[] parameters) =>
        Assert.True(Run(ConnectionString, sql, parameters, command => command.ExecuteNonQuery()) > 0);

    /// <summary>For a statement that tells no number of rows.</summary>
    public void Run(string sql) => Run(ConnectionString, sql, [], command => command.ExecuteNonQuery());

    /// <summary>Ends every connection to the database, as its server does when it stops.</summary>
    public void Disconnect() => OnServer($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Name}'");

    /// <summary>A statement about databases, on a connection to another one.</summary>
    public void OnServer(string sql) => Run(_server, sql, [], command => command.ExecuteNonQuery());

    public void Dispose() => OnServer($"DROP DATABASE {Name} WITH (FORCE)");

    private static T Run<T>(string connectionString, string sql, NpgsqlParameter[] parameters, Func<NpgsqlCommand, T> run)
    {
        using NpgsqlConnection connection = new(connectionString + ";Pooling=false");
        connection.Open();
        using NpgsqlCommand command = new(sql, connection);
        command.Parameters.AddRange(parameters);
        return run(command);
    }
}
