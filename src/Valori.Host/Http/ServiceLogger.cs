using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Dispatch;
using Akka.Event;
using Valori.Host.Logging;
using AkkaLogLevel = Akka.Event.LogLevel;

namespace Valori.Host.Http;

/// <summary>
/// Akka's log in the service's own: message, level and cause (<see cref="LogText"/>). Akka.Hosting's logger would put Akka's time,
/// level and thread in front of every message, after those that are there already.
/// </summary>
internal sealed class ServiceLogger : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private readonly ILoggerFactory _loggers = DependencyResolver.For(Context.System).Resolver.GetService<ILoggerFactory>();

    protected override void OnReceive(object message)
    {
        if (message is InitializeLogger)
        {
            Sender.Tell(new LoggerInitialized());
        }
        else if (message is LogEvent log)
        {
            ILogger logger = _loggers.CreateLogger(log.LogClass?.FullName ?? "Akka");
            (string text, Exception? unexpected) = LogText.Of(log);
            logger.Log(LevelOf(log.LogLevel()), unexpected, "{Message}", text);
        }
    }

    private static Microsoft.Extensions.Logging.LogLevel LevelOf(AkkaLogLevel level) => level switch
    {
        AkkaLogLevel.DebugLevel => Microsoft.Extensions.Logging.LogLevel.Debug,
        AkkaLogLevel.InfoLevel => Microsoft.Extensions.Logging.LogLevel.Information,
        AkkaLogLevel.WarningLevel => Microsoft.Extensions.Logging.LogLevel.Warning,
        _ => Microsoft.Extensions.Logging.LogLevel.Error,
    };
}
