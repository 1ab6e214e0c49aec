using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Valori.Actors.Files;

/// <summary>Makes names durable: on Unix their directory has to be synced too. Windows journals its directories.</summary>
internal static partial class DirectorySync
{
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows()) return;
        using SafeFileHandle handle = OpenDirectory(directory, 0);
        if (handle.IsInvalid || Sync(handle) != 0)
            throw new IOException($"syncing the directory {directory} failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Creates a directory, and those above it that are missing, so that they last: each is a name in the one above.</summary>
    public static void Create(string directory)
    {
        if (Directory.Exists(directory)) return;
        string? parent = Path.GetDirectoryName(directory);
        if (!string.IsNullOrEmpty(parent)) Create(parent);
        Directory.CreateDirectory(directory);
        if (string.IsNullOrEmpty(parent)) return;
        try
        {
            Flush(parent);
        }
        catch (IOException)
        {
            // One that may be written and not read cannot be synced: then its file system has to do without.
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle handle);
}
