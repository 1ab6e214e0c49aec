using Valori.Kernel.Vectors;
using Valori.Kernel.Wire;

namespace Valori;

/// <summary>
/// What is fixed when an engine is created. It grows: a field that is absent in an older journal has the value that every engine had
/// before there was that field. A reader refuses a schema with a field that it does not know, because it would compute other answers.
/// </summary>
public sealed record EngineSchema
{
    /// <param name="dimension">Components of every vector, 1 to 65,536.</param>
    /// <param name="metric">What searches order by.</param>
    /// <param name="scaleExponent">Of the scale (<see cref="VectorScale"/>), -16 to 16; with <see cref="Metric.Cosine"/> at most 14.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is not allowed (<see cref="Check"/>).</exception>
    public EngineSchema(int dimension, Metric metric = Metric.L2, int scaleExponent = 0)
    {
        if (Check(dimension, metric, scaleExponent) is { } refusal) throw new ArgumentOutOfRangeException(refusal.Message, innerException: null);
        (Dimension, Metric, ScaleExponent) = (dimension, metric, scaleExponent);
    }

    /// <summary>Components of every vector.</summary>
    public int Dimension { get; }

    /// <summary>What searches order by.</summary>
    public Metric Metric { get; }

    /// <summary>The exponent of <see cref="Scale"/>.</summary>
    public int ScaleExponent { get; }

    /// <summary>What vectors are multiplied by when they come in, and divided by when they are shown: a power of two.</summary>
    public double Scale => VectorScale.Of(ScaleExponent);

    /// <summary>Whether it has nothing but a dimension: its hashes and its bytes are those from before there was more.</summary>
    public bool IsDefault => Metric == Metric.L2 && ScaleExponent == 0;

    /// <summary>What a score of a search means.</summary>
    public ScoreUnit ScoreUnit => new(Metric, ScaleExponent);

    /// <summary>The float32 that a raw value stands for. Without normalisation exact for every raw value that came from a float32.</summary>
    public float ToSingle(int raw) => raw / (float)VectorScale.UnitsPerOne(ScaleExponent);

    /// <summary>Why there can be no such schema, or null.</summary>
    public static Refusal? Check(int dimension, Metric metric, int scaleExponent)
    {
        if (dimension is < Limits.MinimumDimension or > Limits.MaximumDimension)
            return Invalid($"dimension is {dimension}; it must be in {Limits.MinimumDimension}..{Limits.MaximumDimension}");
        if (metric is not (Metric.L2 or Metric.Cosine or Metric.Dot)) return Invalid($"metric is {metric.Name()}; it must be {MetricNames.All}");
        if (scaleExponent is < VectorScale.MinimumExponent or > VectorScale.MaximumExponent)
            return Invalid($"scale is 2^{scaleExponent}; it must be in 2^{VectorScale.MinimumExponent}..2^{VectorScale.MaximumExponent}");
        return metric == Metric.Cosine && scaleExponent > VectorScale.MaximumCosineExponent
            ? Invalid($"scale is {VectorScale.Text(scaleExponent)}; with the metric cosine it must be at most "
                + $"{VectorScale.Text(VectorScale.MaximumCosineExponent)}, because every vector has the norm 1")
            : null;
    }

    /// <summary>As in "dimension 384", or "dimension 384, metric cosine, scale 64".</summary>
    public override string ToString() => $"dimension {Dimension}"
        + (Metric == Metric.L2 ? "" : $", metric {Metric.Name()}")
        + (ScaleExponent == 0 ? "" : $", scale {VectorScale.Text(ScaleExponent)}");

    /// <summary>The first thing that tells it from another schema: this one's as in "dimension 2", and the other's value alone. Null if both are the same.</summary>
    internal (string This, string Other)? DifferenceFrom(EngineSchema other)
    {
        if (Dimension != other.Dimension) return ($"dimension {Dimension}", $"{other.Dimension}");
        if (Metric != other.Metric) return ($"metric {Metric.Name()}", other.Metric.Name());
        return ScaleExponent == other.ScaleExponent ? null : ($"scale {VectorScale.Text(ScaleExponent)}", VectorScale.Text(other.ScaleExponent));
    }

    /// <summary>Its fields as those of the protobuf message EngineCreated.</summary>
    internal void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, (ulong)Dimension);
        writer.UInt64(2, (ulong)Metric);
        writer.ZigZag(3, ScaleExponent);
    }

    /// <exception cref="FormatException">The fields are not a schema's, or one of them is not known to this version.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside the limits.</exception>
    internal static EngineSchema Read(ref WireReader reader)
    {
        int dimension = reader.Int32(1), metric = reader.Int32(2), scaleExponent = reader.ZigZag32(3);
        if (reader.Number != 0)
            throw new FormatException($"the schema has the field {reader.Number}, which this version does not know: open the collection with the version that created it, or a newer one");
        return new EngineSchema(dimension, (Metric)metric, scaleExponent);
    }

    private static Refusal Invalid(string message) => new(RefusalKind.InvalidArgument, message);
}
