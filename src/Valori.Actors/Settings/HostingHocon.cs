using System.Globalization;
using System.Reflection;
using System.Text;
using Akka.Configuration;

namespace Valori.Actors.Settings;

/// <summary>
/// The settings of <see cref="ValoriHostingOptions"/> as HOCON. A property's path follows from its name, as <c>MaxMemoryBytes</c> is
/// <c>valori.max-memory-bytes</c>, so there is no list of them that could be wrong.
/// </summary>
internal static class HostingHocon
{
    /// <summary>Every setting that the options have: the path of its property, such as <c>Past.ForgetAfter</c>, and its own.</summary>
    public static IReadOnlyList<(string Property, string Setting)> Names { get; } = [.. NamesIn(typeof(ValoriHostingOptions), "", "valori.")];

    /// <exception cref="ConfigurationException"><see cref="ValoriHostingOptions.Hocon"/> cannot be read.</exception>
    public static Config Of(ValoriHostingOptions options)
    {
        StringBuilder text = new();
        Write(text, options, "valori.");
        Config settings = ConfigurationFactory.ParseString(text.ToString());
        return string.IsNullOrWhiteSpace(options.Hocon) ? settings : settings.WithFallback(Parse(options.Hocon));
    }

    /// <summary>The same message, with the names of the properties whose settings it names.</summary>
    public static string WithProperties(string message)
    {
        // The longest of them: valori.index.build is also the beginning of valori.index.build-beam.
        string? property = Names.Where(name => message.Contains(name.Setting, StringComparison.Ordinal)).OrderByDescending(name => name.Setting.Length).FirstOrDefault().Property;
        return property is null ? message : $"{property}: {message}";
    }

    /// <summary>The properties of an options class that are settings, or sections of them.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(Type options) => options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetCustomAttribute<NotASettingAttribute>() is null);

    public static bool IsSection(PropertyInfo property) => property.PropertyType.Namespace == nameof(Valori) && property.PropertyType.IsClass;

    private static Config Parse(string hocon)
    {
        try
        {
            return ConfigurationFactory.ParseString(hocon);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new ConfigurationException($"{nameof(ValoriHostingOptions.Hocon)} cannot be read: {e.Message}", e);
        }
    }

    private static void Write(StringBuilder text, object options, string path)
    {
        foreach (PropertyInfo property in PropertiesOf(options.GetType()).Where(IsHocon))
        {
            string key = path + Kebab(property.Name);
            object? value = property.GetValue(options);
            if (IsSection(property)) Write(text, value!, key + ".");
            else if (property.Name == nameof(ValoriHostingOptions.DataDirectory) && value is string { Length: > 0 } directory) text.AppendLine(ReferenceConfig.DataDirectorySetting(directory));
            else if (value is not null) text.AppendLine(CultureInfo.InvariantCulture, $"{key} = {Text(value)}");
        }
    }

    private static string Text(object value) => value switch
    {
        TimeSpan time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms"),
        string text => ReferenceConfig.Quote(text),
        Enum word => ReferenceConfig.Quote(Kebab(word.ToString())),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"a setting has the type {value.GetType()}"),
    };

    private static IEnumerable<(string, string)> NamesIn(Type options, string property, string path) => PropertiesOf(options).Where(IsHocon).SelectMany(
        found => IsSection(found)
            ? NamesIn(found.PropertyType, $"{property}{found.Name}.", $"{path}{Kebab(found.Name)}.")
            : [($"{property}{found.Name}", path + Kebab(found.Name))]);

    private static bool IsHocon(PropertyInfo property) => property.Name is not (nameof(ValoriHostingOptions.Collections) or nameof(ValoriHostingOptions.Hocon));

    private static string Kebab(string name) =>
        string.Concat(name.Select((letter, i) => char.IsUpper(letter) && i > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
