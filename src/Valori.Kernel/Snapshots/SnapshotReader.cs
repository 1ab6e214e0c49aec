namespace Valori.Kernel.Snapshots;

/// <summary>What a snapshot holds: a kernel that goes on from there, and the place in the history.</summary>
public sealed record SnapshotContent(SnapshotHeader Header, ValoriKernel Kernel);

/// <summary>
/// Reads snapshot bytes and believes nothing: header and body digests are compared, and the state hash is computed anew
/// from the content. Streamed; no length in the bytes makes it allocate more than one block beyond what the stream holds.
/// </summary>
public static class SnapshotReader
{
    /// <param name="source">The name to give in errors: a file's path.</param>
    /// <exception cref="CorruptionException">The bytes are damaged, truncated, or no snapshot.</exception>
    public static SnapshotContent Read(Stream stream, string source)
    {
        SnapshotHeader header = ReadHeader(stream, source);
        using SnapshotBodyReader body = new(stream, source);
        ValoriKernel kernel = ValoriKernel.Decode(body);
        body.Finish();
        if (kernel.StateHash != header.StateHash)
            throw new CorruptionException(source, 64, $"state hash {kernel.StateHash}", header.StateHash.ToString());
        return new SnapshotContent(header, kernel);
    }

    /// <summary>
    /// Compares the digests of header and body with the bytes, without decoding them: that they are those that a writer
    /// wrote. A fraction of what <see cref="Read"/> takes, and no memory.
    /// </summary>
    /// <exception cref="CorruptionException">The bytes are damaged, truncated, or no snapshot.</exception>
    public static void VerifyBytes(Stream stream, string source)
    {
        ReadHeader(stream, source);
        using SnapshotBodyReader body = new(stream, source);
        body.SkipToEnd();
    }

    /// <summary>Reads and checks the header alone.</summary>
    public static SnapshotHeader ReadHeader(Stream stream, string source)
    {
        byte[] bytes = new byte[SnapshotHeader.SizeBytes];
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (read < bytes.Length)
            throw new CorruptionException(source, read, $"a header of {bytes.Length} bytes", "the end of the file (it is truncated)");
        return SnapshotHeader.Read(source, bytes);
    }
}
