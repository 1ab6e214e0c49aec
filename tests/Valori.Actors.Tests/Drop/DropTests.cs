using Akka.Actor;
using Valori.Actors.Audit;
using Valori.Actors.Journal;
using Valori.Actors.Rows;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Drop;

/// <summary>A collection is there whole, or it is gone: whoever looks, whatever fails, and wherever the process dies.</summary>
[Trait("Category", "Slow")]
public abstract class DropTests(Backend backend) : IDisposable
{
    private const string QuickStop = "valori.stop-timeout = 100ms\n";
    private const string QuickRetries = "valori.restart-backoff { minimum = 10ms, maximum = 50ms }\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DroppedCollection _dropped = new(backend);

    public void Dispose() => backend.Dispose();

    [SkippableTheory]
    [InlineData("all")]
    [InlineData("snapshots")]
    public async Task Everything_of_the_collection_goes_and_the_name_is_free(string retention)
    {
        string more = $"valori.journal-retention = {retention}";
        await _dropped.WriteAsync(more);
        ActorSystem system = _dropped.Start(more);
        ValoriExtension valori = ValoriExtension.Get(system);
        ValoriEngine notes = await valori.OpenAsync(DroppedCollection.Name);
        await notes.DropAsync();
        await _dropped.AssertGoneAsync(valori);
        EngineException gone = await Assert.ThrowsAsync<EngineException>(() => notes.RecordCountAsync());
        Assert.Equal(EngineFailureKind.Stopped, gone.Kind);
        await DroppedCollection.AssertNameIsFreeAsync(valori);
        await DroppedCollection.StopAsync(system);

        ActorSystem again = _dropped.Start(more);
        Assert.Equal(["notes", "other"], await ValoriExtension.Get(again).ListAsync());
        Assert.Equal(1UL, await (await ValoriExtension.Get(again).OpenAsync(DroppedCollection.Name)).RecordCountAsync());
        await DroppedCollection.StopAsync(again);
    }

    [SkippableFact]
    public async Task A_collection_that_is_not_open_or_cannot_be_opened_is_dropped_too()
    {
        await _dropped.WriteAsync();
        backend.Execute("UPDATE journal SET message = @bytes WHERE persistence_id = @id AND sequence_number = 1", ("@bytes", new byte[] { 1, 2, 3 }), ("@id", DroppedCollection.PersistenceId));
        _dropped.DeleteSnapshots();
        ActorSystem system = _dropped.Start();
        ValoriExtension valori = ValoriExtension.Get(system);
        Assert.Equal(EngineFailureKind.Stopped, (await Assert.ThrowsAsync<EngineException>(() => valori.OpenAsync(DroppedCollection.Name))).Kind);
        await valori.DropAsync(DroppedCollection.Name);
        await _dropped.AssertGoneAsync(valori);
        await DroppedCollection.AssertNameIsFreeAsync(valori);
        await DroppedCollection.StopAsync(system);
    }

    [SkippableFact]
    public async Task A_collection_of_which_only_an_end_mark_is_left_is_dropped_too()
    {
        await _dropped.WriteAsync();
        _dropped.DeleteRows("1 = 1");
        _dropped.DeleteSnapshots();
        ActorSystem system = _dropped.Start();
        ValoriExtension valori = ValoriExtension.Get(system);
        Assert.Equal(["notes", "other"], await valori.ListAsync());
        await valori.DropAsync(DroppedCollection.Name);
        await _dropped.AssertGoneAsync(valori);
        await DroppedCollection.StopAsync(system);
    }

    [SkippableFact]
    public async Task What_does_not_exist_or_cannot_be_a_name_is_refused_and_nothing_changes()
    {
        await _dropped.WriteAsync();
        ActorSystem system = _dropped.Start();
        ValoriExtension valori = ValoriExtension.Get(system);
        object? rows = backend.Scalar("SELECT count(*) FROM journal");
        await RefusedAsync("note", RefusalKind.NotFound, "collection 'note' does not exist");
        await RefusedAsync("Notes", RefusalKind.InvalidArgument, "'Notes' is not a valid collection name");
        await RefusedAsync("", RefusalKind.InvalidArgument, "is not a valid collection name");
        Assert.Equal(rows, backend.Scalar("SELECT count(*) FROM journal"));
        Assert.Equal(["notes", "other"], await valori.ListAsync());
        await DroppedCollection.StopAsync(system);

        async Task RefusedAsync(string name, RefusalKind kind, string message)
        {
            RefusedException e = await Assert.ThrowsAsync<RefusedException>(() => valori.DropAsync(name));
            Assert.Equal(kind, e.Refusal.Kind);
            Assert.Contains(message, e.Message);
        }
    }

