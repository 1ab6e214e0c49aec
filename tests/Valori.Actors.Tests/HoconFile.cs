using Akka.Configuration;

namespace Valori.Actors.Tests;

/// <summary>The files of hocon/, as users copy them.</summary>
internal static class HoconFile
{
    public static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", name));

    public static Config Parse(string name) => ConfigurationFactory.ParseString(Text(name));
}
