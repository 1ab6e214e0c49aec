namespace Valori.VectorData.Tests.Equivalence;

/// <summary>What a lambda captured, as the compiler makes such objects, and some other ways to a value. As text it is the value.</summary>
internal sealed class Captured<T>(T value)
{
    public readonly T Value = value;

    public Captured<T> Self => this;

    public T Property => Value;

    public T Get() => Value;

    public override string ToString() => Shown.Of(Value);
}
