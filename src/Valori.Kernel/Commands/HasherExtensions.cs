using System.Buffers.Binary;
using Valori.Kernel.Blake3;

namespace Valori.Kernel.Commands;

/// <summary>Values as the formats hash them.</summary>
internal static class HasherExtensions
{
    /// <summary>Takes a number as eight bytes, little-endian.</summary>
    public static void Add(this ref StreamHasher hasher, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        hasher.Update(bytes);
    }
}
