namespace Valori;

/// <summary>What a state's three Merkle trees are about. The numbers stand in proofs and messages.</summary>
public enum ContentKind
{
    Record = 1,
    Node = 2,
    Edge = 3,
}
