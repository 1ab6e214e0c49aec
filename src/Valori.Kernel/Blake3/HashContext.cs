using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Valori.Kernel.Blake3;

/// <summary>
/// <c>H[context]</c> of the formats: BLAKE3 in derive_key mode with the context's key computed once. Immutable and
/// thread-safe. Hashing a short input (a leaf, a Merkle node, a chain link) allocates nothing.
/// </summary>
internal sealed class HashContext
{
    // Of longer materials the chunks alone fill the lanes: they are hashed one by one, as streams.
    private const int MaximumLaneChunks = 16;

    // Below this, one by one is as fast as side by side.
    private const int MinimumSideBySide = 2;
    private const int MaterialsPerGroup = 16;

    private readonly Digest _key;

    /// <param name="context">Hard-coded, globally unique, and never changed (the BLAKE3 paper, section 2.3).</param>
    public HashContext(string context)
    {
        byte[] name = Encoding.UTF8.GetBytes(context);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, Compression.ChunkBytes, nameof(context));
        Span<uint> key = stackalloc uint[8];
        Compression.InitialValue.CopyTo(key);
        Compression.CompressInput(key, name, 0, Compression.DeriveKeyContext, Compression.ChunkStart, Compression.ChunkEnd | Compression.Root);
        _key = Digest.Read(MemoryMarshal.AsBytes(key));
    }

    // The eight words that every chunk and parent starts from.
    private ReadOnlySpan<uint> Key => MemoryMarshal.Cast<Digest, uint>(new ReadOnlySpan<Digest>(in _key));

    /// <summary>The digest of the material in this context.</summary>
    public Digest Hash(ReadOnlySpan<byte> material)
    {
        if (material.Length > MaximumLaneChunks * Compression.ChunkBytes)
        {
            StreamHasher hasher = NewHasher();
            hasher.Update(material);
            return hasher.Finalize();
        }
        if (material.Length > Compression.ChunkBytes) return HashChunks(material);

        Digest digest = _key;
        Compression.CompressInput(
            MemoryMarshal.Cast<Digest, uint>(new Span<Digest>(ref digest)),
            material,
            0,
            Compression.DeriveKeyMaterial,
            Compression.ChunkStart,
            Compression.ChunkEnd | Compression.Root);
        return digest;
    }

    /// <summary>What <see cref="Hash"/> returns for the bytes of two digests; faster if one is hashed after the other.</summary>
    internal void HashPair(ReadOnlySpan<Digest> pair, ref Digest digest)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pair.Length, 2);
        const uint flags = Compression.DeriveKeyMaterial | Compression.ChunkStart | Compression.ChunkEnd | Compression.Root;
        Compression.CompressParent(Key, MemoryMarshal.AsBytes(pair), flags, MemoryMarshal.Cast<Digest, uint>(new Span<Digest>(ref digest)));
    }

    /// <summary>The digests of many equally long materials: for each what <see cref="Hash"/> returns, several times as fast.</summary>
    /// <param name="materials">The materials, <paramref name="stride"/> bytes from one to the next.</param>
    /// <param name="length">Bytes of each material, at least 1.</param>
    /// <param name="stride">At least the length.</param>
    /// <param name="digests">Takes one digest a material.</param>
    internal void HashMany(ReadOnlySpan<byte> materials, int length, int stride, Span<Digest> digests)
    {
        int chunks = (length + Compression.ChunkBytes - 1) / Compression.ChunkBytes;
        if (digests.Length < MinimumSideBySide)
        {
            for (int i = 0; i < digests.Length; i++) digests[i] = Hash(materials.Slice(i * stride, length));
        }
        else if (chunks == 1)
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
    public StreamHasher NewHasher() => new(Key, Compression.DeriveKeyMaterial);

    /// <summary>Takes all chunks of a material at once, then the parents, level after level.</summary>
    [SkipLocalsInit]
    private Digest HashChunks(ReadOnlySpan<byte> material)
    {
        int count = (material.Length + Compression.ChunkBytes - 1) / Compression.ChunkBytes, whole = (count - 1) * Compression.ChunkBytes;
        Span<byte> values = stackalloc byte[MaximumLaneChunks * Digest.SizeBytes];
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(values);
        if (count == 2 && TwoChunks.IsSupported)
        {
            TwoChunks.Hash(Key, Compression.DeriveKeyMaterial, material, words);
        }
        else
        {
            ManyHasher.Hash(ChunkJob(Compression.ChunkBytes, Compression.ChunkBytes, 0, 0, counterStep: 1), material, count - 1, values);
            Span<uint> last = words.Slice(8 * (count - 1), 8);
            Key.CopyTo(last);
            Compression.CompressInput(
                last, material[whole..], (ulong)(count - 1), Compression.DeriveKeyMaterial, Compression.ChunkStart, Compression.ChunkEnd);
        }
        for (; count > 2; count = (count + 1) / 2)
        {
            ManyHasher.Hash(ParentJob(Compression.BlockBytes, Digest.SizeBytes, count), values, count / 2, values);
            if (count % 2 == 1) values.Slice((count - 1) * Digest.SizeBytes, Digest.SizeBytes).CopyTo(values[(count / 2 * Digest.SizeBytes)..]);
        }
        Digest root = _key;
        const uint flags = Compression.DeriveKeyMaterial | Compression.Parent | Compression.Root;
        Compression.CompressInput(MemoryMarshal.Cast<Digest, uint>(new Span<Digest>(ref root)), values[..Compression.BlockBytes], 0, flags, 0, 0);
        return root;
    }

    /// <summary>Takes the same chunk of all materials at once, then the same parent, level after level.</summary>
    [SkipLocalsInit]
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
        HashJob job = ParentJob(stride, stride, count);
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

    /// <param name="values">Values that a material has before: the parent of the last two is its root.</param>
    private HashJob ParentJob(int inputStride, int outputStride, int values) => new()
    {
        Key = Key,
        Length = Compression.BlockBytes,
        InputStride = inputStride,
        OutputStride = outputStride,
        Flags = Compression.DeriveKeyMaterial | Compression.Parent | (values == 2 ? Compression.Root : 0),
    };

    private HashJob ChunkJob(int length, int stride, ulong chunk, uint root, int outputStride = Digest.SizeBytes, uint counterStep = 0) => new()
    {
        Key = Key,
        Length = length,
        InputStride = stride,
        OutputStride = outputStride,
        Counter = chunk,
        CounterStep = counterStep,
        Flags = Compression.DeriveKeyMaterial,
        FirstBlockFlags = Compression.ChunkStart,
        LastBlockFlags = Compression.ChunkEnd | root,
    };
}
