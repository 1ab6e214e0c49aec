using Valori.Protocol;

namespace Valori;

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
