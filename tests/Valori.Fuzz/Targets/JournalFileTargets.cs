using System.Buffers.Binary;
using Akka.Configuration;
using Microsoft.Data.Sqlite;
using Valori.Actors.Audit;

namespace Valori.Fuzz.Targets;

/// <summary>
/// The SQLite file of a journal and its log (docs/formats.md, sections 11 and 14), as an audit and a start read them. Declared:
/// <see cref="CorruptionException"/> and <see cref="DataDirectoryException"/>. What is taken is what was written, to the last event.
/// </summary>
internal static class JournalFileTargets
{
    private const string Collection = "default", Name = "journal.db";
    private const int PageBytes = 512, Events = 8;

    // Constant: a replay with its first segment and the buffers of the log and of SQLite's rows.
    private static readonly AllocationBound Allocation = new(Allocating.WholeProcess, 64 << 20, 200);

    private static readonly Lazy<Sample> Written = new(() => Task.Run(Sample.WriteAsync).GetAwaiter().GetResult());

    /// <summary>An input is the length of the file (4 bytes), the file and the log.</summary>
    public static readonly FuzzTarget Bytes = new("journal-file", AttackBytes, new Lazy<IReadOnlyList<byte[]>>(() => Written.Value.Files), Syntax.Binary, Allocation, Rounds: 600)
    {
        HotOffsets = [4, 4 + 100, 4 + PageBytes, 4 + 2 * PageBytes],
    };

    /// <summary>An input is SQL that somebody runs on the journal, its schema or its rows. If it changes the schema, that is refused.</summary>
    public static readonly FuzzTarget Schema = new("journal-schema", AttackSchema, new Lazy<IReadOnlyList<byte[]>>(Statements), Syntax.Text, Allocation, Rounds: 400);

    private static string DirectoryPath => Directory.CreateDirectory(Sandbox.File("journal")).FullName;

