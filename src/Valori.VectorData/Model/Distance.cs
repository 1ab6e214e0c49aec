using Microsoft.Extensions.VectorData;

namespace Valori.VectorData.Model;

/// <summary>A distance function of the abstractions: the metric of a collection that answers it, and what is shown of a score.</summary>
internal sealed class Distance
{
    private readonly Func<ScoreUnit, long, double> _shown;
    private readonly bool _isSimilarity;

    private Distance(Metric metric, bool isSimilarity, Func<ScoreUnit, long, double> shown) => (Metric, _isSimilarity, _shown) = (metric, isSimilarity, shown);

    public Metric Metric { get; }

    /// <summary>The function with a name of <see cref="DistanceFunction"/>, or null if Valori has none.</summary>
    public static Distance? Of(string? name) => name switch
    {
        DistanceFunction.CosineSimilarity => new Distance(Metric.Cosine, isSimilarity: true, (unit, score) => unit.Similarity(score)),
        DistanceFunction.CosineDistance => new Distance(Metric.Cosine, isSimilarity: false, (unit, score) => 1 - unit.Similarity(score)),
        DistanceFunction.DotProductSimilarity => new Distance(Metric.Dot, isSimilarity: true, (unit, score) => unit.Similarity(score)),
        // No score is -0.
        DistanceFunction.NegativeDotProductSimilarity => new Distance(Metric.Dot, isSimilarity: false, (unit, score) => 0 - unit.Similarity(score)),
        DistanceFunction.EuclideanDistance => new Distance(Metric.L2, isSimilarity: false, (unit, score) => unit.Distance(score)),
        DistanceFunction.EuclideanSquaredDistance => new Distance(Metric.L2, isSimilarity: false, (unit, score) => score / Math.Pow(VectorScale.UnitsPerOne(unit.ScaleExponent), 2)),
        _ => null,
    };

    /// <summary>The function of a vector property that names none.</summary>
    public static Distance Usual(Metric metric) => Of(metric switch
    {
        Metric.Cosine => DistanceFunction.CosineSimilarity,
        Metric.Dot => DistanceFunction.DotProductSimilarity,
        _ => DistanceFunction.EuclideanDistance,
    })!;

    /// <summary>What a score is by this function.</summary>
    public double Shown(ScoreUnit unit, long score) => _shown(unit, score);

    /// <summary>
    /// The worst score that is shown as within a threshold: the smallest similarity, or the largest distance, that may be shown. Null if no score is.
    /// </summary>
    public long? LimitOf(ScoreUnit unit, double threshold)
    {
        if (double.IsNaN(threshold)) throw new ArgumentOutOfRangeException(nameof(threshold), "ScoreThreshold is NaN; it must be a number");
        // A cost is a score, or its opposite if the largest score is the best. What is shown never gets better while the cost grows.
        Int128 first = unit.LargestFirst ? -long.MaxValue : 0, last = long.MaxValue;
        if (!Holds(first)) return null;
        while (first < last)
        {
            Int128 middle = last - (last - first) / 2;
            if (Holds(middle)) first = middle;
            else last = middle - 1;
        }
        return ScoreOf(first);

        long ScoreOf(Int128 cost) => (long)(unit.LargestFirst ? -cost : cost);

        bool Holds(Int128 cost) => _isSimilarity ? Shown(unit, ScoreOf(cost)) >= threshold : Shown(unit, ScoreOf(cost)) <= threshold;
    }
}
