using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Valori.Host.Logging;

namespace Valori.Host.Commands;

/// <summary>Akka's log on standard error: standard output belongs to the verbs' own answers.</summary>
internal sealed class StandardErrorLogger : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    public static Config Configuration => ConfigurationFactory.ParseString($"""
        akka.loggers = ["{typeof(StandardErrorLogger).FullName}, valori"]
        akka.loglevel = WARNING
        akka.stdout-loglevel = OFF
        """);

    protected override void OnReceive(object message)
    {
        if (message is InitializeLogger) Sender.Tell(new LoggerInitialized());
        else if (message is LogEvent log) Write(log);
    }

    private static void Write(LogEvent log)
    {
        (string text, Exception? unexpected) = LogText.Of(log);
        if (unexpected is not null) text = $"{text}: {unexpected}";
        if (log is Error) StandardError.WriteFailure(text);
        else Console.Error.WriteLine($"valori: warning: {text}");
    }
}
