using Valori.Actors.Text;

namespace Valori.Host.Json;

/// <summary>Directions and kinds of the graph, as text.</summary>
internal static class GraphText
{
    public const string Directions = "out, in or both";

    public const string Kinds = "an array of kinds, whole numbers from 0 to 255";

    public static EdgeDirection? FindDirection(string text) => text switch
    {
        "out" => EdgeDirection.Out,
        "in" => EdgeDirection.In,
        "both" => EdgeDirection.Both,
        _ => null,
    };

    /// <summary>Kinds with commas between them, as in a query; null if the text is something else.</summary>
    public static IReadOnlyList<byte>? FindKinds(string text)
    {
        List<byte> kinds = [];
        foreach (string part in text.Split(','))
        {
            if (WholeNumbers.Canonical<byte>(part) is not { } kind) return null;
            kinds.Add(kind);
        }
        return kinds;
    }
}
