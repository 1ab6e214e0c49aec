using System.Globalization;
using System.Text;

namespace Valori.Actors.Text;

/// <summary>Faults of plugins, in one human-readable line.</summary>
internal static class Describe
{
    /// <summary>The message with those of its causes: a circuit breaker's own says nothing about the database. The first line of each.</summary>
    public static string Fault(Exception fault)
    {
        List<string> messages = [];
        for (Exception? e = fault; e is not null; e = e.InnerException)
        {
            // It only says that there is something inside.
            if (e is AggregateException { InnerException: not null }) continue;
            string message = e.Message.Split('\n', 2)[0].TrimEnd('\r', ' ', '.');
            if (!messages.Exists(known => known.Contains(message, StringComparison.Ordinal))) messages.Add(message);
        }
        return string.Join(": ", messages);
    }

    // A name may have so many characters, and no escapes.
    private const int ShownCharacters = 80;

    /// <summary>A name from outside, in quotes: what cannot be seen as a number, and no more of it than a name could have.</summary>
    public static string Name(string? name)
    {
        if (name is null) return "null";
        StringBuilder text = new("'");
        foreach (char c in name.Length <= ShownCharacters ? name : name[..ShownCharacters])
        {
            if (char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else text.Append(c);
        }
        return text.Append(name.Length <= ShownCharacters ? "'" : string.Create(CultureInfo.InvariantCulture, $"...' ({name.Length} characters)")).ToString();
    }
}
