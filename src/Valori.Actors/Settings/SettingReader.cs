using System.Globalization;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Valori.Actors.Text;

namespace Valori.Actors.Settings;

/// <summary>Reads a section of HOCON. What is wrong is an error with the whole path, the value, and what it must be.</summary>
/// <param name="section">The section, with its defaults.</param>
/// <param name="path">Where the section is, for messages: <c>valori</c>, <c>valori.journal</c>.</param>
internal readonly struct SettingReader(Config section, string path)
{
    private readonly Config _section = section;
    private readonly string _path = path;

    public Config Section => _section;

    /// <summary>The longest time that a timer of .NET takes.</summary>
    public static readonly TimeSpan LongestTimer = TimeSpan.FromDays(24);

    /// <exception cref="ConfigurationException">It is <c>null</c>, a list or a section.</exception>
    public string Text(string key) => _section.GetString(key) ?? throw Wrong(key, "a text");

    /// <exception cref="ConfigurationException">It is not a list, or something in it is not text.</exception>
    public IReadOnlyList<string> Texts(string key)
    {
        const string expected = "a list of texts that are not empty, such as [\"a\", \"b\"]";
        if (_section.GetValue(key) is not { } value || !IsList(value)) throw Wrong(key, expected);
        string[] texts = [.. value.GetArray().Select(item => item.GetString() ?? "")];
        return texts.Contains("") ? throw Wrong(key, expected) : texts;
    }

    /// <summary>Whether it is a list, which may be empty: Akka's own IsArray is false then.</summary>
    public static bool IsList(HoconValue value) => value.Values.Any(part => part.IsArray()) && value.Values.All(part => part.IsArray() || string.IsNullOrWhiteSpace(part.GetString()));

    /// <exception cref="ConfigurationException">It is another one.</exception>
    public string Word(string key, params string[] words) =>
        Text(key) is var word && words.Contains(word, StringComparer.Ordinal)
            ? word
            : throw Wrong(key, string.Join(" or ", words.Select(known => $"\"{known}\"")));

    /// <exception cref="ConfigurationException">It is not a whole number from minimum to maximum.</exception>
    public long WholeNumber(string key, long minimum, long maximum = long.MaxValue)
    {
        // The largest of a type is not a limit that was chosen.
        string range = maximum is long.MaxValue or int.MaxValue ? $"of at least {minimum}" : $"from {minimum} to {maximum}";
        return WholeNumbers.TryParseSigned(_section.GetString(key), out long number) && number >= minimum && number <= maximum
            ? number
            : throw Wrong(key, $"a whole number {range}");
    }

    /// <exception cref="ConfigurationException">It is not a whole number from minimum to maximum.</exception>
    public int Int32(string key, int minimum, int maximum = int.MaxValue) => (int)WholeNumber(key, minimum, maximum);

    /// <exception cref="ConfigurationException">It is not a number from minimum to maximum.</exception>
    public double Number(string key, double minimum, double maximum) =>
        // .NET skips NULs after a number.
        _section.GetString(key) is { } text && !text.Contains('\0')
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= minimum && number <= maximum
            ? number
            : throw Wrong(key, string.Create(CultureInfo.InvariantCulture, $"a number from {minimum} to {maximum}"));

    /// <exception cref="ConfigurationException">It is not a time with a unit, from minimum to maximum.</exception>
    public TimeSpan Duration(string key, TimeSpan minimum, TimeSpan maximum) =>
        TryDuration(_section, key, out TimeSpan duration) && duration >= minimum && duration <= maximum
            ? duration
            : throw Wrong(key, $"a time from {Shown(minimum)} to {Shown(maximum)}, such as 10s, 200ms or 5m");

    /// <summary>An error about this setting.</summary>
    /// <param name="expected">What it must be: the words after "it must be".</param>
    public ConfigurationException Wrong(string key, string expected) => new($"{_path}.{key} is {ValueOf(key)}; it must be {expected}");

    /// <summary>Whether there is a time; Akka's parser takes <c>infinite</c> too, which no timer of ours does.</summary>
    public static bool TryDuration(Config section, string key, out TimeSpan duration)
    {
        try
        {
            duration = section.GetTimeSpan(key, allowInfinite: false);
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            duration = default;
            return false;
        }
    }

    private string ValueOf(string key) => _section.GetString(key) is { } text ? $"\"{Spelling.Shown(text)}\"" : "null, a list or a section";

    private static string Shown(TimeSpan time) => time.TotalDays >= 1 ? $"{time.TotalDays:F0}d" : time.TotalMilliseconds >= 1_000 ? $"{time.TotalSeconds:F0}s" : $"{time.TotalMilliseconds:F0}ms";
}
