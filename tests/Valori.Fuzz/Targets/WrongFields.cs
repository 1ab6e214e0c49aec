using System.Text.Json;

namespace Valori.Fuzz.Targets;

/// <summary>Makes requests that are to be refused by name from one that was carried out: with one field or parameter more, or again.</summary>
internal sealed class WrongFields(Random random)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz_-.AZ09 \u00e9\u2603";

    /// <summary>The object with one field that is wrong, and that field's name.</summary>
    public (string Json, string Name) Field(JsonElement request, IReadOnlyCollection<string> known)
    {
        List<(string Name, string Text)> fields = [.. request.EnumerateObject().Select(field => (field.Name, field.Value.GetRawText()))];
        (string Name, string Text) wrong = random.Next(3) switch
        {
            0 when fields.Count > 0 => fields[random.Next(fields.Count)],
            1 when known.Except(fields.Select(field => field.Name)).ToArray() is { Length: > 0 } others => (others[random.Next(others.Length)], "null"),
            _ => (Unknown(known), random.Next(2) == 0 ? "1" : "\"x\""),
        };
        fields.Insert(random.Next(fields.Count + 1), wrong);
        return ($"{{{string.Join(",", fields.Select(field => $"{Quoted(field.Name)}:{field.Text}"))}}}", wrong.Name);
    }

    /// <summary>The target of a request with one parameter that is wrong, and that parameter's name.</summary>
    public (string Target, string Name) Parameter(string target, IReadOnlyCollection<string> known)
    {
        // As they were written, and as they are named when they are read.
        string[] there = target.Contains('?', StringComparison.Ordinal) ? target[(target.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&') : [];
        (string name, string text) = random.Next(3) switch
        {
            0 when there.Length > 0 && there[random.Next(there.Length)] is var again && NameOf(again) is { Length: > 0 } repeated => (repeated, again),
            1 when known.Except(there.Select(NameOf)).ToArray() is { Length: > 0 } others && others[random.Next(others.Length)] is var empty => (empty, $"{empty}="),
            _ when Unknown(known) is var unknown => (unknown, $"{Uri.EscapeDataString(unknown)}=1"),
            _ => throw new InvalidOperationException("a name is always made"),
        };
        return ($"{target}{(there.Length > 0 ? "&" : target.Contains('?', StringComparison.Ordinal) ? "" : "?")}{text}", name);
    }

    private static string NameOf(string parameter) => Uri.UnescapeDataString(parameter.Split('=')[0].Replace('+', ' '));

    /// <summary>A known name with a slip, or any text; none of those that are known.</summary>
    private string Unknown(IReadOnlyCollection<string> known)
    {
        while (true)
        {
            string name = known.Count > 0 && random.Next(2) == 0 ? WithSlip(known.ElementAt(random.Next(known.Count))) : new string(random.GetItems<char>(Letters, random.Next(1, 13)));
            if (!known.Contains(name) && name != "filter_tag") return name;
        }
    }

    private string WithSlip(string name)
    {
        int at = random.Next(name.Length);
        return random.Next(4) switch
        {
            0 => name.Insert(at, "s"),
            1 => name.Remove(at, 1),
            2 => name.ToUpperInvariant(),
            _ => name + "s",
        };
    }

    /// <summary>Now and then with an escape in it: it is the same name.</summary>
    private string Quoted(string name) =>
        name.Length > 0 && char.IsAsciiLetter(name[0]) && random.Next(4) == 0 ? $"\"\\u{(int)name[0]:x4}{name[1..]}\"" : JsonSerializer.Serialize(name);
}
