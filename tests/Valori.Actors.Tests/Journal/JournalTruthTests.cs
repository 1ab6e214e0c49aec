using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Journal;

/// <summary>What is beside the journal and does not belong to it, and journals that went back: found before anything is served or acknowledged.</summary>
public abstract class JournalTruthTests(Backend backend) : IDisposable
{
    private const string A = "a", B = "b";

    public void Dispose()
    {
        backend.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableFact]
    public async Task Snapshots_that_were_renamed_into_each_other_are_refused()
    {
        long lastA = await WriteAsync(A, inserts: 3, save: true), lastB = await WriteAsync(B, inserts: 3, save: true);
        Assert.Equal(lastA, lastB);
        byte[] ofA = backend.ReadSnapshot(lastA, A), ofB = backend.ReadSnapshot(lastB, B);
        backend.OverwriteSnapshot(lastA, ofB, A);
        backend.OverwriteSnapshot(lastB, ofA, B);
        Assert.Contains($"journal of valori-a at {lastA}: expected history chain ", (await RefusedAsync(A)).Message);
        Assert.Contains($"journal of valori-b at {lastB}: expected history chain ", (await RefusedAsync(B)).Message);
        // Nothing was written meanwhile: with each in its place both open.
        backend.OverwriteSnapshot(lastA, ofA, A);
        backend.OverwriteSnapshot(lastB, ofB, B);
        Assert.Equal(lastA, (await StatusAsync(A)).SequenceNr);
        Assert.Equal(lastB, (await StatusAsync(B)).SequenceNr);
    }

