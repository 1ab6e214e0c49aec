using Microsoft.Data.Sqlite;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// The baseline: a plain SQLite table of ids and blobs, WAL and synchronous FULL as in Valori's journal, fed with the same
/// bytes a record. It decides, hashes and indexes nothing.
/// </summary>
internal sealed class SqliteTable : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteParameter _row;

    public SqliteTable(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("CREATE TABLE record (id INTEGER PRIMARY KEY, vector BLOB NOT NULL)");
        _insert = _connection.CreateCommand();
        _insert.CommandText = "INSERT INTO record (vector) VALUES ($vector)";
        _row = _insert.Parameters.Add("$vector", SqliteType.Blob);
    }

    /// <summary>One transaction with one row for each vector.</summary>
    public void Insert(VectorBlock vectors)
    {
        int rowBytes = vectors.Raw.Length / vectors.Count;
        using SqliteTransaction transaction = _connection.BeginTransaction();
        _insert.Transaction = transaction;
        for (int row = 0; row < vectors.Count; row++)
        {
            _row.Value = vectors.Raw.Slice(row * rowBytes, rowBytes).ToArray();
            _insert.ExecuteNonQuery();
        }
        transaction.Commit();
    }

    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
