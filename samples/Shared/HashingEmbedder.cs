using System.Numerics.Tensors;
using System.Text;

namespace Samples;

/// <summary>
/// Turns text into a vector without a model: each word, and each three letters of it, adds to a component that its hash chooses. Texts that share
/// words are near each other, and that is all that it knows. It is here so that the samples run anywhere and always find the same. Use an
/// embedding model in its place.
/// </summary>
public static class HashingEmbedder
{
    public const int Dimension = 256;

    public static float[] Embed(string text)
    {
        float[] vector = new float[Dimension];
        foreach (string word in text.ToLowerInvariant().Split([' ', '.', ',', '?', '!', ':', ';', '\'', '"', '(', ')'], StringSplitOptions.RemoveEmptyEntries))
        {
            // Words of two letters are in every sentence.
            Add(word, word.Length > 2 ? 1 : 0.2f);
            for (int i = 0; i + 3 <= word.Length; i++) Add($"part {word.AsSpan(i, 3)}", 0.6f);
        }
        float length = TensorPrimitives.Norm<float>(vector);
        if (length == 0) vector[0] = length = 1;
        TensorPrimitives.Divide(vector, length, vector);
        return vector;

        void Add(string part, float weight)
        {
            uint hash = 2166136261;
            foreach (byte b in Encoding.UTF8.GetBytes(part)) hash = (hash ^ b) * 16777619;
            vector[hash % Dimension] += (hash & 0x10000) == 0 ? weight : -weight;
        }
    }
}
