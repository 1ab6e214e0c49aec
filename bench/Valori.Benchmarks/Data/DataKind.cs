namespace Valori.Benchmarks.Data;

/// <summary>What the vectors are like.</summary>
internal enum DataKind
{
    /// <summary>Around 1,000 centers (<see cref="ClusteredVectors"/>).</summary>
    Clustered,

    /// <summary>No clusters; variances as embeddings have (<see cref="SpectrumVectors"/>).</summary>
    PowerLaw,

    /// <summary>No clusters, and all directions alike.</summary>
    Gaussian,
}
