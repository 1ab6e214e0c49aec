using Akka.Configuration;

namespace Valori.Actors;

/// <summary>How <see cref="ValoriEngine.OpenAsync(string, ValoriOptions?, CancellationToken)"/> opens an engine.</summary>
public sealed record ValoriOptions
{
    /// <summary>The name of an engine where none is given.</summary>
    public const string DefaultName = "default";

    /// <summary>Which engine of the directory: 1 to 64 of a-z, 0-9, '-' and '_', starting with a letter or digit.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>What the engine must have, or shall get: 1 to 65,536. Null takes what is there, 384 for a new one.</summary>
    public int? Dimension { get; init; }

    /// <summary>Whether to create the engine where there is none.</summary>
    public bool Create { get; init; } = true;

    /// <summary>The clock that stamps events.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>HOCON in front of the defaults (reference.conf); also for Akka's own settings, loggers among them.</summary>
    public Config? Configuration { get; init; }
}
