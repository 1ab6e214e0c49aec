
namespace Valori;

/// <summary>The schema that an engine must have, or that a new one gets. A part that is null accepts any.</summary>
/// <param name="Dimension">Components of every vector, 1 to 65,536; 384 in a new engine if it is null.</param>
/// <param name="Metric">What searches order by; <see cref="Metric.L2"/> in a new engine if it is null.</param>
/// <param name="Scale">
/// What vectors are multiplied by when they come in: a power of two from 2^-16 to 2^16, with <see cref="Metric.Cosine"/> at most 2^14;
/// 1 in a new engine if it is null.
/// </param>
public sealed record WantedSchema(int? Dimension = null, Metric? Metric = null, double? Scale = null)
{
    /// <summary>Any schema.</summary>
    public static WantedSchema Any { get; } = new();

    /// <summary>A dimension alone, as in <c>OpenAsync("notes", 384)</c>.</summary>
    public static implicit operator WantedSchema(int dimension) => new(dimension);

    /// <summary>Why no engine can have it, or null.</summary>
    internal Refusal? Check() => Scale is { } scale && VectorScale.Check(scale) is { } refusal
        ? refusal
        : EngineSchema.Check(Dimension ?? Limits.DefaultDimension, Metric ?? Valori.Metric.L2, ScaleExponent ?? 0);

    /// <summary>The schema of a new engine. Only what passed <see cref="Check"/> has one.</summary>
    internal EngineSchema ForNew() => new(Dimension ?? Limits.DefaultDimension, Metric ?? Valori.Metric.L2, ScaleExponent ?? 0);

    /// <summary>Why an engine with this schema is not what was wanted, or null.</summary>
    internal Refusal? CheckAgainst(EngineSchema found, string name)
    {
        EngineSchema wanted = new(Dimension ?? found.Dimension, Metric ?? found.Metric, ScaleExponent ?? found.ScaleExponent);
        return found.DifferenceFrom(wanted) is var (its, other) ? new Refusal(RefusalKind.Conflict, $"collection '{name}' has {its}, not {other}") : null;
    }

    /// <summary>The exponent of the scale, null if there is none or the scale is not allowed.</summary>
    internal int? ScaleExponent => Scale is { } scale ? VectorScale.ExponentOf(scale) : null;
}
