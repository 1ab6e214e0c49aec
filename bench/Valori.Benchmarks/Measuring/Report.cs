using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Valori.Benchmarks.Scenarios;

namespace Valori.Benchmarks.Measuring;

/// <summary>
/// What one run of one scenario found out, by us or by a peer: the common output of all of them. As human-readable text, or as
/// one line of JSON, of which many make a result file.
/// </summary>
internal sealed record Report
{
    public const string Us = "valori";

    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public required string Who { get; init; }
    public required string Scenario { get; init; }

    /// <summary>0, like the dimension, where the work is not on records.</summary>
    public required int Rows { get; init; }

    public required int Dimension { get; init; }
    public required int Threads { get; init; }
    public required int K { get; init; }
    public DateTime? Time { get; init; }
    public Machine? Machine { get; init; }
    public Commit? Commit { get; init; }
    public string? Command { get; init; }
    public List<Figure> Figures { get; init; } = [];
    public List<string> Notes { get; init; } = [];

    public static Report Of(Scenario scenario, BenchmarkOptions options) => new()
    {
        Who = Us,
        Scenario = scenario.Name,
        Rows = scenario.HasRows ? options.Rows : 0,
        Dimension = scenario.HasRows ? options.Dimension : 0,
        Threads = options.Threads,
        K = options.K,
        Time = DateTime.UtcNow,
        Machine = Machine.This,
        Commit = Commit.Current,
        Command = CommandLine(),
    };

    public static Report FromJson(string line) =>
        JsonSerializer.Deserialize<Report>(line, JsonOptions) ?? throw new InvalidDataException("a result line is null");

    public void Add(string name, string unit, IEnumerable<double> samples) => Figures.Add(Figure.Of(name, unit, samples));

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Scenario}{(Rows == 0 ? "" : Shape())}");
        text.AppendLine(CultureInfo.InvariantCulture, $"machine  {Machine}");
        text.AppendLine(CultureInfo.InvariantCulture, $"commit   {Commit}");
        text.AppendLine(CultureInfo.InvariantCulture, $"command  {Command}");
        text.AppendLine(CultureInfo.InvariantCulture, $"{"",-36}{"median",12}{"min",12}{"max",12}  {"unit",-12}{"samples",8}");
        foreach (Figure figure in Figures)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{figure.Name,-36}{Digits(figure.Median),12}{Digits(figure.Min),12}{Digits(figure.Max),12}  {figure.Unit,-12}{figure.Samples,8}");
        }
        foreach (string note in Notes) text.AppendLine(note);
        return text.ToString();
    }

    private string Shape() => string.Create(CultureInfo.InvariantCulture, $": {Rows:N0} x {Dimension}, threads {Threads}, k {K}");

    /// <summary>Three to four digits that matter.</summary>
    public static string Digits(double value) => value.ToString(
        Math.Abs(value) switch { >= 100 => "N0", >= 10 => "F1", >= 1 => "F2", _ => "F3" }, CultureInfo.InvariantCulture);

    /// <summary>The command to repeat the run with. It does not say where its files are.</summary>
    private static string CommandLine()
    {
        List<string> arguments = [.. Environment.GetCommandLineArgs().Skip(1)];
        foreach (string option in (string[])["--data", "--ids"])
        {
            int at = arguments.IndexOf(option);
            if (at >= 0 && at + 1 < arguments.Count) arguments.RemoveRange(at, 2);
        }
        return $"dotnet run -c Release --project bench/Valori.Benchmarks -- {string.Join(' ', arguments)}";
    }
}
