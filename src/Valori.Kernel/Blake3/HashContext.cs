using System.Runtime.InteropServices;
using System.Text;

namespace Valori.Kernel.Blake3;

/// <summary>
/// <c>H[context]</c> of the formats: BLAKE3 in derive_key mode with the context's key computed once. Immutable and
/// thread-safe. Hashing a short input (a leaf, a Merkle node, a chain link) allocates nothing.
/// </summary>
public sealed class HashContext
{
    // Longer materials go one by one: their own chunks fill the lanes.
    private const int MaximumLaneChunks = 16;
    private const int MaterialsPerGroup = 16;

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

    /// <summary>The digests of many equally long materials: for each what <see cref="Hash"/> gives, several times as fast.</summary>
    /// <param name="materials">The materials, <paramref name="stride"/> bytes from one to the next.</param>
    /// <param name="length">Bytes of each material, at least 1.</param>
    /// <param name="stride">At least the length.</param>
    /// <param name="digests">Takes one digest a material.</param>
    internal void HashMany(ReadOnlySpan<byte> materials, int length, int stride, Span<Digest> digests)
    {
        int chunks = (length + Compression.ChunkBytes - 1) / Compression.ChunkBytes;
        if (chunks == 1)
        {
            ManyHasher.Hash(ChunkJob(length, stride, 0, Compression.Root), materials, digests.Length, MemoryMarshal.AsBytes(digests));
        }
        else if (chunks <= MaximumLaneChunks)
        {
            for (int first = 0; first < digests.Length; first += MaterialsPerGroup)
                HashGroup(materials[(first * stride)..], length, stride, digests.Slice(first, Math.Min(MaterialsPerGroup, digests.Length - first)));
        }
        else
        {
            for (int i = 0; i < digests.Length; i++) digests[i] = Hash(materials.Slice(i * stride, length));
        }
    }

    /// <summary>A hasher in this context, for material that comes in parts.</summary>
    public Hasher NewHasher() => Hasher.New(_key, Compression.DeriveKeyMaterial);

    /// <summary>Takes the same chunk of all materials at once, then the same parent, level after level.</summary>
    private void HashGroup(ReadOnlySpan<byte> materials, int length, int stride, Span<Digest> digests)
    {
        int chunks = (length + Compression.ChunkBytes - 1) / Compression.ChunkBytes;
        int valuesStride = chunks * Digest.SizeBytes;
        Span<byte> values = stackalloc byte[MaterialsPerGroup * MaximumLaneChunks * Digest.SizeBytes];
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            int start = chunk * Compression.ChunkBytes;
            HashJob job = ChunkJob(Math.Min(Compression.ChunkBytes, length - start), stride, (ulong)chunk, 0, valuesStride);
            ManyHasher.Hash(job, materials[start..], digests.Length, values[(chunk * Digest.SizeBytes)..]);
        }
        while (chunks > 1) chunks = HashParents(values, valuesStride, chunks, digests.Length);
        for (int i = 0; i < digests.Length; i++) digests[i] = Digest.Read(values.Slice(i * valuesStride, Digest.SizeBytes));
    }

    /// <summary>Replaces the values of each material by those of their parents; an odd last one moves up as it is.</summary>
    /// <returns>Values that each material has left.</returns>
    private int HashParents(Span<byte> values, int stride, int count, int materials)
    {
        HashJob job = new()
        {
            Key = _key,
            Length = Compression.BlockBytes,
            InputStride = stride,
            OutputStride = stride,
            Flags = Compression.DeriveKeyMaterial | Compression.Parent | (count == 2 ? Compression.Root : 0),
        };
        for (int parent = 0; parent < count / 2; parent++)
            ManyHasher.Hash(job, values[(parent * Compression.BlockBytes)..], materials, values[(parent * Digest.SizeBytes)..]);
        if (count % 2 == 0) return count / 2;
        for (int i = 0; i < materials; i++)
        {
            Span<byte> own = values.Slice(i * stride, stride);
            own.Slice((count - 1) * Digest.SizeBytes, Digest.SizeBytes).CopyTo(own[(count / 2 * Digest.SizeBytes)..]);
        }
        return count / 2 + 1;
    }

    private HashJob ChunkJob(int length, int stride, ulong chunk, uint root, int outputStride = Digest.SizeBytes) => new()
    {
        Key = _key,
        Length = length,
        InputStride = stride,
        OutputStride = outputStride,
        Counter = chunk,
        Flags = Compression.DeriveKeyMaterial,
        FirstBlockFlags = Compression.ChunkStart,
        LastBlockFlags = Compression.ChunkEnd | root,
    };
}