    /// <summary>The states between any two steps, made by hand.</summary>
    [SkippableTheory]
    [InlineData("nothing")]
    [InlineData("the first events")]
    [InlineData("the last events")]
    [InlineData("all events")]
    [InlineData("all events, snapshots")]
    [InlineData("all events, snapshots, mark")]
    [InlineData("snapshots, mark")]
    public async Task A_start_finishes_a_drop_of_which_something_is_gone(string gone)
    {
        await _dropped.WriteAsync();
        _dropped.InsertIntent();
        foreach (string part in gone.Split(", "))
        {
            switch (part)
            {
                case "the first events": _dropped.DeleteRows("sequence_number <= 3"); break;
                case "the last events": _dropped.DeleteRows("sequence_number >= 4"); break;
                case "all events": _dropped.DeleteRows("1 = 1"); break;
                case "snapshots": _dropped.DeleteSnapshots(); break;
                case "mark": _dropped.DeleteMark(); break;
            }
        }
        using (DirectoryAudit audit = _dropped.OpenAudit())
        {
            Assert.Equal([DroppedCollection.Other], audit.Collections);
            Assert.Equal([DroppedCollection.Name], audit.BeingDropped);
            Assert.Empty(audit.Strangers);
        }
        ActorSystem system = _dropped.Start();
        // Whichever collection is asked for first, and however.
        if (gone.Length % 2 == 0) await ValoriExtension.Get(system).OpenAsync(DroppedCollection.Other);
        else Assert.Equal([DroppedCollection.Other], await ValoriExtension.Get(system).ListAsync());
        await _dropped.AssertGoneAsync(ValoriExtension.Get(system));
        await DroppedCollection.AssertNameIsFreeAsync(ValoriExtension.Get(system));
        await DroppedCollection.StopAsync(system);
    }

    [SkippableFact]
    public async Task Wherever_a_process_ends_the_collection_is_whole_or_gone()
    {
        for (int halt = 0; ; halt++)
        {
            await _dropped.WriteAsync();
            ActorSystem system = _dropped.Start(HaltingJournal.Configuration + QuickStop);
            DropSteps steps = DropSteps.Of(system);
            steps.HaltAt = halt;
            ValoriEngine notes = await ValoriExtension.Get(system).OpenAsync(DroppedCollection.Name);
            EngineStatus before = await notes.StatusAsync();
            Task drop = notes.DropAsync();
            if (await Task.WhenAny(drop, steps.Halted).WaitAsync(Patience) == drop)
            {
                await drop;
                await _dropped.AssertGoneAsync(ValoriExtension.Get(system));
                await DroppedCollection.StopAsync(system);
                Assert.True(halt >= 4, $"a drop took {halt} steps");
                return;
            }
            await AssertAuditIsCalmAsync();
            await DroppedCollection.StopAsync(system);
            EngineException unknown = await Assert.ThrowsAsync<EngineException>(() => drop.WaitAsync(Patience));
            Assert.Equal(EngineFailureKind.OutcomeUnknown, unknown.Kind);

            ActorSystem next = _dropped.Start();
            ValoriExtension valori = ValoriExtension.Get(next);
            if (halt == 0)
            {
                Assert.Equal(before, await (await valori.OpenAsync(DroppedCollection.Name, create: false)).StatusAsync());
                await valori.DropAsync(DroppedCollection.Name);
            }
            await _dropped.AssertGoneAsync(valori);
            await valori.DropAsync(DroppedCollection.Other);
            await DroppedCollection.StopAsync(next);
        }

        // In the middle of a drop: nothing that is left of it is taken for damage.
        async Task AssertAuditIsCalmAsync()
        {
            using DirectoryAudit audit = _dropped.OpenAudit();
            Assert.Empty(audit.Strangers);
            foreach (string name in audit.Collections) Assert.True((await Task.Run(() => audit.Audit(name))).IsGood);
        }
    }

    /// <summary>The journal's log needs room to delete rows.</summary>
    [SkippableFact]
    public async Task Snapshots_go_before_the_first_row_is_touched()
    {
        await _dropped.WriteAsync();
        ActorSystem system = _dropped.Start(HaltingJournal.Configuration + QuickStop);
        DropSteps steps = DropSteps.Of(system);
        // After the intent.
        steps.HaltAt = 1;
        long rows = _dropped.CountRows();
        Assert.True(_dropped.CountSnapshots() > 0);
        Task drop = ValoriExtension.Get(system).DropAsync(DroppedCollection.Name);
        await steps.Halted.WaitAsync(Patience);
        Assert.Equal((0, rows), (_dropped.CountSnapshots(), _dropped.CountRows()));
        await DroppedCollection.StopAsync(system);
        await Assert.ThrowsAsync<EngineException>(() => drop.WaitAsync(Patience));
        ActorSystem next = _dropped.Start();
        await _dropped.AssertGoneAsync(ValoriExtension.Get(next));
        await DroppedCollection.StopAsync(next);
    }

