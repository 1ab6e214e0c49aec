using Akka.Configuration;

namespace Valori;

/// <summary>How <see cref="ValoriEngine.OpenAsync(string, ValoriOptions?, CancellationToken)"/> opens an engine.</summary>
public sealed record ValoriOptions
{
    /// <summary>The name of an engine if none is given.</summary>
    public const string DefaultName = "default";

    /// <summary>Which engine of the directory: 1 to 64 of a-z, 0-9, '-' and '_', starting with a letter or digit.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>The dimension that the engine must have, or that a new one gets: 1 to 65,536. Null accepts any, and is 384 for a new one.</summary>
    public int? Dimension { get; init; }

    /// <summary>The metric that the engine must have, or that a new one gets. Null accepts any, and is <see cref="Metric.L2"/> for a new one.</summary>
    public Metric? Metric { get; init; }

    /// <summary>
    /// The scale that the engine must have, or that a new one gets: a power of two from 2^-16 to 2^16 that vectors are multiplied by when
    /// they come in, so that small ones keep their precision. Null accepts any, and is 1 for a new one.
    /// </summary>
    public double? Scale { get; init; }

    /// <summary>Whether to create the engine if there is none.</summary>
    public bool Create { get; init; } = true;

    /// <summary>The clock that stamps events.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>HOCON that overrides the defaults (reference.conf), for Valori's settings and for Akka's own, such as loggers.</summary>
    public Config? Configuration { get; init; }
}
