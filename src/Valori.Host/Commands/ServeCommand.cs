using System.CommandLine;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.Logging.Console;
using Valori.Actors;
using Valori.Actors.Journal;
using Valori.Host.Http;

namespace Valori.Host.Commands;

/// <summary><c>valori serve</c>, the default verb: the collections of a directory over HTTP, as a service.</summary>
internal static class ServeCommand
{
    public const string DefaultUrl = "http://127.0.0.1:7480";

    public static Command Create()
    {
        Option<DirectoryInfo> data = CommandLine.Data();
        Option<string> urls = new("--urls")
        {
            Description = $"Addresses to listen on, separated by ';' (default {DefaultUrl}).",
            DefaultValueFactory = _ => DefaultUrl,
            HelpName = "URL",
        };
        Option<FileInfo?> config = new("--config")
        {
            Description = "A HOCON file in front of the defaults: PostgreSQL, remoting, limits (see hocon/).",
            HelpName = "FILE",
        };
        Command command = new("serve", "Serve the collections of a directory over HTTP (the default verb). Runs under systemd too.")
        {
            data, urls, config,
        };
        command.OnRun(async (parsed, cancellationToken) =>
        {
            // The lock is taken before anything listens: a second process fails here, with one line that says why.
            DirectoryInfo directory = parsed.GetRequiredValue(data);
            await using WebApplication app = Build(directory.FullName, parsed.GetRequiredValue(urls), parsed.GetValue(config)?.FullName);
            await app.StartAsync(cancellationToken);
            app.Logger.LogInformation("serving {Directory} on {Urls}", directory.FullName, string.Join(", ", app.Urls));
            await app.WaitForShutdownAsync(cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The service; not started yet.</summary>
    internal static WebApplication Build(string directory, string urls, string? configFile)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(urls.Split(';'));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = HttpLimits.BodyBytes);
        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd HH:mm:ss ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.Hosting", LogLevel.Warning);
        builder.Services.AddSystemd();
        // Pending writes are answered and the engines stop in order before the process ends.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));
        builder.Services.AddAkka("valori", akka =>
        {
            if (configFile is not null) akka.AddHocon(ReadConfig(configFile), HoconAddMode.Prepend);
            akka.AddHocon("""
                akka.log-dead-letters = off
                akka.coordinated-shutdown.default-phase-timeout = 60s
                """, HoconAddMode.Append);
            akka.ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
                loggers.LogLevel = Akka.Event.LogLevel.InfoLevel;
            });
            akka.WithValori(directory);
        });
        builder.Services.AddSingleton<Collections>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Collections>());
        WebApplication app = builder.Build();
        app.UseErrorAnswers();
        app.MapHealth();
        app.MapCollections();
        return app;
    }

    private static Config ReadConfig(string path)
    {
        try
        {
            return ConfigurationFactory.ParseString(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"the configuration {path} cannot be read: {e.Message}", e);
        }
    }
}
