using System.Globalization;
using Valori.Actors.Text;

namespace Valori.Actors.Files;

/// <summary>
/// Names of snapshot files: <c>&lt;persistence id&gt;-&lt;sequence number, 20 digits&gt;.snapshot</c>, so that the order
/// of names is the order in time.
/// </summary>
internal static class SnapshotFiles
{
    public const string Extension = ".snapshot";

    /// <summary>The suffix of a snapshot that is being written.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>The suffix of one that is being deleted: not that of one of the same state, which may be written meanwhile.</summary>
    public const string DiscardedSuffix = ".old" + TemporarySuffix;

    public static string DirectoryIn(string dataDirectory) => Path.Combine(dataDirectory, "snapshots");

    public static string PathOf(string directory, string persistenceId, long sequenceNr) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{persistenceId}-{sequenceNr:D20}{Extension}"));

    /// <summary>The persistence ids that have a snapshot file.</summary>
    public static IReadOnlyList<string> PersistenceIds(IFileSystem files, string directory)
    {
        const int suffix = 1 + 20;
        return [.. files.Find(directory, Extension).Select(Path.GetFileNameWithoutExtension).OfType<string>()
            .Where(name => name.Length > suffix && name[^suffix] == '-' && name[^(suffix - 1)..].All(char.IsAsciiDigit))
            .Select(name => name[..^suffix]).Distinct()];
    }

    /// <summary>The snapshot files of one persistence id, newest first.</summary>
    public static IReadOnlyList<(string Path, long SequenceNr)> Find(IFileSystem files, string directory, string persistenceId)
    {
        List<(string Path, long SequenceNr)> found = [];
        foreach (string path in files.Find(directory, Extension))
        {
            if (SequenceNrOf(path, persistenceId) is { } sequenceNr) found.Add((path, sequenceNr));
        }
        found.Sort((a, b) => b.SequenceNr.CompareTo(a.SequenceNr));
        return found;
    }

    /// <summary>Whether a path is that of a snapshot of this persistence id.</summary>
    public static bool IsOf(string path, string persistenceId) => SequenceNrOf(path, persistenceId) is not null;

    private static long? SequenceNrOf(string path, string persistenceId)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        if (!name.StartsWith(persistenceId + "-", StringComparison.Ordinal)) return null;
        string number = name[(persistenceId.Length + 1)..];
        return number.Length == 20 && WholeNumbers.TryParse(number, out long sequenceNr) ? sequenceNr : null;
    }
}
