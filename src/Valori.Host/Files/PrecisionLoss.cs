using System.Globalization;
using System.Numerics.Tensors;
using Valori.Kernel.Vectors;

namespace Valori.Host.Files;

/// <summary>Counts the vectors of a file whose rounding error is more than 0.1% of their length (docs/limits.md).</summary>
/// <param name="schema">Of the collection that they are for.</param>
internal sealed class PrecisionLoss(VectorFile file, EngineSchema schema)
{
    private const double Threshold = 0.001;

    // A component moves by at most half a raw unit, so no error is larger than this many units for each root of the dimension.
    // Twice the bound leaves room for the float32 sum.
    private readonly double _safeNorm = 2 * 0.5 / Threshold * Math.Sqrt(file.Dimension) / VectorScale.UnitsPerOne(schema.ScaleExponent);
    private long _vectors, _lossy;
    private double _largestError, _largestNorm;

    public void Add(VectorBatch rows)
    {
        // Normalised vectors all have the norm 1, and keep what they can.
        if (schema.Metric == Metric.Cosine) return;
        for (int row = 0; row < rows.Count; row++) Add(rows.Row(row).Span);
    }

    /// <summary>A warning on standard error if there is something to warn of.</summary>
    public void Report()
    {
        if (_lossy == 0) return;
        string advice = SuggestedExponent is { } exponent
            ? $"Import them into a new collection with --scale {VectorScale.Text(exponent)}, so that they keep their precision"
            : "Multiply all vectors and all queries by the same factor before the import, so that their norms are near 1";
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"valori: warning: {file.Path}: {_lossy:N0} of {_vectors:N0} vectors lost more than 0.1% of their length to rounding, up to {100 * _largestError:F1}%; "
            + $"distances and recall suffer. {advice}"));
    }

    /// <summary>The scale that brings the longest vector to a norm of 1/2 to 1; null if it is not much larger than the collection's.</summary>
    private int? SuggestedExponent
    {
        get
        {
            int exponent = Math.Clamp(-(int)Math.Ceiling(Math.Log2(_largestNorm)), VectorScale.MinimumExponent, VectorScale.MaximumExponent);
            return exponent > schema.ScaleExponent + 1 ? exponent : null;
        }
    }

    private void Add(ReadOnlySpan<float> vector)
    {
        _vectors++;
        double norm = TensorPrimitives.Norm(vector);
        _largestNorm = Math.Max(_largestNorm, norm);
        if (norm >= _safeNorm) return;
        double error = FixedPoint.RoundingError(vector, schema.ScaleExponent);
        if (!(error > Threshold)) return;
        _lossy++;
        _largestError = Math.Max(_largestError, error);
    }
}
