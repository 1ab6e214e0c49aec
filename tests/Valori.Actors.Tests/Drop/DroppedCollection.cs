using Akka.Actor;
using Akka.Configuration;
using Valori.Actors.Audit;
using Valori.Actors.Files;
using Valori.Actors.Journal;
using Valori.Actors.PostgreSql;
using Valori.Actors.Rows;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Drop;

/// <summary>Two collections of one journal: <c>notes</c>, which is dropped, and <c>other</c>, which must not notice.</summary>
internal sealed class DroppedCollection(Backend backend)
{
    public const string Name = "notes", Other = "other", Directory = "shared", PersistenceId = "valori-notes";
    public const int Dimension = 16;

    /// <summary>A text in the content of the dropped collection alone.</summary>
    public const string Secret = "what must be unreadable after the drop";

    private EngineStatus? _other;

    public string DirectoryPath => backend.DirectoryOf(Directory);

    public Config ConfigurationWith(string more = "") => ConfigurationFactory.ParseString(more)
        .WithFallback(ConfigurationFactory.ParseString(ReferenceConfig.DataDirectorySetting(DirectoryPath)))
        .WithFallback(backend.Configuration);

    public ActorSystem Start(string more = "") => ActorSystem.Create($"drop-{Guid.NewGuid():N}", ConfigurationWith(more));

    /// <summary>Ends a system, so that another one can have the directory.</summary>
    public static async Task StopAsync(ActorSystem system)
    {
        await system.Terminate();
        ValoriExtension.Get(system).Release();
    }

    /// <summary>Fills both, with snapshots and end marks, in a system of its own.</summary>
    public async Task WriteAsync(string more = "")
    {
        ActorSystem system = Start(more);
        ValoriEngine notes = await ValoriExtension.Get(system).OpenAsync(Name, Dimension), other = await ValoriExtension.Get(system).OpenAsync(Other, Dimension);
        for (int i = 0; i < 3; i++)
        {
            foreach (ValoriEngine engine in new[] { notes, other })
            {
                RecordId id = (await engine.InsertBatchAsync(new float[50 * Dimension], new ulong[50]))[0];
                await engine.SetMetadataAsync(id, System.Text.Encoding.UTF8.GetBytes(engine == notes ? $"{Secret} {i}" : "what stays"));
                await engine.SaveAsync();
            }
        }
        _other = await other.StatusAsync();
        await StopAsync(system);
    }

    public void InsertIntent(byte[]? message = null) => backend.Execute(
        "INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier) VALUES (1, @deleted, @id, @nr, @message, '', 'D', @identifier)",
        ("@deleted", false), ("@id", DropIntent.PersistenceId), ("@nr", DropIntent.SequenceNrOf(PersistenceId)), ("@message", message ?? DropIntent.MessageOf(PersistenceId)), ("@identifier", ValoriSerializer.Number));

    public void DeleteRows(string condition) => backend.Execute($"DELETE FROM journal WHERE persistence_id = @id AND {condition}", ("@id", PersistenceId));

    public void DeleteMark() => new JournalEnds(DiskFileSystem.Instance, DirectoryPath).Delete(PersistenceId);

    public long CountSnapshots() => SnapshotFiles.Find(DiskFileSystem.Instance, SnapshotFiles.DirectoryIn(DirectoryPath), PersistenceId).Count
        + (KeepsSnapshotsInTable ? Convert.ToInt64(backend.Scalar("SELECT count(*) FROM snapshot WHERE persistence_id = @id", ("@id", PersistenceId))) : 0);

    public long CountRows() => Convert.ToInt64(backend.Scalar("SELECT count(*) FROM journal WHERE persistence_id = @id", ("@id", PersistenceId)));

    public void DeleteSnapshots()
    {
        string directory = SnapshotFiles.DirectoryIn(DirectoryPath);
        foreach ((string path, _) in SnapshotFiles.Find(DiskFileSystem.Instance, directory, PersistenceId)) File.Delete(path);
        if (KeepsSnapshotsInTable) backend.Execute("DELETE FROM snapshot WHERE persistence_id = @id", ("@id", PersistenceId));
    }

    /// <summary>Nothing in journal, snapshots and end marks is of the dropped collection, and the other one is what it was.</summary>
    public async Task AssertGoneAsync(ValoriExtension valori)
    {
        Assert.Equal([Other], await valori.ListAsync());
        RefusedException missing = await Assert.ThrowsAsync<RefusedException>(() => valori.OpenAsync(Name, create: false));
        Assert.Equal((RefusalKind.NotFound, "collection 'notes' does not exist"), (missing.Refusal.Kind, missing.Message));
        Assert.Equal(0L, Convert.ToInt64(backend.Scalar("SELECT count(*) FROM journal WHERE persistence_id <> 'valori-other'")));
        if (KeepsSnapshotsInTable) Assert.Equal(0L, backend.Scalar("SELECT count(*) FROM snapshot WHERE persistence_id = @id", ("@id", PersistenceId)));
        string[] files = [.. System.IO.Directory.GetFiles(DirectoryPath, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path).StartsWith(PersistenceId, StringComparison.Ordinal) && !path.EndsWith(".old.tmp", StringComparison.Ordinal))];
        Assert.Empty(files);
        Assert.Empty(System.IO.Directory.GetFiles(DirectoryPath, "restore-*"));
        ValoriEngine other = await valori.OpenAsync(Other, create: false);
        Assert.Equal(_other, await other.StatusAsync());
        using DirectoryAudit audit = OpenAudit();
        Assert.Equal([Other], audit.Collections);
        Assert.Empty(audit.BeingDropped);
        Assert.Empty(audit.Strangers);
        Assert.True(audit.Audit(Other).IsGood);
    }

    /// <summary>The name is free: a collection of another dimension takes it.</summary>
    public static async Task AssertNameIsFreeAsync(ValoriExtension valori)
    {
        ValoriEngine again = await valori.OpenAsync(Name, schema: 3);
        Assert.Equal((3, 1L), (again.Dimension, (await again.StatusAsync()).SequenceNr));
        Assert.Equal(new RecordId(0), await again.InsertAsync(new float[] { 1, 2, 3 }));
        await again.SaveAsync();
    }

    /// <summary>As <c>valori verify</c> and the scrub open it, beside whoever serves.</summary>
    public DirectoryAudit OpenAudit()
    {
        Config config = ConfigurationWith();
        return PostgreSqlTarget.Of(config.WithFallback(ReferenceConfig.FallbackFor(config))) is { } target
            ? DirectoryAudit.Open(target, DirectoryPath, hasSnapshotFiles: !KeepsSnapshotsInTable)
            : DirectoryAudit.Open(DirectoryPath);
    }

    private bool KeepsSnapshotsInTable => backend is PostgreSqlSnapshotsBackend;
}
