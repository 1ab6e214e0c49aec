using System.Globalization;
using System.Numerics.Tensors;
using Valori.Kernel.Vectors;

namespace Valori.Host.Files;

/// <summary>Counts the vectors of a file whose rounding error is more than 0.1% of their length (docs/limits.md).</summary>
internal sealed class PrecisionLoss(VectorFile file)
{
    private const double Threshold = 0.001;

    // A component moves by at most half a raw unit, so no error is larger than this many units for each root of the dimension.
    // Twice the bound leaves room for the float32 sum.
    private readonly double _safeNorm = 2 * 0.5 / Threshold * Math.Sqrt(file.Dimension) / FixedPoint.UnitsPerOne;
    private long _vectors, _lossy;
    private double _largest;

    public void Add(VectorBatch rows)
    {
        for (int row = 0; row < rows.Count; row++) Add(rows.Row(row).Span);
    }

    public void Add(ReadOnlySpan<float> vector)
    {
        _vectors++;
        if (TensorPrimitives.Norm(vector) >= _safeNorm) return;
        double error = FixedPoint.RoundingError(vector);
        if (!(error > Threshold)) return;
        _lossy++;
        _largest = Math.Max(_largest, error);
    }

    /// <summary>A warning on standard error if there is something to warn of.</summary>
    public void Report()
    {
        if (_lossy == 0) return;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"valori: warning: {file.Path}: {_lossy:N0} of {_vectors:N0} vectors lost more than 0.1% of their length to rounding, up to {100 * _largest:F1}%; "
            + $"distances and recall suffer. Multiply all vectors and all queries by the same factor before the import, so that their norms are near 1"));
    }
}
