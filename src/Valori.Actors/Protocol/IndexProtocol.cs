using Valori.Kernel;
using Valori.Kernel.Blake3;

namespace Valori.Actors.Protocol;

/// <summary>What is known of the proximity graph of a collection; answered with <see cref="IndexStatus"/>.</summary>
public sealed record GetIndexStatus : IWireMessage;

/// <summary>
/// Has the collection build a proximity graph of all records that it has now, and waits until searches can use it; answered with
/// <see cref="IndexStatus"/>, which says whether they can.
/// </summary>
/// <param name="MaximumMilliseconds">How long it waits, 0 to 60,000. The graph goes on being built after that.</param>
public sealed record WaitForIndex(int MaximumMilliseconds) : IWireMessage
{
    /// <summary>The longest wait of one message: ask again for more.</summary>
    public const int LongestMilliseconds = 60_000;

    /// <summary>Why there is no such wait, or null.</summary>
    internal Refusal? Check() => MaximumMilliseconds is >= 0 and <= LongestMilliseconds
        ? null
        : new Refusal(RefusalKind.InvalidArgument, $"the wait is {MaximumMilliseconds} ms; it must be in 0..{LongestMilliseconds}: ask again for more");
}

/// <summary>The proximity graph of a collection.</summary>
/// <param name="IsReady">
/// Whether approximate searches have what they need: a graph that covers every record there is (after a wait: that there was when it began), or so
/// few records that they are exact.
/// </param>
/// <param name="Graph">The one that searches use; null if there is none.</param>
/// <param name="Building">The one that is being built; null if none is.</param>
/// <param name="Reason">Why there is no graph, or what went wrong with it last; null if nothing did.</param>
public sealed record IndexStatus(bool IsReady, IndexedGraph? Graph, GraphProgress? Building, string? Reason) : IWireMessage;

/// <summary>A proximity graph that searches use.</summary>
/// <param name="Digest">Of the graph: equal digests mean equal graphs.</param>
/// <param name="StateHash">Of the state that it was built from.</param>
/// <param name="Boundary">It is about record ids below it.</param>
/// <param name="Records">That it holds: those that were live in that state.</param>
/// <param name="Uncovered">Record ids from the boundary on, which searches score exactly.</param>
/// <param name="Bytes">What it takes of memory.</param>
public sealed record IndexedGraph(Digest Digest, Digest StateHash, ulong Boundary, ulong Records, ulong Uncovered, long Bytes);

/// <summary>A proximity graph that is being built.</summary>
/// <param name="Done">Records that are in it.</param>
/// <param name="Total">Records that it will hold.</param>
public sealed record GraphProgress(ulong Done, ulong Total);
