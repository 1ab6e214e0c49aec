using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Dispatch;
using Akka.Event;
using Valori.Host.Logging;
using AkkaLogLevel = Akka.Event.LogLevel;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Valori.Host.Http;

/// <summary>
/// Akka's log in the service's own: message, level and cause (<see cref="LogText"/>). Akka.Hosting's logger would put Akka's time,
/// level and thread in front of every message, after those that are there already. What Akka.Remote says of peers is written once for
/// each kind and ten seconds, with a count: a peer must not fill the log.
/// </summary>
internal sealed class ServiceLogger : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>, IWithTimers
{
    private const string Remoting = "Akka.Remote";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ILoggerFactory _loggers = DependencyResolver.For(Context.System).Resolver.GetService<ILoggerFactory>();
    private readonly RepeatedLines _ofPeers = new();

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;
            case LogEvent log:
                Write(log);
                break;
            case IntervalEnded(var kind, var category, var level) when _ofPeers.End(kind) is { } line:
                Write(category, level, line, null);
                Timers.StartSingleTimer(kind, message, Interval);
                break;
        }
    }

    private void Write(LogEvent log)
    {
        string category = CategoryOf(log);
        LogLevel level = LevelOf(log.LogLevel());
        (string text, Exception? unexpected) = LogText.Of(log);
        if (level >= LogLevel.Warning && category.StartsWith(Remoting, StringComparison.Ordinal))
        {
            // By the text without its values, of which peers choose some.
            string kind = $"{category} {level} {(log.Message as LogMessage)?.Format}";
            if (!_ofPeers.Begins(kind, text)) return;
            Timers.StartSingleTimer(kind, new IntervalEnded(kind, category, level), Interval);
        }
        Write(category, level, text, unexpected);
    }

    private void Write(string category, LogLevel level, string text, Exception? unexpected) => _loggers.CreateLogger(category).Log(level, unexpected, "{Message}", text);

    /// <summary>The class that wrote it. A part of Akka.Remote writes as "remoting" without one.</summary>
    private static string CategoryOf(LogEvent log) =>
        log.LogClass == typeof(DummyClassForStringSources) && log.LogSource.StartsWith("remoting", StringComparison.Ordinal) ? Remoting : log.LogClass?.FullName ?? "Akka";

    private static LogLevel LevelOf(AkkaLogLevel level) => level switch
    {
        AkkaLogLevel.DebugLevel => LogLevel.Debug,
        AkkaLogLevel.InfoLevel => LogLevel.Information,
        AkkaLogLevel.WarningLevel => LogLevel.Warning,
        _ => LogLevel.Error,
    };

    private sealed record IntervalEnded(string Kind, string Category, LogLevel Level);
}
