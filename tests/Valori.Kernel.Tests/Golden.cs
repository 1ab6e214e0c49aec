using System.Text.Json;
using Valori.Protocol;

namespace Valori.Kernel.Tests;

/// <summary>The golden files, copied beside the tests, and helpers to make vectors.</summary>
internal static class Golden
{
    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "vectors", file);

    public static JsonElement Json(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(PathOf(file)));
        return document.RootElement.Clone();
    }

    public static VectorBlock Block(int dimension, params float[] components)
    {
        Outcome<VectorBlock> outcome = VectorBlock.FromComponents(dimension, components);
        return outcome.Value ?? throw new InvalidOperationException(outcome.Refusal!.Message);
    }

    public static Digest Apply(this ValoriKernel kernel, Command command)
    {
        Outcome<Event> outcome = kernel.Decide(command);
        kernel.Apply(outcome.Value ?? throw new InvalidOperationException(outcome.Refusal!.Message));
        return kernel.StateHash;
    }
}
