using System.Diagnostics.CodeAnalysis;

namespace Valori;

/// <summary>Either a value or the reason why there is none. A refusal is an ordinary answer, so it is not an exception.</summary>
public readonly struct Outcome<T> where T : class
{
    private Outcome(T? value, Refusal? refusal)
    {
        Value = value;
        Refusal = refusal;
    }

    /// <summary>The value; null exactly when <see cref="Refusal"/> is not.</summary>
    public T? Value { get; }

    /// <summary>The reason; null exactly when <see cref="Value"/> is not.</summary>
    public Refusal? Refusal { get; }

    /// <summary>Takes the outcome apart: true with the value, false with the reason.</summary>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        value = Value;
        refusal = Value is null ? Refusal ?? throw new InvalidOperationException("an outcome without a value and without a refusal") : null;
        return value is not null;
    }

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(null, refusal);
}
