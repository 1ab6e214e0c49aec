using System.Globalization;

namespace Valori.Actors.Snapshots;

/// <summary>
/// Names of snapshot files: <c>&lt;persistence id&gt;-&lt;sequence number, 20 digits&gt;.snapshot</c>, so that the order
/// of names is the order in time.
/// </summary>
internal static class SnapshotFiles
{
    public const string Extension = ".snapshot";

    /// <summary>Behind the name of a snapshot that is being written.</summary>
    public const string TemporarySuffix = ".tmp";

    public static string DirectoryIn(string dataDirectory) => Path.Combine(dataDirectory, "snapshots");

    public static string PathOf(string directory, string persistenceId, long sequenceNr) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{persistenceId}-{sequenceNr:D20}{Extension}"));

    /// <summary>The snapshot files of one persistence id, newest first.</summary>
    public static IReadOnlyList<(string Path, long SequenceNr)> Find(string directory, string persistenceId)
    {
        if (!Directory.Exists(directory)) return [];
        List<(string Path, long SequenceNr)> found = [];
        foreach (string path in Directory.EnumerateFiles(directory, persistenceId + "-*" + Extension))
        {
            string number = Path.GetFileNameWithoutExtension(path)[(persistenceId.Length + 1)..];
            if (number.Length == 20 && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long sequenceNr))
                found.Add((path, sequenceNr));
        }
        found.Sort((a, b) => b.SequenceNr.CompareTo(a.SequenceNr));
        return found;
    }
}
