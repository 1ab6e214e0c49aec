namespace Valori;

/// <summary>Ids that count up from the first one.</summary>
public readonly record struct IdRange(ulong First, int Count);