    [SkippableFact]
    public async Task Another_journal_s_snapshot_of_an_earlier_event_is_refused()
    {
        long snapshot = await WriteAsync(A, inserts: 2, save: true);
        long last = await WriteAsync(A, inserts: 2, save: false, first: 2);
        await WriteAsync(B, inserts: 2, save: true);
        backend.OverwriteSnapshot(snapshot, backend.ReadSnapshot(snapshot, B), A);
        Assert.Contains("do not belong together", (await RefusedAsync(A)).Message);
        backend.DeleteSnapshot(snapshot, A);
        Assert.Equal(last, (await StatusAsync(A)).SequenceNr);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_journal_that_lost_its_last_events_is_refused(bool withoutMark)
    {
        long last = await WriteAsync(A, inserts: 4, save: true);
        backend.Execute("DELETE FROM journal WHERE persistence_id = 'valori-a' AND sequence_number > 3");
        if (withoutMark) DeleteMark();
        string message = (await RefusedAsync(A)).Message;
        Assert.Contains($"journal of valori-a at {last}: expected the event that ", message);
        Assert.Contains("move ", message);
        await RefusedAsync(A);
    }

    [SkippableFact]
    public async Task A_journal_that_lost_its_table_is_refused_beside_its_snapshot_and_beside_its_mark()
    {
        await WriteAsync(A, inserts: 4, save: true);
        backend.Scalar("DROP TABLE journal");
        Assert.Contains("journal of valori-a at 5: expected the event that ", (await RefusedAsync(A)).Message);
        backend.DeleteSnapshot(5, A);
        Assert.Contains("journal of valori-a at 1: expected events up to 5, which were durable at ", (await RefusedAsync(A)).Message);
        DeleteMark();
        Assert.Equal(1, (await StatusAsync(A)).SequenceNr);
    }

    [SkippableFact]
    public async Task Without_a_snapshot_the_mark_tells_that_events_are_lost_and_says_how_to_accept_it()
    {
        await WriteAsync(A, inserts: 4, save: false);
        backend.Execute("DELETE FROM journal WHERE persistence_id = 'valori-a' AND sequence_number > 3");
        string message = (await RefusedAsync(A)).Message;
        Assert.Contains("journal of valori-a at 4: expected events up to 5, which were durable at 20", message);
        Assert.Contains($"the last 2 are lost, or an older journal was put here. If that is on purpose, move {MarkPath} away", message);
        DeleteMark();
        Assert.Equal(3, (await StatusAsync(A)).SequenceNr);
        Assert.Equal(5, await WriteAsync(A, inserts: 2, save: false));
    }

    [SkippableFact]
    public async Task A_mark_that_was_changed_is_left_out_and_a_good_one_takes_its_place()
    {
        long last = await WriteAsync(A, inserts: 2, save: false);
        byte[] mark = File.ReadAllBytes(MarkPath);
        for (int position = 0; position < mark.Length; position += 17)
        {
            byte[] changed = [.. mark];
            changed[position] ^= 1;
            File.WriteAllBytes(MarkPath, changed);
            Assert.Equal(last, (await StatusAsync(A)).SequenceNr);
            Assert.Equal(mark, File.ReadAllBytes(MarkPath));
        }
    }

    [SkippableFact]
    public async Task Another_engine_s_mark_is_refused()
    {
        await WriteAsync(A, inserts: 2, save: false);
        await WriteAsync(B, inserts: 2, save: false);
        File.Copy(Path.Combine(backend.DirectoryOf(B), "ends", "valori-b.end"), MarkPath, overwrite: true);
        Assert.Contains("journal of valori-a at 3: expected history chain ", (await RefusedAsync(A)).Message);
    }

    /// <summary>The replay does not reach back to a mark of an event before the snapshot.</summary>
    [SkippableFact]
    public async Task Another_engine_s_mark_of_an_event_before_the_snapshot_is_refused()
    {
        await WriteAsync(B, inserts: 2, save: false);
        await WriteAsync(A, inserts: 4, save: true);
        File.Copy(Path.Combine(backend.DirectoryOf(B), "ends", "valori-b.end"), MarkPath, overwrite: true);
        Assert.Contains("journal of valori-a at 3: expected history chain ", (await RefusedAsync(A)).Message);
    }

    /// <summary>It is not a number, but what is there is not for the database connection to blame.</summary>
    [SkippableFact]
    public async Task A_sequence_number_of_another_type_is_refused()
    {
        Skip.If(backend is not SqliteBackend, "the other databases keep a column's type");
        await WriteAsync(A, inserts: 4, save: false);
        DeleteMark();
        backend.Execute("UPDATE journal SET sequence_number = 'x' WHERE sequence_number = 5");
        Assert.Contains("journal of valori-a at ", (await RefusedAsync(A)).Message);
    }

    /// <summary>As a database that was replaced by an older copy while nobody wrote, or a failover to a standby that was behind.</summary>
    [SkippableTheory]
    [InlineData("DELETE FROM journal WHERE persistence_id = 'valori-a' AND sequence_number > 3")]
    [InlineData("DELETE FROM journal WHERE persistence_id = 'valori-a'")]
    [InlineData("DELETE FROM journal WHERE persistence_id = 'valori-a' AND sequence_number = 5")]
    [InlineData("UPDATE journal SET message = (SELECT message FROM journal WHERE persistence_id = 'valori-a' AND sequence_number = 4) WHERE persistence_id = 'valori-a' AND sequence_number = 5")]
    public async Task A_journal_that_went_back_under_a_running_engine_stops_it_before_anything_is_acknowledged(string change)
    {
        await using ValoriEngine engine = await backend.OpenAsync(2, name: A);
        for (int i = 0; i < 4; i++) await engine.InsertAsync(new float[] { i, i });
        Assert.Equal(5, (await engine.StatusAsync()).SequenceNr);
        backend.Execute(change);
        await Assert.ThrowsAsync<EngineException>(() => engine.InsertAsync(new float[] { 9, 9 }));
        EngineException stopped = await Assert.ThrowsAsync<EngineException>(() => engine.InsertAsync(new float[] { 9, 9 }));
        Assert.Equal(EngineFailureKind.Stopped, stopped.Kind);
        Assert.Contains("journal of valori-a at 5: expected ", stopped.Message);
        Assert.Equal(0L, backend.Scalar("SELECT count(*) FROM journal WHERE persistence_id = 'valori-a' AND sequence_number > 5"));
    }

    /// <summary>As a recovery reads one event, and as the comparison with a snapshot does: only the latter may take a row of a dropped event.</summary>
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_last_event_that_is_marked_deleted_is_not_served_and_not_written_upon(bool whileOpen)
    {
        await WriteAsync(A, inserts: 3, save: true);
        if (!whileOpen) await WriteAsync(A, inserts: 1, save: false, first: 3);
        await using (ValoriEngine? engine = whileOpen ? await backend.OpenAsync(2, name: A) : null)
        {
            if (engine is not null) await engine.InsertAsync(new float[] { 3, 3 });
            backend.Execute("UPDATE journal SET deleted = (1 = 1) WHERE persistence_id = 'valori-a' AND sequence_number = 5");
            if (engine is not null) await Assert.ThrowsAsync<EngineException>(() => engine.InsertAsync(new float[] { 9, 9 }));
        }
        Assert.Contains("journal of valori-a at 5: expected events up to sequence number 5, found events up to 4", (await RefusedAsync(A)).Message);
        Assert.Equal(0L, backend.Scalar("SELECT count(*) FROM journal WHERE persistence_id = 'valori-a' AND sequence_number > 5"));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_does_not_choose_its_serializer(bool asTimeline)
    {
        long last = await WriteAsync(A, inserts: 3, save: asTimeline);
        Canary.Created = 0;
        ValoriEngine? running = asTimeline ? await backend.OpenAsync(name: A) : null;
        backend.Execute("UPDATE journal SET identifier = 1, manifest = @type, message = @json WHERE persistence_id = 'valori-a' AND sequence_number = 2",
            ("@type", typeof(Canary).AssemblyQualifiedName!), ("@json", System.Text.Encoding.UTF8.GetBytes($$"""{"$type":"{{typeof(Canary).AssemblyQualifiedName}}"}""")));
        string message = running is null
            ? (await RefusedAsync(A)).Message
            : (await Assert.ThrowsAsync<EngineException>(() => running.TimelineAsync(1, 3))).Message;
        Assert.Contains($"journal of valori-a at 2: expected J in the column manifest, found {typeof(Canary).FullName}", message);
        Assert.Equal(0, Canary.Created);
        if (running is not null) Assert.Equal(last, (await running.StatusAsync()).SequenceNr);
        if (running is not null) await running.DisposeAsync();
    }

    private string MarkPath => Path.Combine(backend.DirectoryOf(A), "ends", "valori-a.end");

    private void DeleteMark() => File.Delete(MarkPath);

    private async Task<long> WriteAsync(string name, int inserts, bool save, int first = 0)
    {
        await using ValoriEngine engine = await backend.OpenAsync(2, name: name);
        for (int i = 0; i < inserts; i++) await engine.InsertAsync(new float[] { first + i + 1, name[0] });
        if (save) await engine.SaveAsync();
        return (await engine.StatusAsync()).SequenceNr;
    }

    private async Task<EngineStatus> StatusAsync(string name)
    {
        await using ValoriEngine engine = await backend.OpenAsync(name: name);
        return await engine.StatusAsync();
    }

    private async Task<EngineException> RefusedAsync(string name)
    {
        EngineException refused = await Assert.ThrowsAsync<EngineException>(() => backend.OpenAsync(2, name: name));
        Assert.Equal(EngineFailureKind.Stopped, refused.Kind);
        return refused;
    }

    /// <summary>Tells whether a row had it created.</summary>
    public sealed class Canary
    {
        public Canary() => Created++;

        public static int Created { get; set; }
    }
}

public sealed class JournalTruthOnSqliteTests() : JournalTruthTests(new SqliteBackend("a"));

public sealed class JournalTruthOnPostgreSqlTests() : JournalTruthTests(new PostgreSqlBackend());

public sealed class JournalTruthOnPostgreSqlAloneTests() : JournalTruthTests(new PostgreSqlSnapshotsBackend());

/// <summary>Rows of the snapshot table that are not Valori's: left out like damaged ones, and never made into anything.</summary>
public sealed class ForeignSnapshotRowTests : IDisposable
{
    private readonly PostgreSqlSnapshotsBackend _backend = new();

    public void Dispose() => _backend.Dispose();

    [SkippableTheory]
    [InlineData("serializer_id = 1")]
    [InlineData("serializer_id = 4711")]
    [InlineData("serializer_id = NULL")]
    [InlineData("manifest = 'X'")]
    [InlineData("manifest = @type, serializer_id = 1, snapshot = @json")]
    [InlineData("manifest = @type, serializer_id = NULL, snapshot = @json")]
    public async Task An_older_one_and_the_journal_take_its_place(string assignment)
    {
        EngineStatus written;
        await using (ValoriEngine engine = await _backend.OpenAsync(2))
        {
            for (int save = 0; save < 2; save++)
            {
                await engine.InsertAsync(new float[] { save, 1 });
                await engine.SaveAsync();
            }
            written = await engine.StatusAsync();
        }
        JournalTruthTests.Canary.Created = 0;
        _backend.Execute($"UPDATE snapshot SET {assignment} WHERE sequence_number = (SELECT max(sequence_number) FROM snapshot)",
            ("@type", typeof(JournalTruthTests.Canary).AssemblyQualifiedName!), ("@json", System.Text.Encoding.UTF8.GetBytes($$"""{"$type":"{{typeof(JournalTruthTests.Canary).AssemblyQualifiedName}}"}""")));
        await using ValoriEngine again = await _backend.OpenAsync();
        Assert.Equal(written, await again.StatusAsync());
        Assert.Equal(0, JournalTruthTests.Canary.Created);
    }
}
