using System.Diagnostics;
using Akka.Actor;

namespace Valori.Protocol;

/// <summary>
/// A command, a query or another message to a collection, with what does not belong to the question itself. Anybody may send one; the answer is
/// that of the message. A guardian passes it on by <see cref="Engine"/>, so that a router needs no gateway.
/// </summary>
/// <param name="Message">What is asked. Not another envelope.</param>
public sealed record EngineMessage(object Message) : IWireMessage, INoSerializationVerificationNeeded
{
    /// <summary>The collection that it is for; null for that of the gateway that gets it.</summary>
    public string? Engine { get; init; }

    /// <summary>
    /// How long the sender waits, from when the message arrives; 0 for as long as it takes, and negative if it is too late. What is not begun by then is not done: the answer
    /// is <see cref="EngineFailureKind.Overloaded"/>.
    /// </summary>
    public int TimeoutMilliseconds { get; init; }

    /// <summary>The sender's trace, as in the W3C header <c>traceparent</c>; null if there is none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>As the header <c>tracestate</c>.</summary>
    public string? TraceState { get; init; }

    /// <summary>When it is too late, if it arrives now (<see cref="Stopwatch"/>); 0 for never.</summary>
    internal long Deadline => TimeoutMilliseconds switch
    {
        0 => 0,
        < 0 => 1,
        _ => Stopwatch.GetTimestamp() + TimeoutMilliseconds * (Stopwatch.Frequency / 1_000),
    };

    /// <summary>Default if there is none, or it is not one.</summary>
    internal ActivityContext Trace => ActivityContext.TryParse(TraceParent, TraceState, isRemote: true, out ActivityContext context) ? context : default;
}
