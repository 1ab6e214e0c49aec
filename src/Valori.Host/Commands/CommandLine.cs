using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;
using Valori.Actors.Text;
using Valori.Host.Files;
using Valori.Host.Json;
using Valori.Host.Logging;
using Valori.Kernel.Vectors;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary>Exit codes of <c>valori</c>.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Refused or failed, and standard error says why; or looked for what is bad or differs, and found it.</summary>
    public const int Failed = 1;

    /// <summary>The command line is not understood.</summary>
    public const int WrongUsage = 2;
}

/// <summary>The command line: verbs, and what they have in common.</summary>
internal static class CommandLine
{
    // How the parser begins to say that a path is empty; mostly a variable of a script is not set.
    private const string EmptyPath = "Cannot parse argument '' for option '";

    /// <summary>Runs one command line and returns the exit code.</summary>
    /// <param name="streams">Those of <c>exec</c>; null for standard input and output.</param>
    public static async Task<int> RunAsync(string[] args, ExecStreams? streams = null)
    {
        RootCommand root = CreateRoot(streams);
        string[] verbs = [.. root.Subcommands.Select(verb => verb.Name)];
        if (args is [var first, ..] && !first.StartsWith('-') && !verbs.Contains(first))
            return WrongUsage([$"'{first}' is not a verb{(Meant(first, verbs) is { Length: > 0 } meant ? $"{meant} The" : "; the")} verbs are {string.Join(", ", verbs)}"], "");
        if (args.Length == 0) return await TellVerbsAsync(root);

        ParseResult parsed = root.Parse(WithDefaultVerb(args));
        if (parsed.Errors.Count > 0)
        {
            string[] known = [.. parsed.CommandResult.Command.Options.Select(option => option.Name)];
            string ErrorOf(ParseError error) => parsed.UnmatchedTokens.FirstOrDefault(token => token.StartsWith('-') && error.Message.Contains($"'{token}'", StringComparison.Ordinal)) is { } token
                && Meant(token, known) is { Length: > 0 } meant
                ? error.Message.TrimEnd('.') + meant
                : error.Message.StartsWith(EmptyPath, StringComparison.Ordinal)
                ? $"{error.Message[EmptyPath.Length..error.Message.IndexOf('\'', EmptyPath.Length)]} is empty; it must be a path"
                : error.Message;
            // What the parser found first is often what only follows from a misspelt word.
            return WrongUsage(parsed.Errors.Select(ErrorOf).OrderByDescending(error => error.Contains(": did you mean", StringComparison.Ordinal)), VerbOf(parsed.CommandResult));
        }
        using StopSignals signals = new(isPatient: parsed.CommandResult.Command.Name == ServeCommand.Name);
        // The library's own handling of signals would end the process after two seconds, in the middle of a write.
        InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await parsed.InvokeAsync(invocation, signals.Token);
    }

    /// <summary>The words of a verb, each with a space after it.</summary>
    private static string VerbOf(CommandResult result) => result.Command is RootCommand ? "" : $"{(result.Parent is CommandResult above ? VerbOf(above) : "")}{result.Command.Name} ";

    /// <summary>
    /// Nothing was asked for: the verbs, and how to begin. It is not a success: a script whose arguments got lost would go on.
    /// </summary>
    private static async Task<int> TellVerbsAsync(RootCommand root)
    {
        await root.Parse("--help").InvokeAsync(new InvocationConfiguration { Output = Console.Error });
        Console.Error.WriteLine($"""
            To begin:
              valori serve --data DIR                 serve the directory's collections on {ServeCommand.DefaultUrl}; without a verb too
              valori import --data DIR FILE.fvecs     insert the vectors of a file
              valori VERB --help                      the options of a verb
            """);
        return ExitCode.WrongUsage;
    }

    public static string Meant(string word, IEnumerable<string> known) => Spelling.Nearest(word, known) is { } near ? $": did you mean '{near}'?" : "";

    private static RootCommand CreateRoot(ExecStreams? streams)
    {
        RootCommand root = new("Valori: a deterministic, verifiable vector and knowledge-graph database for AI memory.")
        {
            ServeCommand.Create(),
            ExecCommand.Create(streams),
            ImportCommand.Create(),
            SearchCommand.Create(),
            InfoCommand.Create(),
            VerifyCommand.Create(),
            LogCommand.Create(),
            DiffCommand.Create(),
            DropCommand.Create(),
            RecallCommand.Create(),
            CheckCommand.Create(),
            KeysCommand.Create(),
        };
        foreach (Option option in root.Options)
        {
            if (option is HelpOption) option.Description = "Show this help; after a verb, the verb's own.";
            if (option is VersionOption) option.Description = "Show the version and the commit it was built from.";
        }
        return root;
    }

