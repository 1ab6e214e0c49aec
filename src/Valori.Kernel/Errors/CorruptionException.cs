namespace Valori;

/// <summary>
/// Bytes that are not what was written: a damaged snapshot, a tampered journal. The reader refuses to go on.
/// </summary>
public sealed class CorruptionException : Exception
{
    /// <param name="source">File or journal, with what is needed to find it.</param>
    /// <param name="position">Byte offset in a file, sequence number in a journal.</param>
    /// <param name="expected">What should stand there.</param>
    /// <param name="found">What stands there.</param>
    public CorruptionException(string source, long position, string expected, string found, Exception? inner = null)
        : base($"{source} at {position}: expected {expected}, found {found}", inner)
    {
        Place = source;
        Position = position;
        Expected = expected;
        Found = found;
    }

    public string Place { get; }

    public long Position { get; }

    public string Expected { get; }

    public string Found { get; }
}
