using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Valori.Actors.Audit;
using Xunit.Abstractions;

namespace Valori.Actors.Tests.Audit;

/// <summary>The audit of real files: what it finds there, what it leaves alone, and that it needs nobody to stop.</summary>
[Trait("Category", "Slow")]
public sealed class DirectoryAuditTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Journal => _directory.File("journal.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task All_collections_are_proven_and_no_file_is_changed()
    {
        await WriteAsync("default");
        await WriteAsync("notes");
        Execute("INSERT INTO journal SELECT NULL, created, deleted, 'somebody-else', sequence_number, x'00', tags, 'other', 1, writer_uuid FROM journal WHERE persistence_id = 'valori-notes'");
        Dictionary<string, string> before = Files();
        using (DirectoryAudit audit = DirectoryAudit.Open(_directory.Path))
        {
            Assert.Equal(["default", "notes"], audit.Collections);
            Assert.Empty(audit.Strangers);
            Assert.All(audit.Collections, name =>
            {
                AuditedCollection audited = audit.Audit(name);
                Assert.True(audited.IsGood, string.Join('\n', audited.BadPlaces));
                Assert.Equal((audit.LastSequenceNr(name), 1), (audited.Place?.SequenceNr, audited.Snapshots));
            });
        }
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task It_works_beside_an_engine_that_writes()
    {
        await using ValoriEngine engine = await WrittenHistory.OpenAsync(_directory.Path, dimension: 2);
        using CancellationTokenSource enough = new();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; !enough.IsCancellationRequested; i++)
            {
                await engine.WithRequestId($"r{i}").InsertAsync(new float[] { i % 100, 1 });
                if (i % 50 == 0) await engine.SaveAsync();
            }
        });
        long last = 0;
        for (int i = 0; i < 10; i++)
        {
            HistoryPlace expected = (await engine.StatusAsync()).Place;
            using DirectoryAudit audit = DirectoryAudit.Open(_directory.Path);
            AuditedCollection audited = audit.Audit("default", expected);
            Assert.True(audited.IsGood && audit.Strangers.Count == 0, string.Join('\n', audited.BadPlaces));
            Assert.True(audited.Place!.SequenceNr >= expected.SequenceNr);
            last = audited.Place.SequenceNr;
        }
        await enough.CancelAsync();
        await writing;
        Assert.True(last > 1);
    }

    [Theory]
    [InlineData("message = zeroblob(length(message))", 4, "an event that can follow the one before it")]
    [InlineData("message = substr(message, 1, length(message) - 1)", 4, "an event that can follow the one before it")]
    [InlineData("message = 'text'", 4, "bytes in the column message")]
    [InlineData("manifest = 'K'", 4, "J in the column manifest")]
    [InlineData("manifest = NULL", 4, "text in the column manifest")]
    [InlineData("identifier = 4711", 4, "86825 in the column identifier")]
    [InlineData("identifier = 'many'", 4, "a whole number in the column identifier")]
    [InlineData("deleted = 2", 4, "0 or 1 in the column deleted")]
    [InlineData("deleted = 1", 4, "a row that is not marked deleted")]
    [InlineData("sequence_number = 1000", 5, "sequence number 4")]
    [InlineData("sequence_number = 'four'", 5, "sequence number 4")]
    [InlineData("persistence_id = 'valori-other'", 5, "sequence number 4")]
    public async Task A_changed_row_is_found(string assignment, long sequenceNr, string expected)
    {
        await WriteAsync("default");
        Execute($"UPDATE journal SET {assignment} WHERE sequence_number = 4");
        using DirectoryAudit audit = DirectoryAudit.Open(_directory.Path);
        BadPlace bad = audit.Audit("default").BadPlaces[0];
        Assert.Equal((Journal, sequenceNr), (bad.File, bad.SequenceNr));
        Assert.StartsWith(expected, bad.Expected);
    }

    [Fact]
    public async Task Snapshots_of_no_collection_and_files_of_no_name_are_told()
    {
        await WriteAsync("default");
        string snapshot = Assert.Single(Directory.GetFiles(_directory.File("snapshots")));
        string stranger = snapshot.Replace("valori-default-", "valori-gone-", StringComparison.Ordinal), unknown = _directory.File("snapshots/copy.snapshot");
        File.Copy(snapshot, stranger);
        File.Copy(snapshot, unknown);
        using DirectoryAudit audit = DirectoryAudit.Open(_directory.Path);
        Assert.Equal(stranger, Assert.Single(audit.Strangers).File);
        Assert.Equal([unknown], audit.UnknownFiles);
        Assert.True(audit.Audit("default").IsGood);
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_in_the_database_is_found_or_is_of_nothing_that_counts()
    {
        const int seed = 4711;
        output.WriteLine($"seed {seed}");
        HistoryPlace written = await WriteAsync("default");
        byte[] bytes = await File.ReadAllBytesAsync(Journal);
        Random random = new(seed);
        int found = 0;
        const int flips = 300;
        for (int i = 0; i < flips; i++)
        {
            int position = random.Next(bytes.Length);
            byte[] flipped = [.. bytes];
            flipped[position] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(Journal, flipped);
            if (!IsGood(written, out HistoryPlace? place)) found++;
            else Assert.True(written == place, $"byte {position}");
        }
        output.WriteLine($"{found} of {flips} found; the others are of columns that nothing proves, or of free space");
        Assert.True(found > 0);
    }

    [Fact]
    public async Task What_is_no_journal_is_refused_with_its_name()
    {
        Assert.Equal($"the directory {_directory.File("none")} does not exist", Assert.Throws<DataDirectoryException>(() => DirectoryAudit.Open(_directory.File("none"))).Message);
        Assert.Equal($"{_directory.Path} holds no Valori data (no journal.db)", Assert.Throws<DataDirectoryException>(() => DirectoryAudit.Open(_directory.Path)).Message);
        await File.WriteAllTextAsync(Journal, new string('x', 5000));
        Assert.StartsWith($"{Journal} at 0: expected a SQLite database that can be read, found ", Assert.Throws<CorruptionException>(() => DirectoryAudit.Open(_directory.Path)).Message);
        await File.WriteAllBytesAsync(Journal, []);
        using DirectoryAudit empty = DirectoryAudit.Open(_directory.Path);
        Assert.Empty(empty.Collections);
    }

    /// <summary>Dropped events: the snapshot in front of the first event takes their place, and says so.</summary>
    [Fact]
    public async Task Where_events_were_dropped_it_starts_from_the_snapshot_that_covers_them()
    {
        List<HistoryPlace> places = await WriteAndDropAsync();
        string[] snapshots = [.. Directory.GetFiles(_directory.File("snapshots")).Order(StringComparer.Ordinal)];
        long[] sequenceNrs = [.. snapshots.Select(path => long.Parse(Path.GetFileNameWithoutExtension(path)[^20..]))];
        Assert.Equal(2, snapshots.Length);

        AuditedCollection audited = Audit();
        Assert.Empty(audited.BadPlaces);
        Assert.Equal($"the events up to {sequenceNrs[0]} were dropped on purpose: the audit starts from the snapshot at {sequenceNrs[0]}", Assert.Single(audited.Notes));
        Assert.Equal((places[^1], places[^1].SequenceNr - sequenceNrs[0], 2), (audited.Place, audited.Events, audited.Snapshots));
        Assert.True(Audit(places.Find(place => place.SequenceNr == sequenceNrs[0] + 1)).IsGood);
        Assert.Contains("can no longer be compared", Assert.Single(Audit(places[0]).BadPlaces).Found);

        // The row that tells of the dropped ones must be that of the snapshot.
        Execute("DELETE FROM journal WHERE deleted = 1");
        Assert.StartsWith("sequence number 1, or before it", Audit().BadPlaces[0].Expected);
    }

    [Fact]
    public async Task Where_events_were_dropped_and_a_snapshot_is_bad_the_next_one_takes_its_place_and_the_chain_between_is_proven()
    {
        await WriteAndDropAsync();
        string[] snapshots = [.. Directory.GetFiles(_directory.File("snapshots")).Order(StringComparer.Ordinal)];
        long second = long.Parse(Path.GetFileNameWithoutExtension(snapshots[1])[^20..]);
        byte[] bytes = await File.ReadAllBytesAsync(snapshots[0]);
        bytes[^40] ^= 1;
        await File.WriteAllBytesAsync(snapshots[0], bytes);
        AuditedCollection audited = Audit();
        Assert.Equal(snapshots[0], Assert.Single(audited.BadPlaces).File);
        Assert.Equal(1, audited.Snapshots);
        Assert.Matches($"^only the chain is proven of the events [0-9]+ to {second}:", audited.Notes[^1]);

        File.Delete(snapshots[0]);
        Assert.Empty(Audit().BadPlaces);
        Execute($"UPDATE journal SET message = (SELECT message FROM journal WHERE sequence_number = {second}) WHERE sequence_number = {second - 1}");
        Assert.Equal(second - 1, Assert.Single(Audit().BadPlaces).SequenceNr);

        File.Delete(snapshots[1]);
        Assert.Contains("because the events before were dropped", Assert.Single(Audit().BadPlaces).Expected);
    }

    private AuditedCollection Audit(HistoryPlace? expected = null)
    {
        using DirectoryAudit audit = DirectoryAudit.Open(_directory.Path);
        return audit.Audit("default", expected);
    }

    private bool IsGood(HistoryPlace expected, out HistoryPlace? place)
    {
        place = null;
        try
        {
            using DirectoryAudit audit = DirectoryAudit.Open(_directory.Path);
            if (!audit.Collections.Contains("default")) return false;
            AuditedCollection audited = audit.Audit("default", expected);
            place = audited.Place;
            return audited.IsGood;
        }
        catch (Exception e) when (e is CorruptionException or DataDirectoryException)
        {
            return false;
        }
    }

    private async Task<HistoryPlace> WriteAsync(string name)
    {
        await using ValoriEngine engine = await WrittenHistory.OpenAsync(_directory.Path, dimension: 2, name);
        for (int i = 0; i < 5; i++) await engine.InsertAsync(new float[] { i, -i });
        await engine.SetMetadataAsync(new RecordId(1), new byte[2000]);
        await engine.SaveAsync();
        await engine.SoftDeleteAsync(new RecordId(0));
        return (await engine.StatusAsync()).Place;
    }

    private async Task<List<HistoryPlace>> WriteAndDropAsync()
    {
        List<HistoryPlace> places = [];
        await using ValoriEngine engine = await WrittenHistory.OpenAsync(_directory.Path, dimension: 2, more: "valori.journal-retention = snapshots");
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 5; i++) places.Add((await engine.WithRequestId($"{round}-{i}").InsertBatchAsync(new float[] { round, i }, new ulong[] { 1 })).Receipt.Place);
            await engine.SaveAsync();
        }
        places.Add((await engine.InsertBatchAsync(new float[] { 1, 2 }, new ulong[] { 3 })).Receipt.Place);
        return places;
    }

    /// <summary>What each file of the directory holds; SQLite's own two beside the database are its affair.</summary>
    private Dictionary<string, string> Files() => Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories)
        .Where(path => !path.EndsWith("-shm", StringComparison.Ordinal) && !path.EndsWith("-wal", StringComparison.Ordinal))
        .ToDictionary(path => path, path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) + File.GetLastWriteTimeUtc(path).Ticks);

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Journal};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0, sql);
    }
}
