using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Valori.Actors.Settings;
using Valori.Actors.Text;

namespace Valori.Host.Security;

/// <summary>Names of keys, roles, and the collections that a key is limited to.</summary>
internal static partial class KeyNames
{
    public const string Roles = "read, write or admin";

    public const int MaximumCollections = 1_000;

    /// <summary>A role's word.</summary>
    public static string Word(this KeyRole role) => role switch
    {
        KeyRole.Read => "read",
        KeyRole.Write => "write",
        _ => "admin",
    };

    /// <summary>The role with this word, or null. Case counts.</summary>
    public static KeyRole? FindRole(string word) => word switch
    {
        "read" => KeyRole.Read,
        "write" => KeyRole.Write,
        "admin" => KeyRole.Admin,
        _ => null,
    };

    /// <summary>Why there can be no key with this name; null if there can.</summary>
    public static Refusal? Check(string name) => Name().IsMatch(name)
        ? null
        : new Refusal(RefusalKind.InvalidArgument,
            $"'{Spelling.Shown(name)}' is not a valid name of a key: use 1 to 64 of a-z, A-Z, 0-9, '-', '_', '.' and '@', starting with a letter or digit");

    /// <summary>The collections in ordinal order.</summary>
    /// <param name="names">Null for all.</param>
    public static bool TryOrder(IReadOnlyList<string>? names, out IReadOnlyList<string>? ordered, [NotNullWhen(false)] out Refusal? refusal)
    {
        (ordered, refusal) = (null, null);
        if (names is null) return true;
        if (names.Count is 0 or > MaximumCollections)
            refusal = Wrong($"a key is limited to 1 to {MaximumCollections} collections, not {names.Count}; leave them out if it may use all");
        else if (names.FirstOrDefault(name => !ValoriSettings.IsValidName(name)) is { } invalid)
            refusal = Wrong($"'{Spelling.Shown(invalid)}' is not a valid collection name: use 1 to 64 of a-z, 0-9, '-' and '_', starting with a letter or digit");
        else if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { Key: var twice })
            refusal = Wrong($"the collection '{twice}' is there twice");
        if (refusal is not null) return false;
        ordered = [.. names.Order(StringComparer.Ordinal)];
        return true;
    }

    private static Refusal Wrong(string message) => new(RefusalKind.InvalidArgument, message);

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
