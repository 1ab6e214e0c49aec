using System.Diagnostics;

namespace Valori.Benchmarks.Measuring;

/// <summary>The git commit that the program was built from, as the work tree around it says.</summary>
internal sealed record Commit(string Hash, bool IsDirty)
{
    private static readonly Lazy<Commit> Found = new(Find);

    public static Commit Current => Found.Value;

    public override string ToString() => IsDirty ? $"{Hash} (dirty)" : Hash;

    private static Commit Find()
    {
        string? hash = Git("rev-parse --short=12 HEAD");
        return hash is null ? new Commit("unknown", false) : new Commit(hash, Git("status --porcelain --untracked-files=no") is not "");
    }

    private static string? Git(string arguments)
    {
        ProcessStartInfo start = new("git", arguments)
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process git = Process.Start(start)!;
            string output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
