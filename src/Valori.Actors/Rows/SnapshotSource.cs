namespace Valori.Actors.Rows;

/// <summary>A snapshot file, or what stands for one.</summary>
/// <param name="SequenceNr">That its name says.</param>
internal sealed record SnapshotSource(string Path, long SequenceNr, Func<Stream> Open)
{
    public static SnapshotSource File(string path, long sequenceNr) => new(path, sequenceNr,
        () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan));
}