    public static void AttackBytes(ReadOnlySpan<byte> input)
    {
        if (input.Length < 4) return;
        int length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(input), (uint)(input.Length - 4));
        Put(input.Slice(4, length), input[(4 + length)..]);
        Audit();
    }

    public static void AttackSchema(ReadOnlySpan<byte> input)
    {
        byte[] whole = Written.Value.Files[0];
        Put(whole.AsSpan(4), []);
        string before, after;
        using (SqliteConnection connection = new($"Data Source={Path.Combine(DirectoryPath, Name)};Pooling=False"))
        {
            connection.Open();
            before = SchemaOf(connection);
            try
            {
                // SQLite's text ends at a NUL; what Microsoft.Data.Sqlite makes of one in a command never ends.
                Execute(connection, System.Text.Encoding.UTF8.GetString(input).Split('\0')[0]);
            }
            catch (Exception e) when (e is SqliteException or InvalidOperationException)
            {
                // It is no SQL, or of none that there is.
            }
            try
            {
                after = SchemaOf(connection);
            }
            catch (SqliteException)
            {
                after = "none that can be read";
            }
        }
        bool isRefused = !Audit();
        BrokenPromiseException.ThrowIf(before != after && !isRefused, $"another schema was taken: {after}");
    }

    /// <summary>Whether it was taken.</summary>
    private static bool Audit()
    {
        try
        {
            using DirectoryAudit audit = DirectoryAudit.Open(DirectoryPath);
            if (!audit.Collections.Contains(Collection)) return false;
            AuditedCollection audited = audit.Audit(Collection);
            if (!audited.IsGood) return false;
            BrokenPromiseException.ThrowIf(audited.Place is { } place && !Written.Value.Places.Contains(place), $"a place that never was: {audited.Place}");
            Verdict.Accepted();
            return true;
        }
        catch (Exception e) when (e is CorruptionException or DataDirectoryException)
        {
            return false;
        }
    }

    private static void Put(ReadOnlySpan<byte> file, ReadOnlySpan<byte> log)
    {
        string path = Path.Combine(DirectoryPath, Name);
        foreach (string suffix in new[] { "-wal", "-shm", "-journal" }) File.Delete(path + suffix);
        File.WriteAllBytes(path, file.ToArray());
        if (log.Length > 0) File.WriteAllBytes(path + "-wal", log.ToArray());
    }

    private static List<byte[]> Statements() =>
    [
        .. new[]
        {
            "CREATE TRIGGER t BEFORE INSERT ON journal BEGIN SELECT RAISE(IGNORE); END",
            "CREATE TRIGGER t AFTER INSERT ON journal WHEN NEW.sequence_number > 3 BEGIN DELETE FROM journal WHERE ordering = NEW.ordering; END",
            "CREATE VIEW v AS SELECT * FROM journal",
            "CREATE TABLE other (x INTEGER PRIMARY KEY, y TEXT)",
            "CREATE TABLE tags (x)",
            "CREATE INDEX i ON journal (created) WHERE deleted = 0",
            "DROP INDEX journal_uq; CREATE INDEX journal_uq ON journal (persistence_id, sequence_number)",
            "ALTER TABLE journal ADD COLUMN more INTEGER DEFAULT 1",
            "ALTER TABLE journal RENAME COLUMN tags TO tag",
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', 'NOT NULL ON CONFLICT IGNORE')",
            "PRAGMA user_version = 7",
            "UPDATE journal SET identifier = 1, manifest = 'System.IO.FileInfo, System.Private.CoreLib' WHERE sequence_number = 3",
            "INSERT INTO journal SELECT NULL, created, 0, persistence_id, sequence_number + 1, message, tags, manifest, identifier, writer_uuid FROM journal ORDER BY sequence_number DESC LIMIT 1",
            "UPDATE journal SET persistence_id = 'valori-other' WHERE sequence_number > 4",
            "UPDATE journal SET message = (SELECT message FROM journal WHERE sequence_number = 2) WHERE sequence_number = 5",
            "UPDATE journal SET deleted = 1 WHERE sequence_number = 9",
            "UPDATE journal SET sequence_number = 'x' WHERE sequence_number = 7",
            "DELETE FROM journal WHERE sequence_number = 3",
        }.Select(System.Text.Encoding.UTF8.GetBytes),
    ];

    private static string SchemaOf(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(type || ' ' || name || ' ' || coalesce(sql, ''), '; ' ORDER BY type, name) FROM sqlite_schema";
        return command.ExecuteScalar() as string ?? "";
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 1;
        command.ExecuteNonQuery();
    }

    /// <param name="Files">Of a journal without a log, and with one.</param>
    /// <param name="Places">That its history has.</param>
    private sealed record Sample(IReadOnlyList<byte[]> Files, HashSet<HistoryPlace> Places)
    {
        /// <summary>Small pages, so that a few events fill pages of every kind.</summary>
        public static async Task<Sample> WriteAsync()
        {
            using TemporaryDirectory directory = new();
            string path = Path.Combine(directory.Path, Name);
            using (SqliteConnection connection = new($"Data Source={path};Pooling=False"))
            {
                connection.Open();
                Execute(connection, $"PRAGMA page_size = {PageBytes}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; CREATE TABLE begun (x); DROP TABLE begun");
            }
            ValoriOptions options = new() { Dimension = 2, Configuration = ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF }") };
            HashSet<HistoryPlace> places = [];
            byte[] withoutLog, withLog;
            await using (ValoriEngine engine = await ValoriEngine.OpenAsync(directory.Path, options))
            {
                places.Add((await engine.StatusAsync()).Place);
                await WriteEventsAsync(engine, places);
            }
            withoutLog = Join(await File.ReadAllBytesAsync(path), []);
            await using (ValoriEngine engine = await ValoriEngine.OpenAsync(directory.Path, options))
            {
                await WriteEventsAsync(engine, places);
                withLog = Join(Read(path), Read(path + "-wal"));
            }
            return new Sample([withoutLog, withLog], places);
        }

        private static async Task WriteEventsAsync(ValoriEngine engine, HashSet<HistoryPlace> places)
        {
            for (int i = 0; i < Events; i++) places.Add((await engine.InsertAsync(new float[] { i, -i })).Receipt.Place);
            places.Add((await engine.SetMetadataAsync(new RecordId(0), new byte[1300])).Place);
        }

        private static byte[] Read(string path)
        {
            // The engine has it open.
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }

        private static byte[] Join(byte[] file, byte[] log)
        {
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, file.Length);
            return [.. length, .. file, .. log];
        }
    }
}
