using Valori.Kernel.Wire;

namespace Valori.Kernel.Commands;

/// <summary>A block of vectors as the protobuf message Vectors: raw values in 16 or 32 bits.</summary>
internal readonly struct VectorsField(VectorBlock vectors) : IWireFields
{
    public void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, (ulong)vectors.Dimension);
        writer.SetBytes(vectors.IsNarrow ? 2 : 3, vectors.Raw.Span);
    }

    /// <summary>A block over the message's own bytes.</summary>
    /// <exception cref="ArgumentException">As for <see cref="VectorBlock.FromRaw"/>.</exception>
    public static VectorBlock Read(ref WireReader reader)
    {
        int dimension = reader.Int32(1, Limits.MaximumDimension);
        if (reader.OptionalBytes(2) is { } narrow) return VectorBlock.FromRaw(dimension, isNarrow: true, narrow);
        return VectorBlock.FromRaw(dimension, isNarrow: false, reader.OptionalBytes(3) ?? throw new FormatException("the vectors are missing"));
    }
}