    [SkippableTheory]
    [InlineData(typeof(BeginDrop), false)]
    [InlineData(typeof(BeginDrop), true)]
    [InlineData(typeof(EraseEvents), false)]
    [InlineData(typeof(DeleteRows), false)]
    [InlineData(typeof(DeleteRows), true)]
    [InlineData(typeof(EndDrop), false)]
    [InlineData(typeof(EndDrop), true)]
    public async Task A_step_that_fails_is_told_and_tried_again(Type step, bool isTakenNevertheless)
    {
        await _dropped.WriteAsync();
        ActorSystem system = _dropped.Start(HaltingJournal.Configuration + QuickRetries);
        DropSteps steps = DropSteps.Of(system);
        (steps.FailsOnce, steps.FailsAfterwards) = (taken => taken.GetType() == step, isTakenNevertheless);
        ValoriExtension valori = ValoriExtension.Get(system);
        ValoriEngine notes = await valori.OpenAsync(DroppedCollection.Name);
        Exception? told = await Record.ExceptionAsync(() => notes.DropAsync().WaitAsync(Patience));
        if (step == typeof(BeginDrop) && !isTakenNevertheless)
        {
            EngineException notBegun = Assert.IsType<EngineException>(told);
            Assert.Equal((EngineFailureKind.Recovering, "collection 'notes' could not be dropped: the disk is gone; nothing was done, try again"), (notBegun.Kind, notBegun.Message));
            await notes.InsertAsync(new float[DroppedCollection.Dimension]);
            await notes.DropAsync();
        }
        else if (step != typeof(BeginDrop))
        {
            EngineException decided = Assert.IsType<EngineException>(told);
            Assert.Equal(EngineFailureKind.OutcomeUnknown, decided.Kind);
            Assert.StartsWith("collection 'notes' does not exist any more, but not all of it is gone yet: the disk is gone", decided.Message);
        }
        // Whoever opens the name waits for the end of the drop, unless the next try fails too.
        await _dropped.AssertGoneAsync(valori);
        await DroppedCollection.StopAsync(system);
    }

    /// <summary>Taken twice, it could outlive the drop and take what the next collection of this name has written.</summary>
    [SkippableTheory]
    [InlineData(typeof(DeleteRows))]
    [InlineData(typeof(EndDrop))]
    public async Task A_step_that_takes_long_is_not_taken_again_before_it_has_ended(Type step)
    {
        await _dropped.WriteAsync();
        ActorSystem system = _dropped.Start(HaltingJournal.Configuration + QuickRetries + "valori.storage-answer-timeout = 1s\n");
        DropSteps steps = DropSteps.Of(system);
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        steps.Held = (step, ended.Task);
        ValoriExtension valori = ValoriExtension.Get(system);
        ValoriEngine notes = await valori.OpenAsync(DroppedCollection.Name);
        EngineException told = await Assert.ThrowsAsync<EngineException>(() => notes.DropAsync().WaitAsync(Patience));
        Assert.Contains("did not answer within 1 s", told.Message);
        // Answered at the next timeout, which comes later than another try would.
        EngineException waiting = await Assert.ThrowsAsync<EngineException>(() => valori.OpenAsync(DroppedCollection.Name).WaitAsync(Patience));
        Assert.Equal(EngineFailureKind.Recovering, waiting.Kind);
        ended.SetResult();
        await _dropped.AssertGoneAsync(valori);
        Assert.Single(steps.Taken, taken => taken.GetType() == step);
        await DroppedCollection.StopAsync(system);
    }

