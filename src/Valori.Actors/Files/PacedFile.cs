using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Valori.Actors.Files;

/// <summary>
/// Writes a file and has the disk keep up with it. Pages that pile up in memory go to the disk all at once in the end, and the
/// journal's next sync waits behind them. Here one step is on its way to the disk while the next is written, so it waits for
/// two steps at most. Measured with saves of 782 MB beside single inserts, on ext4: their 99th percentile is 18 ms, beside 4
/// without a save and 148 with one sync in the end.
/// </summary>
internal sealed partial class PacedFile(string path) : DurableFile
{
    private const int StepBytes = 1 << 20;

    private const int DeletedAtOnce = 16 << 20;

    // Of sync_file_range(2).
    private const uint WaitBefore = 1, BeginWriting = 2, WaitAfter = 4;

    // What a file system answers that does not know it.
    private const int InvalidArgument = 22, NoSeek = 29, NotImplemented = 38, NotSupported = 95;

    // Of posix_fadvise(2).
    private const int DoNotNeed = 4;

    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
    // Grows to a step: small files need no large one.
    private byte[] _step = [];
    private int _used;
    private long _written;

    public override long Length => _written + _used;

    /// <summary>
    /// Deletes a file, giving its blocks back in steps: a file system that discards blocks holds up every sync until those of a
    /// whole large file are through, a tenth of a second for 234 MB.
    /// </summary>
    public static void Delete(string path)
    {
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.Read | FileShare.Delete))
        {
            for (long length = file.Length - DeletedAtOnce; length > 0; length -= DeletedAtOnce)
            {
                file.SetLength(length);
                file.Flush(flushToDisk: true);
            }
        }
        File.Delete(path);
    }

    /// <summary>Lets what is read next come from the disk, and not from the memory that it was written from. A hint.</summary>
    public static void ForgetCached(FileStream file)
    {
        if (OperatingSystem.IsLinux()) _ = AdviseFile(file.SafeFileHandle, 0, 0, DoNotNeed);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int part = Math.Min(buffer.Length, StepBytes - _used);
            if (_step.Length < _used + part) Array.Resize(ref _step, Math.Clamp(2 * (_used + part), 4096, StepBytes));
            buffer[..part].CopyTo(_step.AsSpan(_used));
            _used += part;
            buffer = buffer[part..];
            if (_used == StepBytes) WriteStep();
        }
    }

    public override void Flush() => WriteStep();

    public override void Sync()
    {
        WriteStep();
        _file.Flush(flushToDisk: true);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }

    private void WriteStep()
    {
        if (_used == 0) return;
        _file.Write(_step, 0, _used);
        if (OperatingSystem.IsLinux())
        {
            SyncRange(_written, _used, BeginWriting);
            if (_written > 0) SyncRange(Math.Max(0, _written - StepBytes), StepBytes, WaitBefore | BeginWriting | WaitAfter);
        }
        _written += _used;
        _used = 0;
    }

    private void SyncRange(long offset, long bytes, uint how)
    {
        if (SyncFileRange(_file.SafeFileHandle, offset, bytes, how) == 0) return;
        // Where it is not known, the sync in the end does all of the work. A failed write must not be passed over: the system
        // tells it once, and the sync in the end would find nothing wrong.
        if (Marshal.GetLastPInvokeError() is not (InvalidArgument or NoSeek or NotImplemented or NotSupported))
            throw new IOException($"writing {path} to the disk failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int AdviseFile(SafeFileHandle file, long offset, long bytes, int advice);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long bytes, uint flags);
}
