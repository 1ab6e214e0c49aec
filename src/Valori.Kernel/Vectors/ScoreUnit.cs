namespace Valori;

/// <summary>
/// What the exact score of a search means in the vectors' own unit (section 2 of docs/formats.md in Valori's repository). What is shown is
/// computed from the score; nothing is computed from what is shown.
/// </summary>
/// <param name="ScaleExponent">Of the collection's scale (<see cref="VectorScale"/>).</param>
public readonly record struct ScoreUnit(Metric Metric, int ScaleExponent)
{
    /// <summary>Whether the best hit has the largest score; otherwise it has the smallest.</summary>
    public bool LargestFirst => Metric == Metric.Dot;

    /// <summary>The Euclidean distance that a score stands for; NaN with <see cref="Metric.Dot"/>, whose scores are not distances.</summary>
    public double Distance(long score) => Metric == Metric.Dot ? double.NaN : Math.Sqrt(score) / VectorScale.UnitsPerOne(ScaleExponent);

    /// <summary>
    /// The cosine, -1 to 1, or the inner product that a score stands for; NaN with <see cref="Metric.L2"/>, whose scores are not similarities.
    /// </summary>
    public double Similarity(long score) => Metric switch
    {
        // The squares of units are powers of two, so only the conversion of the score and the subtraction round.
        Metric.Cosine => Math.Clamp(1 - score / (2 * SquareOfUnits), -1, 1),
        Metric.Dot => score / SquareOfUnits,
        _ => double.NaN,
    };

    private double SquareOfUnits => VectorScale.UnitsPerOne(ScaleExponent) * VectorScale.UnitsPerOne(ScaleExponent);

    /// <summary>The largest score whose <see cref="Distance"/> is not above one that is not negative.</summary>
    internal long LargestWithin(double distance)
    {
        ScoreUnit unit = this;
        return LastWhere(0, long.MaxValue, score => unit.Distance(score) <= distance);
    }

    /// <summary>The worst score whose <see cref="Similarity"/> is at least one that the best score reaches.</summary>
    internal long WorstReaching(double similarity)
    {
        ScoreUnit unit = this;
        return LargestFirst
            ? -LastWhere(-Limits.SquaredNormLimit, Limits.SquaredNormLimit, score => unit.Similarity(-score) >= similarity)
            : LastWhere(0, long.MaxValue, score => unit.Similarity(score) >= similarity);
    }

    /// <summary>By halves: the condition holds up to some number and for none after it; the first number if it holds for none.</summary>
    private static long LastWhere(long first, long last, Func<long, bool> holds)
    {
        while (first < last)
        {
            long middle = last - (last - first) / 2;
            if (holds(middle)) first = middle;
            else last = middle - 1;
        }
        return first;
    }
}
