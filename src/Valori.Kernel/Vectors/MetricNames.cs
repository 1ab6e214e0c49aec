namespace Valori.Kernel.Vectors;

/// <summary>The names of metrics in JSON, on the command line and in human-readable messages.</summary>
internal static class MetricNames
{
    /// <summary>All of them, as a sentence lists them.</summary>
    public const string All = "l2, cosine or dot";

    /// <summary>The name of a metric; its number if there is no such metric.</summary>
    public static string Name(this Metric metric) => metric switch
    {
        Metric.L2 => "l2",
        Metric.Cosine => "cosine",
        Metric.Dot => "dot",
        _ => ((int)metric).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>The metric with this name; null if there is none.</summary>
    public static Metric? Find(string name) => name switch
    {
        "l2" => Metric.L2,
        "cosine" => Metric.Cosine,
        "dot" => Metric.Dot,
        _ => null,
    };
}
