using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Valori.Actors;
using Valori.Actors.Settings;

namespace Valori;

/// <summary>Marks the guardian in Akka.Hosting's registry: <c>IRequiredActor&lt;ValoriGuardianKey&gt;</c>.</summary>
public sealed class ValoriGuardianKey;

/// <summary>Valori in a host: with an ActorSystem that it brings, or on the application's own.</summary>
public static class ValoriHosting
{
    /// <summary>The names of the health checks.</summary>
    public const string LiveCheck = "valori-live", ReadyCheck = "valori-ready";

    // The host stops the system after what was registered later has stopped, the web server among it. Akka's own hook would stop it at the signal.
    private const string HostedSystem = """
        akka.log-dead-letters = off
        akka.stdout-loglevel = OFF
        akka.coordinated-shutdown.default-phase-timeout = 60s
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """;

    /// <summary>
    /// Valori with an ActorSystem that it brings, and <see cref="AddValoriEngines"/>. An application with an ActorSystem of its own uses
    /// <see cref="WithValori(AkkaConfigurationBuilder, Action{ValoriHostingOptions})"/>.
    /// </summary>
    /// <param name="configure">Sets the options. They are checked when the host starts.</param>
    /// <exception cref="InvalidOperationException">The services have an ActorSystem already, which may be that of an earlier call.</exception>
    public static IServiceCollection AddValori(this IServiceCollection services, Action<ValoriHostingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(service => service.ImplementationType == typeof(WholeOptions)))
            throw new InvalidOperationException($"{nameof(AddValori)} was called before; call it once, with all collections");
        if (services.Any(service => service.ServiceType == typeof(ActorSystem)))
        {
            throw new InvalidOperationException(
                $"there is an ActorSystem in the services already: call akka.{nameof(WithValori)}(...) in AddAkka and services.{nameof(AddValoriEngines)}() instead of {nameof(AddValori)}");
        }
        services.AddOptions<ValoriHostingOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ValoriHostingOptions>, WholeOptions>();
        services.AddAkka("valori", (akka, provider) =>
        {
            akka.ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
                loggers.LogLevel = Akka.Event.LogLevel.WarningLevel;
            });
            akka.AddHocon(HostedSystem, HoconAddMode.Append);
            akka.WithValori(provider.GetRequiredService<IOptions<ValoriHostingOptions>>().Value);
        });
        return services.AddValoriEngines();
    }

    /// <summary>The same, with options from configuration, and then from the program.</summary>
    /// <param name="section">Its keys are the properties of <see cref="ValoriHostingOptions"/>. One that is not is refused when the host starts.</param>
    public static IServiceCollection AddValori(this IServiceCollection services, IConfiguration section, Action<ValoriHostingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddValori(options =>
        {
            HostingOptionsCheck.Bind(section, options);
            configure?.Invoke(options);
        });
    }

    /// <summary>Starts Valori with the application's ActorSystem.</summary>
    /// <param name="configure">Sets the options, which override the HOCON that was added before.</param>
    /// <exception cref="OptionsValidationException">An option is wrong; the message names it.</exception>
    public static AkkaConfigurationBuilder WithValori(this AkkaConfigurationBuilder builder, Action<ValoriHostingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        ValoriHostingOptions options = new();
        configure(options);
        return builder.WithValori(options);
    }

    /// <inheritdoc cref="WithValori(AkkaConfigurationBuilder, Action{ValoriHostingOptions})"/>
    /// <param name="section">As in <see cref="AddValori(IServiceCollection, IConfiguration, Action{ValoriHostingOptions}?)"/>.</param>
    public static AkkaConfigurationBuilder WithValori(this AkkaConfigurationBuilder builder, IConfiguration section, Action<ValoriHostingOptions>? configure = null) =>
        builder.WithValori(options =>
        {
            HostingOptionsCheck.Bind(section, options);
            configure?.Invoke(options);
        });

    /// <summary>Starts Valori with the application's ActorSystem, configured by HOCON.</summary>
    /// <param name="dataDirectory">The data directory; null if the application's HOCON sets it, or none is needed.</param>
    /// <param name="time">The clock that stamps events; the system's if null.</param>
    public static AkkaConfigurationBuilder WithValori(this AkkaConfigurationBuilder builder, string? dataDirectory = null, TimeProvider? time = null) =>
        builder.WithValori(new ValoriHostingOptions { DataDirectory = dataDirectory, Time = time });

    /// <summary>
    /// Makes what <see cref="WithValori(AkkaConfigurationBuilder, Action{ValoriHostingOptions})"/> started injectable. The collections of the options are
    /// opened when the host starts. There are then
    /// <see cref="ValoriDatabase"/>; each collection as a keyed <see cref="ValoriEngine"/>, as in <c>[FromKeyedServices("notes")]</c>; the only
    /// collection, or the one named <c>default</c>, as <see cref="ValoriEngine"/> without a key; and the health checks
    /// <see cref="LiveCheck"/> (tag <c>live</c>) and <see cref="ReadyCheck"/> (tag <c>ready</c>).
    /// </summary>
    /// <remarks>An engine that is asked for before the host has started is opened then, and waited for.</remarks>
    public static IServiceCollection AddValoriEngines(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(HostedEngines))) return services;
        services.TryAddSingleton(provider => ValoriDatabase.Of(provider.GetRequiredService<ActorSystem>()));
        services.TryAddSingleton<HostedEngines>();
        services.TryAddSingleton(provider => provider.GetRequiredService<HostedEngines>().Get(null));
        services.TryAddKeyedSingleton(KeyedService.AnyKey, (provider, key) => provider.GetRequiredService<HostedEngines>().Get(key as string ?? $"{key}"));
        services.AddHostedService(provider => provider.GetRequiredService<HostedEngines>());
        services.AddHealthChecks()
            .Add(new HealthCheckRegistration(LiveCheck, provider => new ValoriLiveCheck(provider.GetRequiredService<ActorSystem>()), null, ["live", "valori"]))
            .Add(new HealthCheckRegistration(
                ReadyCheck, provider => new ValoriReadyCheck(provider.GetRequiredService<ValoriDatabase>(), provider.GetRequiredService<HostedEngines>()), null, ["ready", "valori"]));
        return services;
    }

    private static AkkaConfigurationBuilder WithValori(this AkkaConfigurationBuilder builder, ValoriHostingOptions options)
    {
        string[] wrong = [.. HostingOptionsCheck.WrongIn(options, isWhole: false)];
        if (wrong.Length > 0) throw new OptionsValidationException(Options.DefaultName, typeof(ValoriHostingOptions), wrong);
        builder.AddHocon(options.ToConfig(), HoconAddMode.Prepend);
        builder.AddSetup(new ValoriSetup(options.Time ?? TimeProvider.System) { Collections = options.Collections });
        return builder.WithActors((system, registry) => registry.Register<ValoriGuardianKey>(ValoriExtension.Get(system).Guardian));
    }

    private sealed class WholeOptions : IValidateOptions<ValoriHostingOptions>
    {
        public ValidateOptionsResult Validate(string? name, ValoriHostingOptions options)
        {
            string[] wrong = [.. HostingOptionsCheck.WrongIn(options, isWhole: true)];
            return wrong.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
        }
    }
}
