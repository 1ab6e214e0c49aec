namespace Valori;

/// <summary>How many leaves a Merkle tree has, and its root.</summary>
public readonly record struct TreeHead(ulong Count, Digest Root);
