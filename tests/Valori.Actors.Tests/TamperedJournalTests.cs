using Microsoft.Data.Sqlite;
using Valori.Actors.Journal;
using Valori.Actors.Protocol;
using Valori.Kernel;
using Valori.Kernel.Hashing;

namespace Valori.Actors.Tests;

/// <summary>A journal that is not what was written is refused by sequence number, in SQLite as it is on disk.</summary>
public sealed class TamperedJournalTests : IAsyncLifetime
{
    private const int Events = 6;
    private readonly TemporaryDirectory _directory = new();
    private Digest _written;

    public async Task InitializeAsync()
    {
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 });
        for (int i = 0; i < Events - 1; i++) await engine.InsertAsync(new float[] { i, -i });
        _written = await engine.GetStateHashAsync();
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Untouched_it_is_opened_and_its_rows_are_protobuf()
    {
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path)) Assert.Equal(_written, await engine.GetStateHashAsync());
        using SqliteConnection journal = OpenJournal();
        using SqliteCommand command = journal.CreateCommand();
        command.CommandText = "SELECT count(*) FROM journal WHERE identifier = 86825 AND manifest = 'J' AND persistence_id = 'valori-default'";
        Assert.Equal((long)Events, command.ExecuteScalar());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(Events)]
    public async Task A_flipped_bit_anywhere_in_an_event_is_refused_with_its_sequence_number(int sequenceNr)
    {
        byte[] payload = ReadPayload(sequenceNr);
        Random random = new(sequenceNr);
        foreach (int position in Enumerable.Range(0, 6).Select(_ => random.Next(payload.Length)).Prepend(0).Append(payload.Length - 1))
        {
            byte[] flipped = [.. payload];
            flipped[position] ^= (byte)(1 << random.Next(8));
            WritePayload(sequenceNr, flipped);
            EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriEngine.OpenAsync(_directory.Path));
            Assert.Equal(EngineFailureKind.Stopped, e.Kind);
            Assert.Contains($"journal of valori-default at {sequenceNr}: expected", e.Message);
        }
        WritePayload(sequenceNr, payload);
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path);
        Assert.Equal(_written, await engine.GetStateHashAsync());
    }

    [Fact]
    public async Task A_missing_event_is_refused()
    {
        Execute("DELETE FROM journal WHERE sequence_number = 3");
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriEngine.OpenAsync(_directory.Path));
        Assert.Contains("at 4: expected sequence number 3", e.Message);
    }

    [Fact]
    public async Task An_event_that_took_another_s_place_is_refused()
    {
        byte[] third = ReadPayload(3), fourth = ReadPayload(4);
        WritePayload(3, fourth);
        WritePayload(4, third);
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriEngine.OpenAsync(_directory.Path));
        Assert.Contains("at 3: expected", e.Message);
    }

    [Fact]
    public async Task An_event_with_another_time_is_refused_by_the_chain()
    {
        JournalEntry entry = JournalCodec.Decode(new JournalRecord(ReadPayload(5)));
        WritePayload(5, JournalCodec.Encode(entry with { UnixMicroseconds = entry.UnixMicroseconds + 1 }).Payload);
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriEngine.OpenAsync(_directory.Path));
        Assert.Contains("at 5: expected history chain", e.Message);
    }

    [Fact]
    public async Task An_event_of_other_content_that_claims_the_old_state_hash_is_refused()
    {
        JournalEntry entry = JournalCodec.Decode(new JournalRecord(ReadPayload(2)));
        RecordsInserted inserted = (RecordsInserted)((KernelChanged)entry.Event).Changes[0].Happened;
        KernelChanged forged = new([new Change(inserted with { Tags = new ulong[] { 99 } })]);
        WritePayload(2, JournalCodec.Encode(entry with { Event = forged }).Payload);
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriEngine.OpenAsync(_directory.Path));
        Assert.Contains("at 2: expected state hash", e.Message);
    }

    [Theory]
    [InlineData("manifest = 'K'")]
    [InlineData("identifier = 4711")]
    public async Task A_row_that_is_no_event_of_valori_is_refused_behind_the_one_before_it(string assignment)
    {
        Execute($"UPDATE journal SET {assignment} WHERE sequence_number = 3");
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriEngine.OpenAsync(_directory.Path));
        Assert.Equal(EngineFailureKind.Stopped, e.Kind);
        Assert.Contains("journal of valori-default behind 2: ", e.Message);
    }

    private byte[] ReadPayload(int sequenceNr)
    {
        using SqliteConnection journal = OpenJournal();
        using SqliteCommand command = journal.CreateCommand();
        command.CommandText = "SELECT message FROM journal WHERE sequence_number = $nr";
        command.Parameters.AddWithValue("$nr", sequenceNr);
        return (byte[])command.ExecuteScalar()!;
    }

    private void WritePayload(int sequenceNr, byte[] payload) =>
        Execute("UPDATE journal SET message = $payload WHERE sequence_number = $nr", ("$payload", payload), ("$nr", sequenceNr));

    private void Execute(string sql, params (string Name, object Value)[] parameters)
    {
        using SqliteConnection journal = OpenJournal();
        using SqliteCommand command = journal.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in parameters) command.Parameters.AddWithValue(name, value);
        Assert.True(command.ExecuteNonQuery() > 0);
    }

    private SqliteConnection OpenJournal()
    {
        SqliteConnection connection = new($"Data Source={_directory.File("journal.db")};Pooling=False");
        connection.Open();
        return connection;
    }
}
