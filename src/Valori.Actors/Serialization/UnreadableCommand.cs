using Akka.Actor;

namespace Valori.Actors.Serialization;

/// <summary>
/// Stands for a command of another process that cannot be read here. Akka would drop it, and whoever sent it would wait for its timeout;
/// the gateway refuses this in its place.
/// </summary>
/// <param name="Reason">At most <see cref="MaximumReason"/> characters, whatever was sent.</param>
internal sealed record UnreadableCommand(string Reason) : INoSerializationVerificationNeeded
{
    public const int MaximumReason = 200;

    public static UnreadableCommand Because(Exception fault) =>
        new(fault.Message.Length <= MaximumReason ? fault.Message : string.Concat(fault.Message.AsSpan(0, MaximumReason - 3), "..."));
}
