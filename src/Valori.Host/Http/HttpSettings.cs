using Akka.Actor;
using Akka.Configuration;
using Valori.Actors.Settings;
using Valori.Host.Security;

namespace Valori.Host.Http;

/// <summary>The settings under <c>valori.http</c> (reference.conf), read once.</summary>
internal sealed class HttpSettings
{
    // The engines' content may take three quarters (valori.max-memory-bytes). Half of what remains is for what passes through, the
    // other half for the runtime and for garbage that was not collected yet.
    private const int DefaultFraction = 8;

    private HttpSettings(SettingReader http)
    {
        MaximumBytesInFlight = http.WholeNumber("max-bytes-in-flight", 0) is > 0 and var bytes ? bytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / DefaultFraction;
        Hosts = http.Texts("hosts");
        Keys = KeyLimits.Of(new SettingReader(http.Section.GetConfig("keys"), "valori.http.keys"));
    }

    /// <summary>What bodies and answers may take of memory together, from their first byte to their last.</summary>
    public long MaximumBytesInFlight { get; }

    /// <summary>Names that requests may be addressed to, besides those that the service listens on.</summary>
    public IReadOnlyList<string> Hosts { get; }

    /// <summary>What each API key may take.</summary>
    public KeyLimits Keys { get; }

    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static HttpSettings Of(ActorSystem system)
    {
        // Brings in reference.conf.
        ValoriExtension.Get(system);
        return new HttpSettings(new SettingReader(system.Settings.Config.GetConfig("valori.http"), "valori.http"));
    }
}
