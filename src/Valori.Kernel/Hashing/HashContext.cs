using System.Runtime.InteropServices;
using System.Text;

namespace Valori.Kernel.Hashing;

/// <summary>
/// <c>H[context]</c> of the formats: BLAKE3 in derive_key mode with the context's key computed once. Immutable and
/// thread-safe. Hashing a short input (a leaf, a Merkle node, a chain link) allocates nothing.
/// </summary>
public sealed class HashContext
{
    private readonly uint[] _key = new uint[8];

    /// <param name="context">Hard-coded, globally unique, and never changed (the BLAKE3 paper, section 2.3).</param>
    public HashContext(string context)
    {
        Hasher hasher = Hasher.New(Compression.InitialValue, Compression.DeriveKeyContext);
        hasher.Update(Encoding.UTF8.GetBytes(context));
        hasher.Finalize(MemoryMarshal.AsBytes(_key.AsSpan()));
    }

    /// <summary>The digest of the material in this context.</summary>
    public Digest Hash(ReadOnlySpan<byte> material)
    {
        if (material.Length > Compression.ChunkBytes)
        {
            Hasher hasher = NewHasher();
            hasher.Update(material);
            return hasher.Finalize();
        }

        Span<uint> chainingValue = stackalloc uint[8];
        _key.CopyTo(chainingValue);
        Compression.CompressInput(
            chainingValue, material, 0, Compression.DeriveKeyMaterial, Compression.ChunkStart, Compression.ChunkEnd | Compression.Root);
        return Digest.Read(MemoryMarshal.AsBytes(chainingValue));
    }

    /// <summary>A hasher in this context, for material that comes in parts.</summary>
    public Hasher NewHasher() => Hasher.New(_key, Compression.DeriveKeyMaterial);
}
