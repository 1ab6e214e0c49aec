using System.Globalization;
using Microsoft.Extensions.AI;

namespace Valori.VectorData.Tests.Support;

/// <summary>Makes the vector "1 2 3" of the text "1 2 3", with a last component of its own, by which a test sees which generator it was.</summary>
public sealed class FakeGenerator(float? last = null) : IEmbeddingGenerator<string, Embedding<float>>
{
    public int Calls { get; private set; }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        Calls++;
        GeneratedEmbeddings<Embedding<float>> made = [];
        foreach (string value in values)
        {
            float[] vector = [.. value.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
            if (last is { } own) vector[^1] = own;
            made.Add(new Embedding<float>(vector));
        }
        return Task.FromResult(made);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
