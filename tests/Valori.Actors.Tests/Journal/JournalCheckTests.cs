using Microsoft.Data.Sqlite;
using Valori.Actors.Audit;
using Valori.Actors.Sqlite;

namespace Valori.Actors.Tests.Journal;

/// <summary>The check of a whole SQLite journal in the background: at a rate, and until it is stopped.</summary>
public sealed class JournalCheckTests : IAsyncLifetime
{
    private const int Rows = 40, RowBytes = 200_000;

    private readonly TemporaryDirectory _directory = new();

    public async Task InitializeAsync()
    {
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 })) { }
        using SqliteConnection connection = Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Rows})
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message) SELECT 0, 0, 'other', i, randomblob({RowBytes}) FROM n
            """;
        Assert.Equal(Rows, command.ExecuteNonQuery());
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void Every_page_counts_also_those_that_only_the_integrity_check_reads()
    {
        using SqliteConnection connection = Open();
        Pace pace = new(long.MaxValue, TimeProvider.System, CancellationToken.None);
        JournalCheck.Run(connection, _directory.File("journal.db"), pace.Take);
        // A row's bytes are in pages of their own: nothing but the integrity check looks at these.
        Assert.InRange(pace.Bytes, Rows * RowBytes, 3L * Rows * RowBytes);
    }

    [Fact]
    public void It_ends_where_it_is_when_it_is_stopped()
    {
        using SqliteConnection connection = Open();
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => JournalCheck.Run(connection, _directory.File("journal.db"), new Pace(1, TimeProvider.System, stop.Token).Take));
        // The connection is of use afterwards.
        JournalCheck.Run(connection, _directory.File("journal.db"));
    }

    private SqliteConnection Open() => SqliteConnections.Open($"Data Source={_directory.File("journal.db")};Pooling=False");
}
