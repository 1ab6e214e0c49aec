namespace Valori.Kernel.Merkle;

/// <summary>A subtree of a Merkle tree: the 2^level leaves from index position * 2^level on.</summary>
internal readonly record struct TreePlace(int Level, ulong Position)
{
    /// <summary>The two halves of it; only above level 0.</summary>
    public (TreePlace Left, TreePlace Right) Halves => (new TreePlace(Level - 1, 2 * Position), new TreePlace(Level - 1, 2 * Position + 1));
}
