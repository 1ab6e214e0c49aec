using System.CommandLine;
using System.CommandLine.Parsing;
using Valori.Host.Json;
using Valori.Host.Operations;
using Valori.Host.Security;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori keys</c>: the API keys of a data directory, also while a service runs on it.</summary>
internal static class KeysCommand
{
    public const string VerbName = "keys";

    public static Command Create() => new(VerbName, "Add, list and revoke the API keys of a data directory. A running service sees a change within a second.")
    {
        CreateAdd(), CreateList(), CreateRevoke(),
    };

    private static Command CreateAdd()
    {
        Option<DirectoryInfo> data = Data();
        Option<string> name = Name("Who or what the key is for: 1 to 64 letters, digits, '-', '_', '.' and '@'.");
        Option<KeyRole?> role = new("--role")
        {
            Description = $"What it may do: {KeyNames.Roles}. Each may do what the ones before it may.",
            Required = true,
            CustomParser = ParseRole,
            HelpName = "ROLE",
        };
        Option<string[]> collections = new("--collection")
        {
            Description = "A collection that it may use. Can be given several times; without it, the key may use all.",
            HelpName = "NAME",
        };
        Option<DateTimeOffset?> end = new("--expires-at")
        {
            Description = "When it stops to be valid, such as 2027-01-31 or 2027-01-31T12:00Z. Without it, never.",
            CustomParser = ParseTime,
            HelpName = "TIME",
        };
        Option<bool> asJson = CommandLine.Json("Print one JSON object.");
        Command command = new("add", "Add a key and print it. It is shown this once, and only its hash is kept.") { data, name, role, collections, end, asJson };
        command.OnRun((parsed, _) =>
        {
            string[]? limit = parsed.GetValue(collections) is { Length: > 0 } names ? names : null;
            DirectoryInfo directory = parsed.GetRequiredValue(data);
            string given = parsed.GetRequiredValue(name);
            (ApiKey key, string token) = StoreOf(directory).Add(
                given, parsed.GetValue(role)!.Value, limit, parsed.GetValue(end), beforeChange: _ => AuditedVerb.Write(directory.FullName, "keys add", given));
            // The key alone, so that a script can take it.
            Console.Out.WriteLine(parsed.GetValue(asJson) ? AnswerJson.Line(AddedKeyAnswer.Of(key, token)) : token);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Command CreateList()
    {
        Option<DirectoryInfo> data = Data();
        Option<bool> asJson = CommandLine.Json("Print one JSON object per line.");
        Command command = new("list", "List the keys, without their secrets.") { data, asJson };
        command.OnRun((parsed, _) =>
        {
            DirectoryInfo directory = parsed.GetRequiredValue(data);
            foreach (ApiKey key in KeysOf(directory).OrderBy(key => key.Name, StringComparer.Ordinal))
                Console.Out.WriteLine(parsed.GetValue(asJson) ? AnswerJson.Line(KeyAnswer.Of(key)) : LineOf(key));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Command CreateRevoke()
    {
        Option<DirectoryInfo> data = Data();
        Option<string> name = Name("The key to revoke.");
        Command command = new("revoke", "Revoke a key. What is under way in its name ends within a second.") { data, name };
        command.OnRun((parsed, _) =>
        {
            DirectoryInfo directory = parsed.GetRequiredValue(data);
            KeysOf(directory);
            string given = parsed.GetRequiredValue(name);
            Console.Out.WriteLine($"revoked {StoreOf(directory).Revoke(given, beforeChange: _ => AuditedVerb.Write(directory.FullName, "keys revoke", given)).Name}");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Option<DirectoryInfo> Data()
    {
        Option<DirectoryInfo> data = CommandLine.Data();
        data.Description = "The data directory. A service may be running on it.";
        return data;
    }

    private static Option<string> Name(string description) => new("--name") { Description = description, Required = true, HelpName = "NAME" };

    private static KeyStore StoreOf(DirectoryInfo directory) => new(directory.FullName, TimeProvider.System);

    /// <exception cref="DataDirectoryException">There is no keys file: the directory may be mistyped.</exception>
    private static IReadOnlyList<ApiKey> KeysOf(DirectoryInfo directory) => StoreOf(directory).Read()
        ?? throw new DataDirectoryException($"{directory.FullName} has no API keys; 'valori keys add' makes the first one, and from then on every request needs one");

    private static string LineOf(ApiKey key) =>
        $"{key.Name}  {key.Role.Word()}  {(key.Collections is { } names ? $"collections {string.Join(", ", names)}" : "all collections")}  id {key.Id}  created {KeyTime.Format(key.CreatedAt)}"
        + (key.ExpiresAt is not { } end ? "" : key.HasExpired(DateTimeOffset.UtcNow) ? $"  expired {KeyTime.Format(end)}" : $"  expires {KeyTime.Format(end)}");

    private static KeyRole? ParseRole(ArgumentResult result)
    {
        string text = result.Tokens is [var token] ? token.Value : "";
        if (KeyNames.FindRole(text) is not { } role)
        {
            result.AddError($"--role is '{text}'; it must be {KeyNames.Roles}");
            return null;
        }
        return role;
    }

    private static DateTimeOffset? ParseTime(ArgumentResult result)
    {
        string text = result.Tokens is [var token] ? token.Value : "";
        DateTimeOffset? time = JsonFields.TimeOf(text);
        if (time is null) result.AddError($"--expires-at is '{text}'; it must be {Kernel.Values.TimeText.Expected}");
        return time;
    }
}
