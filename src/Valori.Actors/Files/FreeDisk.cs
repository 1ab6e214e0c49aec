namespace Valori.Actors.Files;

/// <summary>Keeps a part of a disk free of what clients upload, so that the journal on it can go on.</summary>
internal static class FreeDisk
{
    private const long MaximumKeptBytes = 1L << 30;
    private const int KeptFraction = 20;

    /// <summary>Bytes that are kept free of a disk of this size: a twentieth, at most 1 GiB.</summary>
    public static long KeptOf(long totalBytes) => Math.Min(totalBytes / KeptFraction, MaximumKeptBytes);

    /// <summary>Why so many bytes more are not written into the directory, or null when there is room.</summary>
    public static string? RefusalOf(string directory, long bytes)
    {
        DriveInfo disk = new(directory);
        long free = disk.AvailableFreeSpace, kept = KeptOf(disk.TotalSize);
        return free - bytes >= kept
            ? null
            : $"the disk of {directory} has {free} bytes free, of which {kept} are reserved; {bytes} more bytes are needed. Free some space";
    }
}
