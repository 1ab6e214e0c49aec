using Akka.Actor;

namespace Valori.Actors.Serialization;

/// <summary>
/// What one message between processes may have. Akka.Remote drops a larger one with a line in the sender's log, and the caller that
/// waits for it learns nothing: so it is refused before it is sent.
/// </summary>
internal static class RemoteFrame
{
    private const string Setting = "akka.remote.dot-netty.tcp.maximum-frame-size";

    // Akka puts around a message the paths of sender and recipient, the manifest and some numbers.
    private const int EnvelopeBytes = 1_024;

    /// <summary>The message as it is, or in its place a refusal if it is too large to reach its recipient.</summary>
    public static object Fitting(object message, IActorRef recipient) => Refusal(message, recipient, "answer") ?? message;

    /// <summary>How many bytes a message to a recipient may have; null if it is in this process, where there is no limit.</summary>
    public static long? LimitOf(IActorRef recipient) => recipient is IInternalActorRef { IsLocal: false } remote
        ? (remote.Provider.Settings.Config.GetByteSize(Setting, null) ?? long.MaxValue) - EnvelopeBytes
        : null;

    /// <summary>Why a message cannot reach a recipient, or null.</summary>
    /// <param name="what">The message, in a human-readable word.</param>
    public static Refusal? Refusal(object message, IActorRef recipient, string what)
    {
        if (LimitOf(recipient) is not { } limit) return null;
        long bytes = MessageKinds.Of(message).LengthOf(message);
        return bytes <= limit
            ? null
            : new Refusal(RefusalKind.LimitExceeded,
                $"the {what} has {bytes} bytes; a message between processes may have {limit} ({Setting}): "
                    + $"{(what == "answer" ? "ask for less" : "send less")} at once, or raise the setting in both processes");
    }
}
