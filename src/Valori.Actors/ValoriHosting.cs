using Akka.Hosting;
using Valori.Actors.Settings;

namespace Valori;

/// <summary>Marks the guardian in Akka.Hosting's registry: <c>IRequiredActor&lt;ValoriGuardianKey&gt;</c>.</summary>
public sealed class ValoriGuardianKey;

/// <summary>Valori in an application built with Akka.Hosting.</summary>
public static class ValoriHosting
{
    /// <summary>Starts Valori with the ActorSystem.</summary>
    /// <param name="dataDirectory">The data directory; null if the application's HOCON sets it, or none is needed.</param>
    /// <param name="time">The clock that stamps events; the system's if null.</param>
    public static AkkaConfigurationBuilder WithValori(this AkkaConfigurationBuilder builder, string? dataDirectory = null, TimeProvider? time = null)
    {
        if (dataDirectory is not null)
            builder.AddHocon(ReferenceConfig.DataDirectorySetting(dataDirectory), HoconAddMode.Prepend);
        if (time is not null) builder.AddSetup(new ValoriSetup(time));
        return builder.WithActors((system, registry) => registry.Register<ValoriGuardianKey>(ValoriExtension.Get(system).Guardian));
    }
}
