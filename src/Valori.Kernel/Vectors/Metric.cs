namespace Valori;

/// <summary>What a collection's searches order by. The numbers stand in journals, snapshots, proofs and messages.</summary>
public enum Metric
{
    /// <summary>The nearest by Euclidean distance.</summary>
    L2 = 0,

    /// <summary>The largest cosine: vectors are normalised when they come in, and then the nearest by Euclidean distance.</summary>
    Cosine = 1,

    /// <summary>The largest inner product.</summary>
    Dot = 2,
}
