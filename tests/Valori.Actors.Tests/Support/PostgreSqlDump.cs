using System.Diagnostics;
using Npgsql;

namespace Valori.Actors.Tests.Support;

/// <summary>A dump of one database by PostgreSQL's own <c>pg_dump</c>, to be restored into others.</summary>
internal sealed class PostgreSqlDump : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"valori-{Guid.NewGuid():N}.dump");

    private PostgreSqlDump()
    {
    }

    /// <summary>Skips the test where the programs are not there.</summary>
    public static PostgreSqlDump Of(PostgreSqlDatabase database)
    {
        PostgreSqlDump dump = new();
        Run("pg_dump", database.ConnectionString, "--format=custom", "--no-owner", $"--file={dump._path}", database.Name);
        return dump;
    }

    public void RestoreInto(PostgreSqlDatabase database) => Run("pg_restore", database.ConnectionString, "--no-owner", "--exit-on-error", $"--dbname={database.Name}", _path);

    public void Dispose() => File.Delete(_path);

    private static void Run(string program, string connectionString, params string[] arguments)
    {
        NpgsqlConnectionStringBuilder server = new(connectionString);
        ProcessStartInfo start = new(program) { RedirectStandardError = true };
        foreach (string argument in (string[])[$"--host={server.Host}", $"--port={server.Port}", $"--username={server.Username}", "--no-password", .. arguments]) start.ArgumentList.Add(argument);
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Skip.If(true, $"{program} cannot be run: {e.Message}");
        }
        using (process)
        {
            string error = process!.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{program}: {error}");
        }
    }
}
