using Akka.Actor;

namespace Valori.Protocol;

/// <summary>
/// A message that may cross a process: it has a protobuf form. The kernel's own commands and refusals
/// travel too.
/// </summary>
public interface IWireMessage;

/// <summary>Asks the guardian (<c>/user/valori</c>) for an engine by name; answered with <see cref="EngineOpened"/> once it has recovered.</summary>
/// <param name="Name">1 to 64 of a-z, 0-9, '-' and '_', starting with a letter or digit.</param>
/// <param name="Schema">The schema to create it with, or that it must have; null accepts any, and is the default for a new one.</param>
/// <param name="Create">Whether to create it if there is none; otherwise that is refused.</param>
/// <param name="Wait">
/// Whether to wait for a recovery that is running. Otherwise the answer is <see cref="EngineFailureKind.Recovering"/> and
/// says how far it is.
/// </param>
public sealed record OpenEngine(string Name, WantedSchema? Schema = null, bool Create = true, bool Wait = true) : IWireMessage
{
    /// <summary>The schema to create it with, or that it must have.</summary>
    public WantedSchema Schema { get; init; } = Schema ?? WantedSchema.Any;
}

/// <summary>The engine is ready. Commands and queries go to the gateway.</summary>
public sealed record EngineOpened(string Name, EngineSchema Schema, IActorRef Gateway) : IWireMessage
{
    /// <summary>Whether the gateway takes an <see cref="EngineMessage"/>. Those of versions before do not answer it.</summary>
    public bool TakesEnvelopes { get; init; } = true;
}

/// <summary>
/// Asks the guardian to drop a collection: its events, snapshots and everything else go, and the name is free again. Answered with
/// <see cref="EngineDropped"/> when all of it is gone, or with a refusal if there is none of this name. An answer that is a failure may
/// come after the collection ceased to exist; then the rest goes by itself, after a crash at the next start.
/// </summary>
public sealed record DropEngine(string Name) : IWireMessage;

/// <summary>The collection is gone.</summary>
public sealed record EngineDropped(string Name) : IWireMessage
{
    /// <summary>The answer to callers that still wait for the collection.</summary>
    internal static Refusal RefusalOf(string name) => new(RefusalKind.NotFound, $"collection '{name}' was dropped");
}

/// <summary>Asks the guardian for the names of all engines that the journal knows; answered with <see cref="EngineNames"/>.</summary>
public sealed record ListEngines : IWireMessage;

/// <summary>Names of engines, in ordinal order.</summary>
public sealed record EngineNames(IReadOnlyList<string> Names) : IWireMessage;

/// <summary>Tells the guardian to stop every engine gracefully; answered with <see cref="EnginesStopped"/>. Local only.</summary>
internal sealed record StopEngines : INoSerializationVerificationNeeded;

internal sealed record EnginesStopped : INoSerializationVerificationNeeded;
