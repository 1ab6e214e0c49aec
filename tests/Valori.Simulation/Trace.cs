using System.Text.Json;
using System.Text.RegularExpressions;

namespace Valori.Simulation;

/// <summary>What happened, a JSON line each: for reading when a seed fails.</summary>
internal sealed partial class Trace
{
    private readonly List<(int Step, string What, string Who, string Detail)> _lines = [];

    public int Step { get; set; }

    public void Add(string what, string who = "", object? detail = null)
    {
        // Actors get a number that is another one each time, and uploads a name that nobody guesses.
        string text = ActorNumber().Replace(detail?.ToString() ?? "", "#");
        _lines.Add((Step, what, who, text.Length > 300 ? text[..300] : text));
    }

    [GeneratedRegex("#-?[0-9]+|(?<=/restore-)[0-9a-f]{32}")]
    private static partial Regex ActorNumber();

    public IEnumerable<string> Lines() => _lines.Select(line => JsonSerializer.Serialize(new { step = line.Step, what = line.What, who = line.Who, detail = line.Detail }));
}
