using Akka.Actor;

namespace Valori.Protocol;

/// <summary>
/// What names an engine, in whatever process: the ActorSystem that has it, and its name there. Unlike an actor reference it stays valid
/// when that process starts again, and it can be stored and routed.
/// </summary>
/// <param name="System">As in <c>akka.tcp://valori@host:4053</c>; without a host it is the ActorSystem that is asked.</param>
public sealed record EngineAddress(Address System, string Name)
{
    /// <summary>The guardian that knows the engine.</summary>
    internal ActorPath Guardian => new RootActorPath(System) / "user" / GuardianAddress.Name;

    /// <summary>As a path, such as <c>akka.tcp://valori@host:4053/user/valori/notes</c>.</summary>
    public override string ToString() => $"{System}/user/{GuardianAddress.Name}/{Name}";
}
