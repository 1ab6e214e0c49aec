using System.Text.Json;

namespace Valori.Simulation;

/// <summary>What happened, a JSON line each: for reading when a seed fails.</summary>
internal sealed class Trace
{
    private readonly List<(int Step, string What, string Who, string Detail)> _lines = [];

    public int Step { get; set; }

    public void Add(string what, string who = "", object? detail = null)
    {
        string text = detail?.ToString() ?? "";
        _lines.Add((Step, what, who, text.Length > 300 ? text[..300] : text));
    }

    public IEnumerable<string> Lines() => _lines.Select(line => JsonSerializer.Serialize(new { step = line.Step, what = line.What, who = line.Who, detail = line.Detail }));
}
