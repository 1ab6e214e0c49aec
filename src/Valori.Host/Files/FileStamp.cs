namespace Valori.Host.Files;

/// <summary>What shows that a file has changed.</summary>
internal static class FileStamp
{
    /// <summary>
    /// Time and length of a file; null if there is none. A link has those of the file that it leads to: where secrets are mounted (Kubernetes), a
    /// change replaces what is behind the link, and the link stays as it is.
    /// </summary>
    public static (DateTime Written, long Bytes)? Of(string path)
    {
        FileSystemInfo file = new FileInfo(path);
        try
        {
            if (file.LinkTarget is not null) file = file.ResolveLinkTarget(returnFinalTarget: true)!;
        }
        catch (IOException)
        {
            // A circle of links. Whoever reads the file says so.
        }
        return file is FileInfo { Exists: true } found ? (found.LastWriteTimeUtc, found.Length) : null;
    }
}
