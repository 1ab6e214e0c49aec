using System.Diagnostics;

namespace Valori.Host.Tests.Support;

/// <summary>A small file system of its own, to run out of space on. Skips the test where it cannot be mounted.</summary>
internal sealed class Tmpfs : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public Tmpfs(int kibibytes)
    {
        string? error = OperatingSystem.IsLinux() ? Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "tmpfs", _directory.Path) : "no Linux";
        if (error is null) return;
        _directory.Dispose();
        Skip.If(true, $"a tmpfs cannot be mounted here ({error.Trim()}): full and read-only disks are not tested");
    }

    public string Path => _directory.Path;

    public void Resize(int kibibytes) => Assert.Null(Run("mount", "-o", $"remount,size={kibibytes}k", _directory.Path));

    public void MakeReadOnly() => Assert.Null(Run("mount", "-o", "remount,ro", _directory.Path));

    /// <summary>Makes one file read-only, for root too.</summary>
    public void MakeReadOnly(string name)
    {
        string path = System.IO.Path.Combine(Path, name);
        Assert.Null(Run("mount", "--bind", path, path));
        Assert.Null(Run("mount", "-o", "remount,ro,bind", path));
    }

    /// <summary>Takes all the space that is left but some; delete the file to give it back.</summary>
    public string Fill(int leaveKibibytes)
    {
        string path = System.IO.Path.Combine(Path, "ballast");
        long bytes = new DriveInfo(Path).AvailableFreeSpace - leaveKibibytes * 1024L;
        File.WriteAllBytes(path, new byte[bytes]);
        return path;
    }

    public void Dispose()
    {
        Run("umount", "-l", _directory.Path);
        _directory.Dispose();
    }

    /// <summary>What went wrong, or null.</summary>
    private static string? Run(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{command}: {error}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }
}
