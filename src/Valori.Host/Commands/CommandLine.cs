using System.CommandLine;
using System.CommandLine.Parsing;
using Valori.Actors;
using Valori.Actors.Journal;
using Valori.Host.VectorFiles;

namespace Valori.Host.Commands;

/// <summary>Exit codes of <c>valori</c>.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Refused or failed; standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line is not understood.</summary>
    public const int WrongUsage = 2;
}

/// <summary>The command line: verbs, and what they have in common.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line and gives the exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        RootCommand root = new("Valori: a deterministic, verifiable vector and knowledge-graph database for AI memory.")
        {
            ServeCommand.Create(),
            ExecCommand.Create(),
            ImportCommand.Create(),
            SearchCommand.Create(),
            InfoCommand.Create(),
        };
        ParseResult parsed = root.Parse(WithDefaultVerb(args));
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError error in parsed.Errors) Console.Error.WriteLine($"valori: {error.Message}");
            Console.Error.WriteLine("Try 'valori --help'.");
            return ExitCode.WrongUsage;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    public static Option<DirectoryInfo> Data() => new("--data")
    {
        Description = "The data directory. One process at a time.",
        Required = true,
        HelpName = "DIR",
    };

    public static Option<string> Collection() => new("--collection")
    {
        Description = "Which collection of the directory.",
        DefaultValueFactory = _ => ValoriOptions.DefaultName,
        HelpName = "NAME",
    };

    public static Option<int?> Dimension() => new("--dimension")
    {
        Description = "Components of a vector: what a new collection gets (default 384) and an existing one must have.",
        HelpName = "N",
    };

    /// <summary>An action whose expected failures become one line on standard error and an exit code.</summary>
    public static void OnRun(this Command command, Func<ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                return await action(parsed, cancellationToken);
            }
            catch (Exception e) when (e is RefusedException or EngineException or DataDirectoryException or VectorFileException
                or Akka.Configuration.ConfigurationException or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"valori: {e.Message}");
                return ExitCode.Failed;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                Console.Error.WriteLine("valori: interrupted");
                return ExitCode.Failed;
            }
        });

    /// <summary>Opens the collection, for a verb that works on the directory itself.</summary>
    /// <param name="create">Whether the directory and the collection may be new.</param>
    public static async Task<ValoriEngine> OpenAsync(DirectoryInfo data, string collection, int? dimension, bool create, CancellationToken cancellationToken)
    {
        if (!create && !data.Exists) throw new DataDirectoryException($"there is no directory {data.FullName}");
        if (!create && !File.Exists(Path.Combine(data.FullName, "journal.db")))
            throw new DataDirectoryException($"{data.FullName} holds no Valori data (no journal.db)");
        ValoriOptions options = new()
        {
            Name = collection,
            Dimension = dimension,
            Create = create,
            Configuration = StandardErrorLogger.Configuration,
        };
        return await ValoriEngine.OpenAsync(data.FullName, options, cancellationToken);
    }

    private static string[] WithDefaultVerb(string[] args) =>
        args.Length == 0 || (args[0].StartsWith('-') && args[0] is not ("--help" or "-h" or "-?" or "--version")) ? ["serve", .. args] : args;
}
