using System.Data.Common;
using Akka.Configuration;
using Npgsql;

namespace Valori.Actors.Tests.Backends;

/// <summary>hocon/postgresql.conf on a database of its own, snapshots as files. Skips the test where there is no server.</summary>
public class PostgreSqlBackend : Backend
{
    private readonly PostgreSqlDatabase _database = new();

    public override Config Configuration => _database.Configuration();

    public override void Dispose()
    {
        _database.Dispose();
        base.Dispose();
    }

    protected override DbConnection Connect() => new NpgsqlConnection(_database.ConnectionString + ";Pooling=false");
}

/// <summary>The same with the snapshots in the database too: nothing is kept in the data directory.</summary>
public sealed class PostgreSqlSnapshotsBackend : PostgreSqlBackend
{
    public override Config Configuration =>
        ConfigurationFactory.ParseString("valori.snapshot-store-plugin-id = \"valori.sql-snapshot-store\"").WithFallback(base.Configuration);

    public override long[] Snapshots(string name = ValoriOptions.DefaultName) =>
        (long[])Scalar("SELECT coalesce(array_agg(sequence_number ORDER BY sequence_number), '{}') FROM snapshot WHERE persistence_id = @id", Id(name))!;

    public override byte[] ReadSnapshot(long sequenceNr, string name = ValoriOptions.DefaultName) =>
        (byte[])Scalar("SELECT snapshot FROM snapshot WHERE persistence_id = @id AND sequence_number = @nr", Id(name), ("@nr", sequenceNr))!;

    public override void OverwriteSnapshot(long sequenceNr, byte[] bytes, string name = ValoriOptions.DefaultName) =>
        Execute("UPDATE snapshot SET snapshot = @bytes WHERE persistence_id = @id AND sequence_number = @nr", Id(name), ("@bytes", bytes), ("@nr", sequenceNr));

    public override void DeleteSnapshot(long sequenceNr, string name = ValoriOptions.DefaultName) =>
        Execute("DELETE FROM snapshot WHERE persistence_id = @id AND sequence_number = @nr", Id(name), ("@nr", sequenceNr));

    private static (string Name, object Value) Id(string name = ValoriOptions.DefaultName) => ("@id", $"valori-{name}");
}
