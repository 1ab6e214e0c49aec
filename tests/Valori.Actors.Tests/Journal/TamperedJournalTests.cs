using Valori.Actors.Entries;
using Valori.Actors.Tests.Backends;
using Valori.Protocol;

namespace Valori.Actors.Tests.Journal;

/// <summary>A journal that is not what was written is refused by sequence number, in the table as it is.</summary>
public abstract class TamperedJournalTests(Backend backend) : IAsyncLifetime
{
    private const int Events = 6;
    private Digest _written;

    public async Task InitializeAsync()
    {
        await using ValoriEngine engine = await backend.OpenAsync(dimension: 2);
        for (int i = 0; i < Events - 1; i++) await engine.InsertAsync(new float[] { i, -i });
        _written = await engine.GetStateHashAsync();
    }

    public Task DisposeAsync()
    {
        backend.Dispose();
        return Task.CompletedTask;
    }

    [SkippableFact]
    public async Task Untouched_it_is_opened_and_its_rows_are_protobuf()
    {
        await using (ValoriEngine engine = await backend.OpenAsync()) Assert.Equal(_written, await engine.GetStateHashAsync());
        Assert.Equal((long)Events, backend.Scalar("SELECT count(*) FROM journal WHERE identifier = 86825 AND manifest = 'J' AND persistence_id = 'valori-default'"));
    }

    [SkippableTheory]
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
            EngineException e = await Assert.ThrowsAsync<EngineException>(() => backend.OpenAsync());
            Assert.Equal(EngineFailureKind.Stopped, e.Kind);
            Assert.Contains($"journal of valori-default at {sequenceNr}: expected", e.Message);
        }
        WritePayload(sequenceNr, payload);
        await using ValoriEngine engine = await backend.OpenAsync();
        Assert.Equal(_written, await engine.GetStateHashAsync());
    }

    [SkippableFact]
    public async Task A_missing_event_is_refused()
    {
        backend.Execute("DELETE FROM journal WHERE sequence_number = 3");
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => backend.OpenAsync());
        Assert.Contains("at 4: expected sequence number 3", e.Message);
    }

    [SkippableFact]
    public async Task An_event_that_took_another_s_place_is_refused()
    {
        byte[] third = ReadPayload(3), fourth = ReadPayload(4);
        WritePayload(3, fourth);
        WritePayload(4, third);
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => backend.OpenAsync());
        Assert.Contains("at 3: expected", e.Message);
    }

    [SkippableFact]
    public async Task An_event_with_another_time_is_refused_by_the_chain()
    {
        JournalEntry entry = JournalCodec.Decode(new JournalRecord(ReadPayload(5)));
        WritePayload(5, JournalCodec.Encode(entry with { UnixMicroseconds = entry.UnixMicroseconds + 1 }).Payload);
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => backend.OpenAsync());
        Assert.Contains("at 5: expected history chain", e.Message);
    }

    [SkippableFact]
    public async Task An_event_of_other_content_that_claims_the_old_state_hash_is_refused()
    {
        JournalEntry entry = JournalCodec.Decode(new JournalRecord(ReadPayload(2)));
        RecordsInserted inserted = (RecordsInserted)((KernelChanged)entry.Event).Changes[0].Happened;
        KernelChanged forged = new([new Change(inserted with { Tags = new ulong[] { 99 } })]);
        WritePayload(2, JournalCodec.Encode(entry with { Event = forged }).Payload);
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => backend.OpenAsync());
        Assert.Contains("at 2: expected state hash", e.Message);
    }

    /// <summary>It would answer a command of that name that was never carried out.</summary>
    [SkippableFact]
    public async Task A_request_under_another_name_is_refused()
    {
        await using (ValoriEngine engine = await backend.OpenAsync()) await engine.WithRequestId("c2-6").InsertAsync(new float[2]);
        byte[] payload = ReadPayload(Events + 1);
        payload[payload.AsSpan().IndexOf("c2-6"u8) + 1] ^= (byte)('2' ^ '0');
        WritePayload(Events + 1, payload);
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => backend.OpenAsync());
        Assert.Equal(EngineFailureKind.Stopped, e.Kind);
        Assert.Contains($"at {Events + 1}: expected an event that can follow the one before it, found the entry is not in its canonical form, or names other requests", e.Message);
    }

    [SkippableTheory]
    [InlineData("manifest = 'K'", "expected J in the column manifest, found K")]
    [InlineData("manifest = NULL", "expected J in the column manifest, found nothing")]
    [InlineData("identifier = 4711", "expected 86825 in the column identifier, found 4711")]
    [InlineData("identifier = NULL", "expected 86825 in the column identifier, found nothing")]
    public async Task A_row_that_is_not_an_event_of_valori_is_refused_by_its_sequence_number(string assignment, string what)
    {
        backend.Execute($"UPDATE journal SET {assignment} WHERE sequence_number = 3");
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => backend.OpenAsync());
        Assert.Equal(EngineFailureKind.Stopped, e.Kind);
        Assert.Contains($"journal of valori-default at 3: {what}", e.Message);
    }

    private byte[] ReadPayload(long sequenceNr) =>
        (byte[])backend.Scalar("SELECT message FROM journal WHERE sequence_number = @nr", ("@nr", sequenceNr))!;

    private void WritePayload(long sequenceNr, byte[] payload) =>
        backend.Execute("UPDATE journal SET message = @payload WHERE sequence_number = @nr", ("@payload", payload), ("@nr", sequenceNr));
}

public sealed class TamperedJournalOnSqliteTests() : TamperedJournalTests(new SqliteBackend());

public sealed class TamperedJournalOnPostgreSqlTests() : TamperedJournalTests(new PostgreSqlBackend());
