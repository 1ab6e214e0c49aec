using System.Globalization;
using Microsoft.Data.Sqlite;
using Valori.Actors.Files;
using Valori.Actors.Settings;

namespace Valori.Actors.Sqlite;

/// <summary>
/// The data directory of this process: locked for as long as it is open, its SQLite journal checked and switched to WAL before
/// the plugin first opens it.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    public const string LockFileName = "valori.lock";

    // Beside the lock, because a locked file cannot be read by others on every system.
    public const string OwnerFileName = "valori.pid";

    private readonly FileStream _lock;
    private readonly string? _journalConnectionString;
    private int _isReleased;

    private DataDirectory(FileStream lockFile, string? journalConnectionString)
    {
        _lock = lockFile;
        _journalConnectionString = journalConnectionString;
    }

    /// <param name="path">Created if it does not exist.</param>
    /// <param name="withSqliteJournal">Whether journal.db in it is the journal.</param>
    /// <param name="letJournalShrink">Whether events are going to be dropped from it.</param>
    public static DataDirectory Open(string path, bool withSqliteJournal, bool letJournalShrink)
    {
        FileStream lockFile = Lock(path);
        try
        {
            DeleteLeftovers(path);
            string? connectionString = withSqliteJournal ? ReferenceConfig.SqliteConnectionString(path) : null;
            if (connectionString is not null)
            {
                PrepareJournal(Path.Combine(path, SqliteJournalFile.FileName), connectionString, letJournalShrink);
                SqliteConnections.SecurePlugin(connectionString);
            }
            return new DataDirectory(lockFile, connectionString);
        }
        catch (Exception e) when (e is SqliteException or CorruptionException or IOException or UnauthorizedAccessException)
        {
            Release(lockFile);
            throw new DataDirectoryException($"the journal in {path} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Whether a directory has a journal and nothing can be written in it: a read-only medium, or one without the permission.</summary>
    public static bool IsReadOnly(string path)
    {
        const int readOnlyFileSystem = 30;
        string lockPath = Path.Combine(path, LockFileName);
        // Asking leaves a lock file behind, which a directory of something else must not get.
        if (!File.Exists(Path.Combine(path, SqliteJournalFile.FileName))) return false;
        try
        {
            // As an engine would, but without the lock: another process may hold it.
            using FileStream file = new(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException e)
        {
            return e.HResult == readOnlyFileSystem;
        }
    }

    public void Dispose()
    {
        // Both the end of an ActorSystem and its owner dispose this; by the second time another process may have the directory.
        if (Interlocked.Exchange(ref _isReleased, 1) != 0) return;
        // Pooled connections outlive the ActorSystem; while one is open the WAL is not folded back into the file.
        if (_journalConnectionString is not null)
        {
            using SqliteConnection connection = new(_journalConnectionString);
            SqliteConnection.ClearPool(connection);
            SqliteConnections.ReleasePlugin(_journalConnectionString);
        }
        Release(_lock);
    }

    private static void Release(FileStream lockFile)
    {
        File.Delete(Path.Combine(Path.GetDirectoryName(lockFile.Name)!, OwnerFileName));
        lockFile.Dispose();
    }

    private static FileStream Lock(string path)
    {
        string lockPath = Path.Combine(path, LockFileName), ownerPath = Path.Combine(path, OwnerFileName);
        if (File.Exists(path)) throw new DataDirectoryException($"{path} is a file, not a data directory");
        try
        {
            DirectorySync.Create(path);
            FileStream lockFile = new(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(ownerPath, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return lockFile;
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException) && File.Exists(ownerPath))
        {
            string owner = File.ReadAllText(ownerPath);
            throw new DataDirectoryException(
                owner == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
                    ? $"{path} is in use by process {owner}, which is this one: open it once and share the engine or the ActorSystem. If an earlier engine is still open, dispose of it"
                    : $"{path} is in use by process {owner}: only one process may open it at a time. Stop that process, or use its HTTP address", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"{path} cannot be used as a data directory: {e.Message}", e);
        }
    }

    /// <summary>What a crash left half written: no other process may write here, so none uses it.</summary>
    private static void DeleteLeftovers(string path)
    {
        foreach (string spool in Directory.EnumerateFiles(path, "restore-*.tmp")) File.Delete(spool);
        foreach (string directory in new[] { SnapshotFiles.DirectoryIn(path), IndexFiles.DirectoryIn(path) })
        {
            if (!Directory.Exists(directory)) continue;
            foreach (string temporary in Directory.EnumerateFiles(directory, "*" + SnapshotFiles.TemporarySuffix)) File.Delete(temporary);
        }
    }

    private static void PrepareJournal(string journalPath, string connectionString, bool letShrink)
    {
        // Before SQLite looks at it, which takes damage for an end and goes on from there.
        SqliteLog.Check(journalPath);
        using SqliteConnection connection = SqliteConnections.Open(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        // What is refused stays as it is.
        SqliteConnections.KeepLogOnClose(connection, true);
        SqliteConnections.Check(connection);
        JournalCheck.Run(connection, journalPath);
        SqliteConnections.KeepLogOnClose(connection, false);

        using SqliteCommand command = connection.CreateCommand();
        // Larger pages than SQLite's 4096 hold a batch in fewer pieces, and its checkpoints come at twice the bytes. Measured:
        // batches of 10,000 x 384 take a sixth less time; with 16,384 a single insert takes a fifth more. For new files only.
        command.CommandText = "PRAGMA page_size = 8192";
        command.ExecuteNonQuery();
        if (letShrink) JournalSpace.LetShrink(connection);
        // WAL is a property of the file. Every commit then costs one fsync of the log.
        command.CommandText = "PRAGMA journal_mode = WAL";
        string? mode = command.ExecuteScalar() as string;
        if (mode != "wal") throw new IOException($"journal_mode is {mode}, not wal: the file system does not support shared memory files");
    }
}
