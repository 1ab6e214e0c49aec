using Microsoft.Data.Sqlite;
using Valori.Actors.Settings;

namespace Valori.Actors.Tests.Snapshots;

public sealed class TableSnapshotStoreTests()
    : SnapshotStoreTests("valori.sql-snapshot-store", directory => $"valori.sql-snapshot-store.connection-string = {ReferenceConfig.Quote(ConnectionString(directory))}")
{
    protected override void LetSavesFail(string why)
    {
        using SqliteConnection connection = new(ConnectionString(DirectoryPath));
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"""
            CREATE TRIGGER refuses_inserts BEFORE INSERT ON snapshot BEGIN SELECT RAISE(ABORT, '{why}'); END;
            CREATE TRIGGER refuses_updates BEFORE UPDATE ON snapshot BEGIN SELECT RAISE(ABORT, '{why}'); END
            """;
        command.ExecuteNonQuery();
    }

    private static string ConnectionString(string directory) => $"Data Source={Path.Combine(directory, "snapshots.db")};Pooling=False";
}
