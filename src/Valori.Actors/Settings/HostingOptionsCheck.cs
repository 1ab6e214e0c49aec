using System.Reflection;
using Akka.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Valori.Actors.Text;

namespace Valori.Actors.Settings;

/// <summary>What is wrong with <see cref="ValoriHostingOptions"/>, or with the configuration that they are bound from. Every message names the setting and its value.</summary>
internal static class HostingOptionsCheck
{
    /// <summary>Binds a section. A key that is no option is refused: ignored, it would leave a default in force without notice.</summary>
    /// <exception cref="OptionsValidationException">A key is not known, or its value is of another type.</exception>
    public static void Bind(IConfiguration section, ValoriHostingOptions options)
    {
        string[] wrong = [.. WrongKeys(section, typeof(ValoriHostingOptions))];
        if (wrong.Length > 0) throw Wrong(wrong);
        try
        {
            // Otherwise a value of a collection that has another type is ignored.
            section.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            throw Wrong([e.InnerException is InvalidOperationException { Message: var place } ? place : e.Message]);
        }
    }

    /// <summary>Checks options that start everything, a data directory included.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong.</exception>
    public static void Check(ValoriHostingOptions options)
    {
        string[] wrong = [.. WrongIn(options, isWhole: true)];
        if (wrong.Length > 0) throw Wrong(wrong);
    }

    /// <param name="isWhole">Whether no other HOCON than theirs is used, so that what is missing here is missing.</param>
    public static IEnumerable<string> WrongIn(ValoriHostingOptions options, bool isWhole)
    {
        foreach ((string name, ValoriCollectionSettings? collection) in options.Collections)
        {
            string place = $"{nameof(options.Collections)}:{Spelling.Shown(name)}";
            if (!ValoriSettings.IsValidName(name))
                yield return $"{place} is not the name of a collection: it must be 1 to 64 of a-z, 0-9, '-' and '_', starting with a letter or digit";
            if (collection?.Schema.Check() is { } refusal) yield return $"{place}: {refusal.Message}";
        }
        if (WrongSetting(options, isWhole) is { } wrong) yield return wrong;
    }

    private static string? WrongSetting(ValoriHostingOptions options, bool isWhole)
    {
        try
        {
            Config config = HostingHocon.Of(options);
            Config whole = config.WithFallback(ReferenceConfig.FallbackFor(config));
            if (isWhole) _ = new ValoriSettings(whole);
            return null;
        }
        catch (ConfigurationException e)
        {
            return HostingHocon.WithProperties(e.Message);
        }
    }

    private static IEnumerable<string> WrongKeys(IConfiguration section, Type options)
    {
        PropertyInfo[] known = [.. HostingHocon.PropertiesOf(options)];
        foreach (IConfigurationSection child in section.GetChildren())
        {
            PropertyInfo? property = known.FirstOrDefault(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                string[] names = [.. known.Select(property => property.Name)];
                string place = child.Path.Length > child.Key.Length ? child.Path[..^child.Key.Length] : "";
                yield return $"{Spelling.Shown(child.Path)} is not a setting of Valori: "
                    + (Spelling.Nearest(child.Key, names) is { } near ? $"did you mean {place}{near}?" : $"there are {string.Join(", ", names)}");
            }
            else if (property.PropertyType == typeof(Dictionary<string, ValoriCollectionSettings>))
            {
                foreach (string wrong in child.GetChildren().SelectMany(collection => WrongKeys(collection, typeof(ValoriCollectionSettings)))) yield return wrong;
            }
            else if ((Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is { IsEnum: true } words)
            {
                if (child.Value is { Length: > 0 } value && !Enum.TryParse(words, value, ignoreCase: true, out _))
                    yield return $"'{Spelling.Shown(value)}' at '{child.Path}' is not possible: there are {string.Join(", ", Enum.GetNames(words))}";
            }
            else if (HostingHocon.IsSection(property))
            {
                foreach (string wrong in WrongKeys(child, property.PropertyType)) yield return wrong;
            }
        }
    }

    private static OptionsValidationException Wrong(string[] failures) => new(Options.DefaultName, typeof(ValoriHostingOptions), failures);
}