    [SkippableFact]
    public async Task Of_drops_at_once_one_drops_and_whoever_opens_meanwhile_finds_nothing_or_creates_anew()
    {
        await _dropped.WriteAsync();
        ActorSystem system = _dropped.Start();
        ValoriExtension valori = ValoriExtension.Get(system);
        ValoriEngine notes = await valori.OpenAsync(DroppedCollection.Name);
        Task<Exception?>[] drops = [.. Enumerable.Range(0, 5).Select(_ => Record.ExceptionAsync(() => valori.DropAsync(DroppedCollection.Name)))];
        Task<Exception?>[] inserts = [.. Enumerable.Range(0, 50).Select(_ => Record.ExceptionAsync(() => notes.InsertAsync(new float[DroppedCollection.Dimension])))];
        Task<ValoriEngine> opening = valori.OpenAsync(DroppedCollection.Name, schema: 3);
        Exception?[] dropped = await Task.WhenAll(drops);
        Assert.Equal(1, dropped.Count(e => e is null));
        Assert.All(dropped.OfType<Exception>(), e => Assert.Equal(RefusalKind.NotFound, Assert.IsType<RefusedException>(e).Refusal.Kind));
        foreach (Exception? e in await Task.WhenAll(inserts))
        {
            if (e is RefusedException refused) Assert.Equal("collection 'notes' was dropped", refused.Message);
            else if (e is not null) Assert.True(Assert.IsType<EngineException>(e).Kind is EngineFailureKind.Stopped or EngineFailureKind.OutcomeUnknown, e.Message);
        }
        // It was asked for while the collection was there, with another dimension, or after the drop.
        Exception? opened = await Record.ExceptionAsync(async () => Assert.Equal(3, (await opening).Dimension));
        Assert.True(opened is null or RefusedException { Refusal.Kind: RefusalKind.Conflict }, $"{opened}");
        if (opened is null) await valori.DropAsync(DroppedCollection.Name);
        await _dropped.AssertGoneAsync(valori);
        await DroppedCollection.StopAsync(system);
    }

    [SkippableFact]
    public async Task A_restore_and_searches_that_run_end_and_leave_nothing()
    {
        await _dropped.WriteAsync();
        ActorSystem system = _dropped.Start();
        ValoriExtension valori = ValoriExtension.Get(system);
        ValoriEngine notes = await valori.OpenAsync(DroppedCollection.Name), other = await valori.OpenAsync(DroppedCollection.Other);
        await using FileStream? file = backend is PostgreSqlSnapshotsBackend ? null : File.OpenRead(await other.SaveAsync());
        using HeldStream upload = new(file is null ? backend.ReadSnapshot(backend.Snapshots(DroppedCollection.Other)[^1], DroppedCollection.Other) : await File.ReadAllBytesAsync(file.Name));
        Task<Exception?> restore = Record.ExceptionAsync(() => notes.RestoreAsync(upload));
        await upload.Reached.WaitAsync(Patience);
        Task<Exception?>[] searches = [.. Enumerable.Range(0, 100).Select(_ => Record.ExceptionAsync(() => notes.SearchAsync(new float[DroppedCollection.Dimension], k: 3)))];
        await valori.DropAsync(DroppedCollection.Name);
        upload.Release();
        Assert.IsType<EngineException>(await restore.WaitAsync(Patience));
        // From a state that was there, or not at all.
        Assert.All(await Task.WhenAll(searches).WaitAsync(Patience), e => Assert.True(e is null or EngineException { Kind: EngineFailureKind.Stopped }, $"{e}"));
        await _dropped.AssertGoneAsync(valori);
        await DroppedCollection.StopAsync(system);
    }

    [SkippableFact]
    public async Task An_audit_that_began_before_the_drop_finds_nothing_bad()
    {
        await _dropped.WriteAsync();
        ActorSystem system = _dropped.Start(HaltingJournal.Configuration + QuickStop);
        DropSteps steps = DropSteps.Of(system);
        ValoriExtension valori = ValoriExtension.Get(system);
        await valori.OpenAsync(DroppedCollection.Other);
        using DirectoryAudit audit = _dropped.OpenAudit();
        Assert.Contains(DroppedCollection.Name, audit.Collections);
        await valori.DropAsync(DroppedCollection.Name);
        AuditedCollection gone = audit.Audit(DroppedCollection.Name);
        Assert.True(gone.IsGood, string.Join('\n', gone.BadPlaces));
        Assert.Equal(0, gone.Events);
        await DroppedCollection.AssertNameIsFreeAsync(valori);
        AuditedCollection anew = audit.Audit(DroppedCollection.Name);
        Assert.True(anew.IsGood, string.Join('\n', anew.BadPlaces));

        // In the middle of the next drop.
        steps.HaltAt = steps.Taken.OfType<EraseEvents>().Any() ? 2 : 1;
        using DirectoryAudit another = _dropped.OpenAudit();
        Task drop = valori.DropAsync(DroppedCollection.Name);
        await steps.Halted.WaitAsync(Patience);
        AuditedCollection half = another.Audit(DroppedCollection.Name);
        Assert.True(half.IsGood, string.Join('\n', half.BadPlaces));
        await DroppedCollection.StopAsync(system);
        await Assert.ThrowsAsync<EngineException>(() => drop);
    }

