using Akka.Configuration;

namespace Valori.Host.Commands;

/// <summary>What Akka's parser takes without a word: a file that ends in the middle of a section, of which it ignores the rest.</summary>
internal static class HoconText
{
    /// <exception cref="ConfigurationException">A section is not closed, or closed twice.</exception>
    public static void CheckWhole(string text, string path)
    {
        Stack<int> open = [];
        int line = 1;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\n') line++;
            else if (c == '"') i = EndOfText(text, i, ref line);
            else if (c == '#' || (c == '/' && i + 1 < text.Length && text[i + 1] == '/')) i = EndOfLine(text, i) - 1;
            else if (c is '{' or '[') open.Push(line);
            else if (c is '}' or ']' && !open.TryPop(out _)) throw new ConfigurationException($"the configuration {path} closes in line {line} what was not opened");
        }
        if (open.TryPop(out int last))
            throw new ConfigurationException($"the configuration {path} ends inside what was opened in line {last}: a closing '}}' or ']' is missing, or the file was cut off");
    }

    private static int EndOfLine(string text, int from) => text.IndexOf('\n', from) is >= 0 and var end ? end : text.Length;

    /// <summary>The place of the last quote of a text; a text in three quotes may have lines.</summary>
    private static int EndOfText(string text, int from, ref int line)
    {
        if (text.AsSpan(from).StartsWith("\"\"\""))
        {
            int end = text.IndexOf("\"\"\"", from + 3, StringComparison.Ordinal) is >= 0 and var closing ? closing + 2 : text.Length;
            line += text.AsSpan(from, Math.Min(end, text.Length) - from).Count('\n');
            return end;
        }
        for (int i = from + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"') return i;
        }
        // Akka's parser says what is wrong with one that does not end.
        return EndOfLine(text, from) - 1;
    }
}
