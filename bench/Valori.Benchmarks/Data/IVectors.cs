namespace Valori.Benchmarks.Data;

/// <summary>Endless vectors of one kind, the same on every machine.</summary>
internal interface IVectors
{
    /// <summary>Writes the next vector.</summary>
    void Next(Span<float> vector);
}