    [SkippableFact]
    public async Task A_damaged_intent_drops_nothing_and_an_audit_names_it()
    {
        await _dropped.WriteAsync();
        // One bit away: 'other' must not be dropped in the place of 'notes', nor 'notes' itself.
        byte[] flipped = DropIntent.MessageOf(DroppedCollection.PersistenceId);
        flipped[^1] ^= 1;
        _dropped.InsertIntent(flipped);
        using (DirectoryAudit audit = _dropped.OpenAudit())
        {
            Assert.Equal(["notes", "other"], audit.Collections);
            Assert.Contains("the intent to drop a collection", Assert.Single(audit.Strangers).Expected);
        }
        ActorSystem system = _dropped.Start();
        Assert.Equal(["notes", "other"], await ValoriExtension.Get(system).ListAsync());
        Assert.Equal(150UL, await (await ValoriExtension.Get(system).OpenAsync(DroppedCollection.Name, create: false)).RecordCountAsync());
        await DroppedCollection.StopAsync(system);
    }

    /// <summary>After a change of its row, the intent drops nothing and is in nobody's way.</summary>
    protected async Task AssertDropsNothingAsync(string change)
    {
        await _dropped.WriteAsync();
        _dropped.InsertIntent();
        backend.Execute($"UPDATE journal SET {change} WHERE persistence_id = @id", ("@id", DropIntent.PersistenceId));
        using (DirectoryAudit audit = _dropped.OpenAudit())
        {
            Assert.Equal(["notes", "other"], audit.Collections);
            Assert.Contains("the intent to drop a collection", Assert.Single(audit.Strangers).Expected);
            Assert.True(audit.Audit(DroppedCollection.Other).IsGood);
        }
        ActorSystem system = _dropped.Start();
        ValoriExtension valori = ValoriExtension.Get(system);
        Assert.Equal(["notes", "other"], await valori.ListAsync());
        foreach (string name in new[] { DroppedCollection.Name, DroppedCollection.Other })
            Assert.Equal(150UL, await (await valori.OpenAsync(name, create: false)).RecordCountAsync());
        await DroppedCollection.StopAsync(system);
    }

    /// <summary>After a change of its row, the intent is one all the same.</summary>
    protected async Task AssertDropsAsync(string change)
    {
        await _dropped.WriteAsync();
        _dropped.InsertIntent();
        backend.Execute($"UPDATE journal SET {change} WHERE persistence_id = @id", ("@id", DropIntent.PersistenceId));
        ActorSystem system = _dropped.Start();
        await _dropped.AssertGoneAsync(ValoriExtension.Get(system));
        await DroppedCollection.StopAsync(system);
    }

    /// <summary>Bytes that wait in the middle.</summary>
    private sealed class HeldStream(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously), _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Release() => _released.TrySetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < Length / 2) return await base.ReadAsync(buffer[..Math.Min(buffer.Length, (int)(Length / 2 - Position))], cancellationToken);
            _reached.TrySetResult();
            await _released.Task.WaitAsync(cancellationToken);
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}

public sealed class DropTestsOnSqlite() : DropTests(new SqliteBackend(DroppedCollection.Directory))
{
    [Theory]
    [InlineData("message = CAST(message AS TEXT)")]
    [InlineData("message = 7")]
    [InlineData("message = 0.5")]
    [InlineData("sequence_number = 'x'")]
    [InlineData("sequence_number = 0.5")]
    [InlineData("sequence_number = x'00'")]
    [InlineData("deleted = 'x'")]
    [InlineData("deleted = 2")]
    [InlineData("deleted = 1")]
    [InlineData("manifest = CAST(manifest AS BLOB)")]
    [InlineData("manifest = NULL")]
    [InlineData("identifier = 'x'")]
    [InlineData("identifier = NULL")]
    public Task An_intent_with_a_column_of_another_type_drops_nothing_and_keeps_nobody_from_opening(string change) => AssertDropsNothingAsync(change);

    [Theory]
    [InlineData("created = 'x', tags = 7, writer_uuid = x'00'")]
    public Task Columns_that_prove_nothing_do_not_keep_a_drop_from_its_end(string change) => AssertDropsAsync(change);
}

public sealed class DropTestsOnPostgreSql() : DropTests(new PostgreSqlBackend());

public sealed class DropTestsOnPostgreSqlWithSnapshots() : DropTests(new PostgreSqlSnapshotsBackend());
