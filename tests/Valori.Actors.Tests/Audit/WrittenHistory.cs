using Akka.Configuration;
using Valori.Actors.Audit;
using Valori.Actors.Entries;
using Valori.Actors.Files;
using Valori.Actors.Rows;
using Valori.Actors.Sqlite;
using Valori.Kernel;

namespace Valori.Actors.Tests.Audit;

/// <summary>A small journal with every kind of event, written once by an engine: its rows, its snapshots, its receipts.</summary>
public sealed class WrittenHistory : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    internal const string PersistenceId = "valori-default";

    internal static Config Quiet { get; } = ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF }");

    public string Data => _directory.File("data");

    internal IReadOnlyList<JournalRow> Rows { get; private set; } = [];

    internal IReadOnlyList<SnapshotSource> Snapshots { get; private set; } = [];

    /// <summary>Of every event.</summary>
    public IReadOnlyList<HistoryPlace> Places { get; private set; } = [];

    public async Task InitializeAsync()
    {
        List<Receipt> receipts = [];
        byte[] other = await WriteOtherAsync();
        await using (ValoriEngine engine = await OpenAsync(Data, dimension: 3))
        {
            receipts.Add(await engine.WithRequestId("first-1").SetMetadataAsync(await engine.InsertAsync(new float[] { 1, -2, 300 }, tag: 7), "a memory"u8.ToArray()));
            receipts.Add((await engine.InsertBatchAsync(new float[30], new ulong[10])).Receipt);
            receipts.Add((await engine.InsertBatchAsync(new float[0], new ulong[0])).Receipt);
            await engine.WithRequestId("second").InsertBatchAsync(new float[] { 0.25f, 0.5f, 0.125f, 1, 2, 3 }, new ulong[] { 1, ulong.MaxValue });
            receipts.Add(await engine.SetMetadataAsync(new RecordId(3), Array.Empty<byte>()));
            await engine.CreateNodeAsync(NodeKind.Document);
            await engine.CreateNodeAsync(NodeKind.Chunk, new RecordId(0));
            await engine.WithRequestId("node").CreateNodeAsync(new NodeKind(200), new RecordId(12));
            for (ulong i = 0; i < 3; i++) await engine.CreateEdgeAsync(new NodeId(i), new NodeId((i + 1) % 3), EdgeKind.RefersTo);
            receipts.Add(await engine.SoftDeleteAsync(new RecordId(1)));
            receipts.Add(await engine.DeleteEdgeAsync(new EdgeId(0)));
            receipts.Add(await engine.DeleteNodeAsync(new NodeId(2)));
            await engine.SaveAsync();
            // What arrives during a write shares an event.
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => engine.WithRequestId($"together-{i}").InsertAsync(new float[] { i, i, i })));
            receipts.Add(await engine.RestoreAsync(other));
            await engine.WithRequestId("behind").InsertAsync(new float[] { 9, 9, 9 });
            receipts.Add(await engine.SoftDeleteAsync(new RecordId(0)));
            await engine.SaveAsync();
            await engine.InsertAsync(new float[] { 0, 0, 0.5f });
        }
        using SqliteJournalFile journal = SqliteJournalFile.Open(Data);
        Rows = [.. journal.Rows(PersistenceId)];
        Snapshots = [.. SnapshotFiles.Find(DiskFileSystem.Instance, SnapshotFiles.DirectoryIn(Data), PersistenceId).Reverse().Select(found => InMemory(found.Path, found.SequenceNr, File.ReadAllBytes(found.Path)))];
        Places = ReadPlaces(Rows);
        Assert.All(receipts, receipt => Assert.Equal(receipt.Place, Places[(int)receipt.SequenceNr - 1]));
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    internal static Task<ValoriEngine> OpenAsync(string directory, int? dimension = null, string name = ValoriOptions.DefaultName, string more = "") =>
        ValoriEngine.OpenAsync(directory, new ValoriOptions { Name = name, Dimension = dimension, Configuration = ConfigurationFactory.ParseString(more).WithFallback(Quiet) });

    internal static SnapshotSource InMemory(string path, long sequenceNr, byte[] bytes) => new(path, sequenceNr, () => new MemoryStream(bytes));

    /// <summary>Audits rows, with these snapshots or the written ones.</summary>
    internal AuditedCollection Audit(IEnumerable<JournalRow> rows, IReadOnlyList<SnapshotSource>? snapshots = null, HistoryPlace? expected = null) =>
        new JournalAudit("journal", PersistenceId, snapshots ?? Snapshots, expected).Run("default", rows);

    private async Task<byte[]> WriteOtherAsync()
    {
        await using ValoriEngine engine = await OpenAsync(_directory.File("other"), dimension: 3);
        await engine.InsertBatchAsync(new float[] { 1, 2, 3, 4, 5, 6 }, new ulong[] { 8, 9 });
        await engine.CreateNodeAsync(NodeKind.Record, new RecordId(1));
        return await File.ReadAllBytesAsync(await engine.SaveAsync());
    }

    private static List<HistoryPlace> ReadPlaces(IReadOnlyList<JournalRow> rows)
    {
        History history = new();
        List<HistoryPlace> places = [];
        foreach (JournalRow row in rows)
        {
            JournalEntry entry = JournalCodec.Decode(new JournalRecord(row.Payload));
            history.Extend(entry.UnixMicroseconds, entry.StateHash, 0);
            places.Add(new HistoryPlace(row.SequenceNr, entry.UnixMicroseconds, entry.StateHash, entry.Chain, history.RootAt(row.SequenceNr)));
        }
        return places;
    }
}
