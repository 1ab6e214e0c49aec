using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;
using Valori.Actors.Settings;
using Valori.Host.Files;
using Valori.Host.Http;
using Valori.Host.Processes;
using Valori.Host.Remoting;
using Valori.Host.Security;

namespace Valori.Host.Commands;

/// <summary><c>valori serve</c>, the default verb: the collections of a directory over HTTP, as a service.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";
    public const string DefaultUrl = "http://127.0.0.1:7480";

    // sun_path of a socket address has 108 bytes on Linux and ends with a zero.
    private const int MaximumSocketPathBytes = 107;

    public static Command Create()
    {
        Option<DirectoryInfo> data = CommandLine.Data();
        Option<string> urls = new("--urls")
        {
            Description = "Addresses to listen on, separated by ';'.",
            DefaultValueFactory = _ => DefaultUrl,
            HelpName = "URL",
        };
        urls.Validators.Add(CheckUrls);
        Option<FileInfo?> config = new("--config")
        {
            Description = "A HOCON file whose settings override the defaults: PostgreSQL, remoting, limits. hocon/ in Valori's repository has examples.",
            HelpName = "FILE",
        };
        Option<bool> anonymous = new("--allow-anonymous")
        {
            Description = "Listen on addresses that other machines reach although there are no API keys: whoever reaches them may do everything. Changes nothing if there are keys.",
        };
        Command command = new(Name, "Serve the collections of a directory over HTTP (the default verb). Runs under systemd too.")
        {
            data, urls, config, anonymous,
        };
        command.OnRun(async (parsed, cancellationToken) =>
        {
            DirectoryInfo directory = parsed.GetRequiredValue(data);
            await using WebApplication app = Build(directory.FullName, parsed.GetRequiredValue(urls), parsed.GetValue(config)?.FullName);
            KeyRing keys = app.Services.GetRequiredService<KeyRing>();
            if (!keys.IsRequired) CheckLoopback(parsed.GetRequiredValue(urls), parsed.GetValue(anonymous));
            CheckCertificates(parsed.GetRequiredValue(urls), app.Services.GetService<ServiceCertificates>() is not null);
            if (keys.IsRequired && parsed.GetRequiredValue(urls).Split(';').FirstOrDefault(IsReadable) is { } clear)
                app.Logger.LogWarning("API keys and content can be read on the way to {Url}: use https, or a proxy with TLS on this machine", clear);
            // Addresses first: if one is taken, nothing is written. Then the lock, before anything listens: a second process fails here,
            // with one line that says why.
            app.Services.GetRequiredService<ReservedSockets>().Bind(parsed.GetRequiredValue(urls));
            StartValori(app, parsed.GetValue(config)?.FullName);
            try
            {
                await StartListeningAsync(app, parsed.GetRequiredValue(urls), cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Asked to stop before it served anything.
                return ExitCode.Done;
            }
            app.Logger.LogInformation("serving {Directory} on {Urls}", directory.FullName, string.Join(", ", app.Urls));
            app.Lifetime.ApplicationStopping.Register(() => app.Logger.LogInformation("stopping: requests in progress are finished first"));
            await app.WaitForShutdownAsync(cancellationToken);
            app.Logger.LogInformation("stopped");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The service; not started yet.</summary>
    /// <param name="limits">Null for those of docs/limits.md.</param>
    internal static WebApplication Build(string directory, string urls, string? configFile, HttpLimits? limits = null)
    {
        limits ??= new HttpLimits();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        // What is set comes from the command line and --config alone. An appsettings.json where the service is started, or a variable of the
        // environment, would open other addresses than those of --urls (Kestrel:Endpoints), which nothing has checked.
        ((IConfigurationBuilder)builder.Configuration).Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        builder.WebHost.UseUrls(urls.Split(';'));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = HttpLimits.BodyBytes;
            kestrel.Limits.KeepAliveTimeout = limits.KeepAliveTimeout;
            // A connection of HTTP/2 has many requests at once, which the gate of connections and the limits of slow clients do not count.
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
            kestrel.ConfigureHttpsDefaults(https => UseCertificates(https, kestrel.ApplicationServices.GetRequiredService<ServiceCertificates>()));
        });
        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd HH:mm:ss ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        // What the host says at start and stop we say ourselves; what fails at start comes as an exception too.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
            .AddFilter("Microsoft.Hosting", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical)
            .AddFilter("Akka", LogLevel.Warning);
        builder.Services.AddSystemd();
        // Pending writes are answered and the engines stop in order before the process ends.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));
        builder.Services.AddAkka("valori", akka =>
        {
            if (configFile is not null) akka.AddHocon(ReadConfig(configFile), HoconAddMode.Prepend);
            akka.AddHocon("""
                akka.log-dead-letters = off
                # While the system starts and stops Akka would write past the log, onto standard output.
                akka.stdout-loglevel = OFF
                akka.coordinated-shutdown.default-phase-timeout = 60s
                # The host stops the system after the last request was answered. Akka's own hook would stop it at the signal.
                akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
                """ + "\n" + GatedTransport.Setting, HoconAddMode.Append);
            // Peers may send messages inside of messages by it, to any depth. Akka.Streams puts its defaults above Valori's, so it stands here.
            akka.AddHocon("""akka.actor.serializers.akka-stream-ref = "Valori.Actors.Serialization.RefusingSerializer, Valori.Actors" """, HoconAddMode.Prepend);
            akka.ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLogger<ServiceLogger>();
                loggers.LogLevel = Akka.Event.LogLevel.InfoLevel;
            });
            akka.WithValori(directory);
        });
        builder.Services.AddSingleton(services => HttpSettings.Of(services.GetRequiredService<ActorSystem>()));
        builder.Services.AddSingleton(services => new TransferBudget(services.GetRequiredService<HttpSettings>().MaximumBytesInFlight));
        builder.Services.AddSingleton(services =>
        {
            int? limit = Descriptors.Limit();
            return new ConnectionGate(Descriptors.ConnectionsOf(limit, Descriptors.Used()), limit, services.GetRequiredService<ILogger<ConnectionGate>>());
        });
        builder.Services.AddSingleton(limits);
        builder.Services.AddSingleton<ReservedSockets>();
        builder.Services.AddOptions<SocketTransportOptions>().Configure<ReservedSockets>((sockets, reserved) => sockets.CreateBoundListenSocket = reserved.Take);
        builder.Services.AddSingleton<IConnectionListenerFactory, GatedListenerFactory>();
        if (TlsOf(configFile) is { } tls) builder.Services.AddSingleton(services => new ServiceCertificates(
            tls, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<ServiceCertificates>>()));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => new KeyStore(directory, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services => new AuditLog(directory, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<KeyRing>();
        builder.Services.AddSingleton<KeyTraffics>();
        builder.Services.AddHostedService<KeyWatch>();
        builder.Services.AddSingleton<Collections>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Collections>());
        WebApplication app = builder.Build();
        app.UseAuditTrail();
        app.UseErrorAnswers();
        app.UseNoStore();
        app.UseHostCheck(urls);
        app.UseKeys();
        app.Use(async (context, next) =>
        {
            // Who needs a key and has shown none is never at work: whatever it asks of health, its place is free for those who have one.
            using IDisposable? request = context.Features.Get<Caller>() is null ? null : app.Services.GetRequiredService<ConnectionGate>().Begin(context.Connection.Id);
            await next(context);
        });
        app.UseStrictRequests();
        app.MapHealth();
        app.MapOpenApi();
        app.MapOperations();
        return app;
    }

    private static TlsSettings? TlsOf(string? configFile)
    {
        if (configFile is null) return null;
        try
        {
            Config config = ReadConfig(configFile);
            return TlsSettings.Of(new SettingReader(config.WithFallback(ReferenceConfig.FallbackFor(config)).GetConfig("valori.http.tls"), "valori.http.tls"));
        }
        catch (Exception e) when (e is not (ConfigurationException or DataDirectoryException))
        {
            throw Unusable(configFile, e);
        }
    }

    private static void UseCertificates(HttpsConnectionAdapterOptions https, ServiceCertificates certificates)
    {
        https.ServerCertificateSelector = (_, _) => certificates.Own;
        https.OnAuthenticate = (_, handshake) => certificates.Apply(handshake);
        if (!certificates.AsksClients) return;
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, sent, _) => certificates.IsOfClient(certificate, sent);
    }

    private static ConfigurationException Unusable(string configFile, Exception e) => new($"the configuration {configFile} cannot be used: {OneLine(e.Message)}", e);

    private static void StartValori(WebApplication app, string? configFile)
    {
        try
        {
            ActorSystem system = app.Services.GetRequiredService<ActorSystem>();
            ValoriExtension.Get(system);
            // Those of peers, and those to them.
            if (((ExtendedActorSystem)system).Provider is not LocalActorRefProvider)
            {
                app.Services.GetRequiredService<ConnectionGate>().LeaveToPeers(2 * Descriptors.PeersOf(Descriptors.Limit()));
                if (app.Services.GetRequiredService<KeyRing>().IsRequired)
                    app.Logger.LogWarning("Akka.Remote is on, and asks its peers for no API key: whoever reaches its port may do everything that a key may");
            }
            app.Services.GetRequiredService<HttpSettings>();
        }
        catch (Exception e) when (configFile is not null && e is not (DataDirectoryException or JournalException or ConfigurationException))
        {
            // HOCON's own parser and its getters throw whatever they stumble over.
            throw Unusable(configFile, e);
        }
    }

    private static async Task StartListeningAsync(WebApplication app, string urls, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new IOException($"cannot listen on {urls}: {e.Message}", e);
        }
    }

    /// <exception cref="DataDirectoryException">An address can be reached from other machines, which was not asked for.</exception>
    private static void CheckLoopback(string urls, bool isAllowed)
    {
        if (isAllowed || urls.Split(';').FirstOrDefault(url => !IsLoopback(BindingAddress.Parse(url))) is not { } open) return;
        throw new DataDirectoryException(
            $"there are no API keys, and other machines may reach {open}: add one with 'valori keys add', listen on 127.0.0.1, "
            + "or say --allow-anonymous to let whoever reaches the service do everything");
    }

    /// <exception cref="ConfigurationException">There is https without a certificate, or a certificate without https.</exception>
    private static void CheckCertificates(string urls, bool isThere)
    {
        string? secure = urls.Split(';').FirstOrDefault(IsSecure);
        if (secure is not null && !isThere) throw new ConfigurationException($"{secure} needs a certificate: set valori.http.tls.certificate and valori.http.tls.key in the file of --config");
        if (secure is null && isThere) throw new ConfigurationException($"valori.http.tls has a certificate, and no address of --urls begins with https: {urls}");
    }

    private static bool IsSecure(string url) => BindingAddress.Parse(url).Scheme == "https";

    /// <summary>Whether what is sent there leaves this machine as it is.</summary>
    private static bool IsReadable(string url) => !IsSecure(url) && !IsLoopback(BindingAddress.Parse(url));

    // A socket has the permissions of its directory. Any other name than localhost is all addresses of the machine to Kestrel.
    private static bool IsLoopback(BindingAddress address) =>
        address.IsUnixPipe || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(address.Host, out IPAddress? ip) && IPAddress.IsLoopback(ip));

    private static void CheckUrls(OptionResult result)
    {
        foreach (string url in result.GetValueOrDefault<string>().Split(';'))
        {
            string? wrong = null;
            try
            {
                BindingAddress address = BindingAddress.Parse(url);
                if (address.Scheme is not ("http" or "https")) wrong = "only http and https are supported";
                else if (address.Port is < 0 or > IPEndPoint.MaxPort) wrong = $"a port is from 0 to {IPEndPoint.MaxPort}";
                else if (address.PathBase.Length > 0) wrong = "an address has no path";
                else wrong = WrongHost(address);
            }
            catch (FormatException)
            {
                wrong = $"expected an address like {DefaultUrl}";
            }
            if (wrong is not null) result.AddError($"--urls has '{url}': {wrong}");
        }
    }

    /// <summary>
    /// Kestrel takes every host that it cannot read for all addresses of the machine: a mistyped one would open the service to the network.
    /// </summary>
    private static string? WrongHost(BindingAddress address)
    {
        if (address.IsUnixPipe)
        {
            int bytes = Encoding.UTF8.GetByteCount(address.UnixPipePath);
            return bytes <= MaximumSocketPathBytes ? null : $"the path of the socket has {bytes} bytes, and the maximum is {MaximumSocketPathBytes}";
        }
        // Digits and dots that are not an address are a slip, so the last label of a name has a letter.
        string host = address.Host;
        if (host is "*" or "+" || IPAddress.TryParse(host, out _)) return null;
        bool isName = Uri.CheckHostName(host) == UriHostNameType.Dns && host.Split('.')[^1].Any(char.IsAsciiLetter);
        return isName ? null : $"'{host}' is not an IP address, a name, or '*' for all addresses";
    }

    /// <summary>HOCON's parser shows the place on lines of its own, with a mark below it.</summary>
    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('^', ' ');

    /// <exception cref="DataDirectoryException">The file cannot be read.</exception>
    internal static Config ReadConfig(string path)
    {
        try
        {
            string text = File.ReadAllText(path);
            HoconText.CheckWhole(text, path);
            Config config = ConfigurationFactory.ParseString(text);
            KnownSettings.CheckRoot(config);
            return config;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"the configuration {path} cannot be read: {FileFailure.ReasonOf(path, e)}", e);
        }
    }
}
