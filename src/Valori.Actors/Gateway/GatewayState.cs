using Valori.Actors.State;

namespace Valori.Actors.Gateway;

/// <summary>
/// What a gateway knows that its restart after a fault must not forget: what was acknowledged, and that nothing may be answered any
/// more. Written by the gateway (and by the engine, what it publishes).
/// </summary>
internal sealed class GatewayState(string name)
{
    public PublishedView Published { get; } = new(name);

    /// <summary>Whether the engine follows another one.</summary>
    public FollowMode Follow { get; } = new();

    /// <summary>Never one twice: an answer to a command of before a restart must not answer another one.</summary>
    public long NextTicket { get; set; }

    /// <summary>Whether the engine can take commands: that nothing may be answered any more, above all.</summary>
    public Availability Availability { get; } = new(name);
}
