using Valori.Kernel.Wire;

namespace Valori.Kernel;

/// <summary>
/// What is fixed when an engine is created. It grows: a field that is absent in an older journal has the value that every engine had
/// before there was that field. A reader refuses a schema with a field that it does not know, because it would compute other answers.
/// </summary>
public sealed record EngineSchema
{
    /// <param name="dimension">Components of every vector, 1 to 65,536.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another dimension.</exception>
    public EngineSchema(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, Limits.MinimumDimension);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, Limits.MaximumDimension);
        Dimension = dimension;
    }

    /// <summary>Components of every vector.</summary>
    public int Dimension { get; }

    /// <summary>Its fields as those of EngineCreated in journal.proto.</summary>
    internal void WriteFields(ref WireWriter writer) => writer.UInt64(1, (ulong)Dimension);

    /// <exception cref="FormatException">The fields are not a schema's, or one of them is not known to this version.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is outside the limits.</exception>
    internal static EngineSchema Read(ref WireReader reader)
    {
        int dimension = reader.Int32(1);
        if (reader.Number != 0)
            throw new FormatException($"the schema has the field {reader.Number}, which this version does not know: open the collection with the version that created it, or a newer one");
        return new EngineSchema(dimension);
    }
}
