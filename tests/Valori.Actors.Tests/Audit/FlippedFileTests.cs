using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Valori.Actors.Audit;
using Valori.Actors.Rows;
using Valori.Actors.Sqlite;
using Xunit.Abstractions;

namespace Valori.Actors.Tests.Audit;

/// <summary>
/// Every bit of journal.db and of its log, of every kind of page, flipped in turn: it is found, or everything that was written is
/// there. A start and an audit agree.
/// </summary>
[Trait("Category", "Slow")]
public sealed class FlippedFileTests(ITestOutputHelper output) : IDisposable
{
    private const int PageBytes = 512, Seed = 20_261_128, Starts = 60;

    private readonly TemporaryDirectory _directory = new();

    private string Original => _directory.File("original");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Of_the_file()
    {
        Written written = await WriteAsync(withLog: false);
        byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(Original, "journal.db"));
        string[] kinds = [.. KindsOfPages(bytes).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(["free", "index interior", "index leaf", "pointer map", "table interior", "table leaf"], kinds.Where(kind => kind != "overflow or free"));
        Assert.Contains("overflow or free", kinds);
        int found = FlipEveryBit(written, "journal.db", bytes);
        Assert.InRange(found, bytes.Length, bytes.Length * 8);
    }

    [Fact]
    public async Task Of_the_log()
    {
        Written written = await WriteAsync(withLog: true);
        byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(Original, "journal.db-wal"));
        // All of it is in use: none is left unfound.
        Assert.Equal(bytes.Length * 8, FlipEveryBit(written, "journal.db-wal", bytes));
    }

    [Fact]
    public async Task A_start_and_an_audit_agree()
    {
        output.WriteLine($"seed {Seed}");
        Written written = await WriteAsync(withLog: true);
        Random random = new(Seed);
        for (int start = 0; start < Starts; start++)
        {
            string copy = _directory.File($"start-{start}"), file = Path.Combine(copy, start % 2 == 0 ? "journal.db" : "journal.db-wal");
            Copy(Original, copy);
            byte[] bytes = await File.ReadAllBytesAsync(file);
            int position = random.Next(bytes.Length);
            bytes[position] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(file, bytes);
            string place = $"{Path.GetFileName(file)}, byte {position}";
            bool isGood = IsComplete(copy, written, place);
            // An audit may be stricter only where a start reads no bytes: here there is no snapshot, so it reads all.
            string? refused = await RefusalOfStartAsync(copy, written);
            Assert.True(isGood == refused is null, $"{place}: the audit finds it {(isGood ? "good" : "bad")}, the start says: {refused}");
        }
    }

    private int FlipEveryBit(Written written, string file, byte[] bytes)
    {
        ConcurrentBag<string> wrong = [];
        int found = 0;
        Parallel.For(
            0,
            bytes.Length,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            () =>
            {
                // In memory where there is such a place: every flip opens the files anew.
                string copy = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"valori-test-{Guid.NewGuid():N}");
                Copy(Original, copy);
                return copy;
            },
            (position, _, copy) =>
            {
                using FileStream stream = new(Path.Combine(copy, file), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
                for (int bit = 0; bit < 8; bit++)
                {
                    stream.Position = position;
                    stream.WriteByte((byte)(bytes[position] ^ (1 << bit)));
                    try
                    {
                        if (!IsComplete(copy, written, file)) Interlocked.Increment(ref found);
                    }
                    catch (Exception e)
                    {
                        wrong.Add($"{file}, byte {position}, bit {bit}: {e.Message}");
                    }
                }
                stream.Position = position;
                stream.WriteByte(bytes[position]);
                return copy;
            },
            copy => Directory.Delete(copy, recursive: true));
        output.WriteLine($"{file}: {found} of {bytes.Length * 8} flips found; with the others everything is there");
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal).Take(20)));
        return found;
    }

    /// <summary>Whether the audit finds nothing; then it must have found all that was written.</summary>
    private static bool IsComplete(string directory, Written written, string place)
    {
        try
        {
            // The same rows are proven in the same way: the most of the flips that change nothing need no replay.
            if (HasRowsOf(directory, written)) return true;
            using DirectoryAudit audit = DirectoryAudit.Open(directory);
            AuditedCollection[] audited = [.. audit.Collections.Select(name => audit.Audit(name))];
            if (audited.Any(collection => !collection.IsGood)) return false;
            Assert.Equal(written.Places.Keys.Order(StringComparer.Ordinal), audit.Collections);
            Assert.All(audited, collection => Assert.True(written.Places[collection.Name] == collection.Place, $"{place}: {collection.Name} ends at {collection.Place}"));
            return true;
        }
        catch (Exception e) when (e is CorruptionException or DataDirectoryException)
        {
            return false;
        }
    }

    private static bool HasRowsOf(string directory, Written written)
    {
        using SqliteJournalFile journal = SqliteJournalFile.Open(directory);
        return journal.PersistenceIds().SequenceEqual(written.Rows.Keys.Order(StringComparer.Ordinal))
            && written.Rows.All(collection =>
            {
                JournalRow[] rows = [.. journal.Rows(collection.Key)];
                return rows.Length == collection.Value.Count && rows.Length == journal.LastSequenceNr(collection.Key)
                    && rows.Zip(collection.Value, AreEqual).All(isEqual => isEqual);
            });

        static bool AreEqual(JournalRow one, JournalRow other) =>
            one.Payload.AsSpan().SequenceEqual(other.Payload) && one with { Payload = other.Payload } == other;
    }

    private static async Task<string?> RefusalOfStartAsync(string directory, Written written)
    {
        try
        {
            foreach ((string name, HistoryPlace place) in written.Places)
            {
                await using ValoriEngine engine = await WrittenHistory.OpenAsync(directory, name: name);
                Assert.Equal(place, (await engine.StatusAsync()).Place);
            }
            return null;
        }
        catch (Exception e) when (e is DataDirectoryException or EngineException)
        {
            return e.Message;
        }
    }

    /// <summary>Two collections in small pages, so that a few events fill pages of every kind; with a log, its last transactions are in it.</summary>
    private async Task<Written> WriteAsync(bool withLog)
    {
        string source = withLog ? _directory.File("written") : Original;
        Directory.CreateDirectory(source);
        Execute(source, $"PRAGMA page_size = {PageBytes}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; CREATE TABLE begun (x); DROP TABLE begun");
        Dictionary<string, HistoryPlace> places = [];
        await using (ValoriEngine engine = await WrittenHistory.OpenAsync(source, dimension: 2, "notes"))
        {
            for (int i = 0; i < 12; i++) await engine.InsertAsync(new float[] { i, -i });
            places.Add("notes", (await engine.StatusAsync()).Place);
        }
        await using (ValoriEngine engine = await WrittenHistory.OpenAsync(source, dimension: 2))
        {
            for (int i = 0; i < 12; i++) await engine.InsertAsync(new float[] { i, -i });
            await engine.SetMetadataAsync(new RecordId(3), new byte[1300]);
            await engine.SoftDeleteAsync(new RecordId(1));
            places.Add("default", (await engine.StatusAsync()).Place);
        }
        if (!withLog)
        {
            // Free pages, of both kinds.
            Execute(source, "CREATE TABLE gone (x); INSERT INTO gone VALUES (zeroblob(2000)); DROP TABLE gone");
            return new Written(places, Rows());
        }
        await using (ValoriEngine engine = await WrittenHistory.OpenAsync(source))
        {
            await engine.InsertAsync(new float[] { 7, 7 });
            await engine.WithRequestId("last").InsertAsync(new float[] { 8, 8 });
            places["default"] = (await engine.StatusAsync()).Place;
            Copy(source, Original);
        }
        return new Written(places, Rows());
    }

    private Dictionary<string, List<JournalRow>> Rows()
    {
        using SqliteJournalFile journal = SqliteJournalFile.Open(Original);
        return journal.PersistenceIds().ToDictionary(id => id, id => journal.Rows(id).ToList());
    }

    /// <summary>By the first byte of a page. Those without one are of chains.</summary>
    private static IEnumerable<string> KindsOfPages(byte[] bytes)
    {
        int firstFree = (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(32));
        for (int page = 1; page <= bytes.Length / PageBytes; page++)
        {
            byte kind = bytes[page == 1 ? 100 : (page - 1) * PageBytes];
            yield return page == 2 ? "pointer map" : page == firstFree ? "free" : kind switch
            {
                2 => "index interior",
                5 => "table interior",
                10 => "index leaf",
                13 => "table leaf",
                _ => "overflow or free",
            };
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string name in new[] { "journal.db", "journal.db-wal" })
        {
            string path = Path.Combine(from, name);
            if (!File.Exists(path)) continue;
            // Beside an engine, which has it open.
            using FileStream source = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), target = File.Create(Path.Combine(to, name));
            source.CopyTo(target);
        }
    }

    private static void Execute(string directory, string sql)
    {
        using SqliteConnection connection = new($"Data Source={Path.Combine(directory, "journal.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed record Written(Dictionary<string, HistoryPlace> Places, Dictionary<string, List<JournalRow>> Rows);
}
