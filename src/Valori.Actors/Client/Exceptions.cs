namespace Valori;

/// <summary>A command or query was refused: it left no trace, and the engine goes on.</summary>
public sealed class RefusedException(Refusal refusal) : Exception(refusal.Message)
{
    public Refusal Refusal { get; } = refusal;
}

/// <summary>The engine could not answer; <see cref="Kind"/> says whether anything may have happened.</summary>
public sealed class EngineException(EngineFailureKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public EngineFailureKind Kind { get; } = kind;
}
