using System.Diagnostics;

namespace Valori.Host.Security;

/// <summary>Opens a file that one process has at a time. Others have theirs for milliseconds, so it waits for them.</summary>
internal static class HeldFile
{
    // What the system says of a file that another process has: EAGAIN of Linux and of macOS, a sharing violation of Windows.
    private static readonly int[] HeldErrors = [11, 35, unchecked((int)0x80070020)];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Interval = TimeSpan.FromMilliseconds(10);

    /// <exception cref="IOException">It cannot be opened, or another process does not let it go.</exception>
    public static FileStream Open(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        // Who may open it, if only to read, may hold it, and then nobody else can.
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException e) when (HeldErrors.Contains(e.HResult) && Stopwatch.GetElapsedTime(start) < Patience)
            {
                Thread.Sleep(Interval);
            }
        }
    }
}
