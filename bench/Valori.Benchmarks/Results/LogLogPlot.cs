using System.Globalization;
using System.Net;
using System.Text;

namespace Valori.Benchmarks.Results;

/// <summary>A picture of lines over two logarithmic axes, as SVG. Each decade is labelled; each line is named at its end.</summary>
internal sealed class LogLogPlot(string title, string xLabel, string yLabel)
{
    private const int Width = 760;
    private const int Height = 480;
    private const int Left = 90;
    private const int Right = 190;
    private const int Top = 60;
    private const int Bottom = 70;
    private const int LabelHeight = 18;

    // Of Okabe and Ito: told apart by people of every colour vision, and each with a marker of its own.
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000"];

    private readonly List<(string Name, (double X, double Y)[] Points)> _lines = [];

    public void AddLine(string name, IEnumerable<(double X, double Y)> points)
    {
        (double, double)[] all = [.. points];
        if (all.Length > 0) _lines.Add((name, all));
    }

    public override string ToString()
    {
        Axis x = Axis.Over(_lines.SelectMany(line => line.Points).Select(point => point.X), Left, Width - Right);
        Axis y = Axis.Over(_lines.SelectMany(line => line.Points).Select(point => point.Y), Height - Bottom, Top);
        StringBuilder svg = new();
        Append(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" font-family="sans-serif" font-size="14" fill="#222">""");
        Append(svg, $"""<rect width="{Width}" height="{Height}" fill="#fff"/>""");
        Append(svg, $"""<text x="{Left}" y="32" font-size="17" font-weight="bold">{WebUtility.HtmlEncode(title)}</text>""");
        AppendGrid(svg, x, y);
        AppendLines(svg, x, y);
        return svg.AppendLine("</svg>").ToString();
    }

    private void AppendGrid(StringBuilder svg, Axis x, Axis y)
    {
        foreach (int decade in x.Decades)
        {
            Append(svg, $"""<line x1="{x.At(decade):F1}" y1="{Top}" x2="{x.At(decade):F1}" y2="{Height - Bottom}" stroke="#ccc"/>""");
            Append(svg, $"""<text x="{x.At(decade):F1}" y="{Height - Bottom + 22}" text-anchor="middle">{Label(decade)}</text>""");
        }
        foreach (int decade in y.Decades)
        {
            Append(svg, $"""<line x1="{Left}" y1="{y.At(decade):F1}" x2="{Width - Right}" y2="{y.At(decade):F1}" stroke="#ccc"/>""");
            Append(svg, $"""<text x="{Left - 10}" y="{y.At(decade) + 5:F1}" text-anchor="end">{Label(decade)}</text>""");
        }
        Append(svg, $"""<text x="{(Left + Width - Right) / 2}" y="{Height - 20}" text-anchor="middle">{WebUtility.HtmlEncode(xLabel)}</text>""");
        int middle = (Top + Height - Bottom) / 2;
        Append(svg, $"""<text x="28" y="{middle}" text-anchor="middle" transform="rotate(-90 28 {middle})">{WebUtility.HtmlEncode(yLabel)}</text>""");
    }

    private void AppendLines(StringBuilder svg, Axis x, Axis y)
    {
        double[] labels = LabelHeights(y);
        for (int i = 0; i < _lines.Count; i++)
        {
            (string name, (double X, double Y)[] points) = _lines[i];
            string colour = Colours[i % Colours.Length];
            string path = string.Join(' ', points.Select(point =>
                FormattableString.Invariant($"{x.Of(point.X):F1},{y.Of(point.Y):F1}")));
            Append(svg, $"""<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>""");
            foreach ((double px, double py) in points) AppendMarker(svg, i, x.Of(px), y.Of(py), colour);
            double end = x.Of(points[^1].X), label = labels[i];
            Append(svg, $"""<line x1="{end + 8:F1}" y1="{y.Of(points[^1].Y):F1}" x2="{Width - Right + 18}" y2="{label:F1}" stroke="{colour}" stroke-dasharray="2 3"/>""");
            AppendMarker(svg, i, Width - Right + 26, label, colour);
            Append(svg, $"""<text x="{Width - Right + 38}" y="{label + 5:F1}" fill="{colour}" font-weight="bold">{WebUtility.HtmlEncode(name)}</text>""");
        }
    }

    /// <summary>Where each line's name goes: at its end, moved down where it would cover another.</summary>
    private double[] LabelHeights(Axis y)
    {
        double[] heights = [.. _lines.Select(line => y.Of(line.Points[^1].Y))];
        double free = Top;
        foreach (int line in Enumerable.Range(0, heights.Length).OrderBy(line => heights[line]))
        {
            heights[line] = Math.Max(heights[line], free);
            free = heights[line] + LabelHeight;
        }
        return heights;
    }

    private static void AppendMarker(StringBuilder svg, int line, double x, double y, string colour)
    {
        FormattableString marker = (line % 3) switch
        {
            0 => $"""<circle cx="{x:F1}" cy="{y:F1}" r="5" fill="{colour}"/>""",
            1 => $"""<rect x="{x - 4.5:F1}" y="{y - 4.5:F1}" width="9" height="9" fill="{colour}"/>""",
            _ => $"""<path d="M{x:F1} {y - 6:F1} l6 11 h-12 z" fill="{colour}"/>""",
        };
        Append(svg, marker);
    }

    private static string Label(int decade) => Math.Pow(10, decade).ToString(decade < 0 ? $"F{-decade}" : "N0", CultureInfo.InvariantCulture);

    private static void Append(StringBuilder svg, FormattableString line) => svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Whole decades around the values, laid over a stretch of the picture.</summary>
    private readonly record struct Axis(int First, int Last, double From, double To)
    {
        public static Axis Over(IEnumerable<double> values, double from, double to)
        {
            double[] all = [.. values];
            int first = (int)Math.Floor(Math.Log10(all.Min())), last = (int)Math.Ceiling(Math.Log10(all.Max()));
            return new Axis(first, Math.Max(last, first + 1), from, to);
        }

        public IEnumerable<int> Decades => Enumerable.Range(First, Last - First + 1);

        public double Of(double value) => At(Math.Log10(value));

        public double At(double decade) => From + (To - From) * (decade - First) / (Last - First);
    }
}
