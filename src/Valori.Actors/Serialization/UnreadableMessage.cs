using Akka.Actor;

namespace Valori.Actors.Serialization;

/// <summary>
/// Stands for a command or query of another process that cannot be read here, or that was not to be sent. Akka would drop it, and the sender
/// would wait for its timeout; the gateway refuses this in its place.
/// </summary>
/// <param name="Reason">At most <see cref="MaximumReason"/> characters, whatever was sent.</param>
internal sealed record UnreadableMessage(string Reason) : INoSerializationVerificationNeeded
{
    public const int MaximumReason = 400;

    /// <summary>Whether the reason is the sender's own, about what it asked for, and not about bytes.</summary>
    public bool IsOfSender { get; init; }

    public static UnreadableMessage Because(Exception fault) => Because(fault.Message);

    public static UnreadableMessage Because(string reason) =>
        new(reason.Length <= MaximumReason ? reason : string.Concat(reason.AsSpan(0, MaximumReason - 3), "..."));
}
