using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Valori.Actors.Snapshots;

/// <summary>Makes a rename durable: on Unix the directory has to be synced too. Windows journals its directories.</summary>
internal static partial class DirectorySync
{
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows()) return;
        using SafeFileHandle handle = OpenDirectory(directory, 0);
        if (handle.IsInvalid || Sync(handle) != 0)
            throw new IOException($"syncing the directory {directory} failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle handle);
}
