namespace Valori;

/// <summary>What answered a search that may be approximate: either the graph, or an exact search and why.</summary>
/// <param name="Graph">Null if the hits are exact.</param>
/// <param name="ExactBecause">Why the hits are exact; null if they are of the graph.</param>
public sealed record SearchAnswered(GraphUse? Graph, string? ExactBecause)
{
    internal static SearchAnswered Through(GraphUse graph) => new(graph, null);

    internal static SearchAnswered Exactly(string because) => new(null, because);
}

/// <summary>
/// The proximity graph that a search was answered through. Who has the state that was searched, and builds the graph of the same parameters from the
/// state that this one was built from, gets the same hits.
/// </summary>
/// <param name="Digest">Of the graph, its parameters included.</param>
/// <param name="StateHash">Of the state that the graph was built from.</param>
/// <param name="Boundary">The graph is about record ids below it. Records from there on were scored exactly, all of them.</param>
/// <param name="Beam">That the search asked for.</param>
public sealed record GraphUse(Digest Digest, Digest StateHash, ulong Boundary, int Beam);