    public static int WrongUsage(IEnumerable<string> errors, string verb)
    {
        foreach (string error in errors) Console.Error.WriteLine($"valori: {error}");
        Console.Error.WriteLine($"Try 'valori {verb}--help'.");
        return ExitCode.WrongUsage;
    }

    public static Option<DirectoryInfo> Data() => new("--data")
    {
        Description = "The data directory. Only one process at a time can use it.",
        Required = true,
        HelpName = "DIR",
    };

    public static Option<string> Collection() => new("--collection")
    {
        Description = "The collection in the directory.",
        DefaultValueFactory = _ => ValoriOptions.DefaultName,
        HelpName = "NAME",
    };

    public static Option<bool> Json(string description) => new("--json") { Description = description };

    public static Option<int?> Dimension() => new("--dimension")
    {
        Description = "Components of a vector. Creates the collection with this dimension if it does not exist; an existing collection must have it.",
        CustomParser = result => WholeNumber(result, Limits.MinimumDimension, Limits.MaximumDimension),
        HelpName = "N",
    };

    public static Option<Metric?> Metric() => new("--metric")
    {
        Description = $"What searches order by: {MetricNames.All}. A new collection gets l2 without it; an existing collection must have it.",
        CustomParser = result => MetricNames.Find(TextOf(result)) ?? Wrong(result, MetricNames.All),
        HelpName = "M",
    };

    public static Option<double?> Scale() => new("--scale")
    {
        Description = "A power of two, such as 64, that vectors are multiplied by when they come in, so that small ones keep their precision. "
            + "What is shown is divided by it. A new collection gets 1 without it; an existing collection must have it.",
        CustomParser = ParseScale,
        HelpName = "S",
    };

    private static double? ParseScale(ArgumentResult result)
    {
        if (!double.TryParse(TextOf(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double scale))
        {
            Wrong(result, "a power of two from 2^-16 to 2^16, such as 64 or 0.25");
            return null;
        }
        if (VectorScale.Check(scale) is { } refusal) result.AddError($"--{refusal.Message}");
        return scale;
    }

    private static Metric? Wrong(ArgumentResult result, string expected)
    {
        string option = result.Parent is OptionResult { Option.Name: var name } ? name : result.Argument.Name;
        result.AddError($"{option} is '{TextOf(result)}'; it must be {expected}");
        return null;
    }

    private static string TextOf(ArgumentResult result) => result.Tokens is [var token] ? token.Value : "";

    /// <summary>A custom parser's work: one whole number, or an error that says the option, the value and what it must be.</summary>
    public static int WholeNumber(ArgumentResult result, int minimum, int maximum) => WholeNumber(result, TextOf(result), minimum, maximum);

    /// <summary>The same for one of several values.</summary>
    public static int WholeNumber(ArgumentResult result, string text, int minimum, int maximum)
    {
        if (WholeNumbers.TryParseSigned(text, out int number) && number >= minimum && number <= maximum)
            return number;
        string option = result.Parent is OptionResult { Option.Name: var name } ? name : result.Argument.Name;
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option} is '{text}'; it must be a whole number from {minimum} to {maximum}"));
        return minimum;
    }

    /// <summary>An action whose expected failures become one line on standard error and an exit code.</summary>
    public static void OnRun(this Command command, Func<ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                return await action(parsed, cancellationToken);
            }
            catch (Exception e) when (e is RefusedException or EngineException or DataDirectoryException or VectorFileException or RequestException or CorruptionException
                or Akka.Configuration.ConfigurationException or IOException or UnauthorizedAccessException)
            {
                StandardError.WriteFailure(e.Message);
                return ExitCode.Failed;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                Console.Error.WriteLine("valori: interrupted");
                return ExitCode.Failed;
            }
            catch (Exception e)
            {
                // Not one of the failures that are expected: the place matters for its repair.
                Console.Error.WriteLine($"valori: an unexpected error, please report it: {e}");
                return ExitCode.Failed;
            }
        });

    private static string[] WithDefaultVerb(string[] args) =>
        args[0].StartsWith('-') && args[0] is not ("--help" or "-h" or "-?" or "--version") ? ["serve", .. args] : args;
}
