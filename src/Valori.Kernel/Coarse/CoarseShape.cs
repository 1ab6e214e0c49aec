namespace Valori.Kernel.Coarse;

/// <summary>
/// How the codes of a row are laid out: chunks of 64 components, in planes of 4 bits each. A scan reads the upper plane of the first half of the
/// chunks for all rows, that of the others for rows which the first half could not exclude, and the lower plane for those which both could not.
/// </summary>
internal sealed class CoarseShape
{
    /// <summary>Components of a chunk: those of a vector register of 4-bit codes.</summary>
    public const int ChunkComponents = 64;

    /// <summary>Bytes of a chunk in one plane.</summary>
    public const int ChunkBytes = ChunkComponents / 2;

    public CoarseShape(int dimension)
    {
        Dimension = dimension;
        int chunks = (dimension + ChunkComponents - 1) / ChunkComponents;
        RowBytes = chunks * ChunkBytes;
        // In 128 dimensions the first half excludes 98 rows of 100 of another cluster, in 384 all but a few in a thousand (docs/benchmarks.md).
        FirstBytes = chunks == 1 ? RowBytes : chunks / 2 * ChunkBytes;
        // Reading a vector of one chunk exactly is as fast as reading the rest of its codes.
        LowerBytes = chunks == 1 ? 0 : RowBytes;
        LongestFraction = Math.Sqrt(PaddedComponents);
    }

    public int Dimension { get; }

    /// <summary>Bytes of a row in one plane; the last chunk is padded.</summary>
    public int RowBytes { get; }

    /// <summary>Bytes of a row's first part in the upper plane.</summary>
    public int FirstBytes { get; }

    /// <summary>Bytes of a row's other part in the upper plane; 0 if there is none.</summary>
    public int RestBytes => RowBytes - FirstBytes;

    /// <summary>Bytes of a row in the lower plane; 0 if there is none.</summary>
    public int LowerBytes { get; }

    /// <summary>Components of the first part, without what pads it.</summary>
    public int FirstComponents => Math.Min(Dimension, 2 * FirstBytes);

    /// <summary>No row of as many numbers of 1 at most is longer.</summary>
    public double LongestFraction { get; }

    /// <summary>Components of all chunks, with what pads the last one.</summary>
    public int PaddedComponents => 2 * RowBytes;
}
