using System.Text;
using Akka.Configuration;
using Microsoft.Data.Sqlite;
using Valori.Actors.Sqlite;

namespace Valori.Actors.Tests.Journal;

/// <summary>What Valori's connections to SQLite are set to, and what that leaves on disk.</summary>
public sealed class SqliteConnectionsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("synchronous", 2)]
    [InlineData("fullfsync", 1)]
    [InlineData("checkpoint_fullfsync", 1)]
    [InlineData("secure_delete", 1)]
    [InlineData("trusted_schema", 0)]
    [InlineData("cell_size_check", 1)]
    public void Every_connection_has_the_setting(string pragma, long expected)
    {
        using SqliteConnection connection = SqliteConnections.Open($"Data Source={_directory.File("journal.db")};Pooling=False");
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {pragma}";
        Assert.Equal(expected, command.ExecuteScalar());
    }

    [Theory]
    [InlineData("synchronous = OFF", "PRAGMA synchronous is 0, not 2: a commit would not wait for the disk")]
    [InlineData("synchronous = NORMAL", "PRAGMA synchronous is 1, not 2")]
    [InlineData("secure_delete = OFF", "PRAGMA secure_delete is 0, not 1")]
    [InlineData("trusted_schema = ON", "PRAGMA trusted_schema is 1, not 0")]
    [InlineData("cell_size_check = OFF", "PRAGMA cell_size_check is 0, not 1")]
    public void A_connection_that_lacks_one_is_refused(string setting, string expected)
    {
        using SqliteConnection connection = SqliteConnections.Open($"Data Source={_directory.File("journal.db")};Pooling=False");
        SqliteConnections.Check(connection);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {setting}";
        command.ExecuteNonQuery();
        Assert.Contains(expected, Assert.Throws<IOException>(() => SqliteConnections.Check(connection)).Message);
    }

    /// <summary>The row of the last dropped event stays, and all that is after it; nothing else is left to read.</summary>
    [Fact]
    public async Task Content_of_dropped_events_is_in_no_byte_of_the_file_or_its_log()
    {
        ValoriOptions options = new() { Dimension = 2, Configuration = ConfigurationFactory.ParseString("valori.journal-retention = snapshots") };
        using SqliteConnection bystander = new($"Data Source={_directory.File("journal.db")};Pooling=False");
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, options))
        {
            RecordId record = await engine.InsertAsync(new float[] { 1, 2 });
            // Within a page, and over many.
            foreach (int bytes in new[] { 40, 5_000, 60_000 }) await engine.SetMetadataAsync(record, Marked(bytes));
            await engine.SetMetadataAsync(record, "nothing"u8.ToArray());
            await engine.SoftDeleteAsync(record);
            Assert.True(CountOf("journal.db") + CountOf("journal.db-wal") >= 3, "the marker is not in the files to begin with");
            for (int save = 0; save < 3; save++)
            {
                await engine.InsertAsync(new float[] { save, 2 });
                await engine.SaveAsync();
            }
            // One more connection, without a transaction: the log outlives the engine, whose stop waits until all is dropped.
            await bystander.OpenAsync();
            using SqliteCommand command = bystander.CreateCommand();
            command.CommandText = "SELECT count(*) FROM journal";
            command.ExecuteScalar();
        }
        Assert.True(File.Exists(_directory.File("journal.db-wal")));
        Assert.Equal((0, 0), (CountOf("journal.db"), CountOf("journal.db-wal")));
    }

    private static byte[] Marked(int bytes)
    {
        byte[] content = new byte[bytes];
        for (int i = 0; i + Marker.Length <= bytes; i += Marker.Length) Marker.CopyTo(content.AsSpan(i));
        return content;
    }

    private static ReadOnlySpan<byte> Marker => "secret-marker-of-what-was-deleted"u8;

    private int CountOf(string name)
    {
        if (!File.Exists(_directory.File(name))) return 0;
        using FileStream file = new(_directory.File(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[file.Length];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Encoding.Latin1.GetString(bytes, 0, length).Split(Encoding.Latin1.GetString(Marker)).Length - 1;
    }
}
