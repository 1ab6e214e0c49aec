using System.Text.Json;
using Akka.Configuration;

namespace Valori.Testing;

/// <summary>The files of hocon/, as users copy them.</summary>
public static class HoconFile
{
    public static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", name));

    public static Config Parse(string name) => ConfigurationFactory.ParseString(Text(name));

    /// <summary>A string as HOCON spells it: as JSON does.</summary>
    public static string Quote(string value) => JsonSerializer.Serialize(value);
}
