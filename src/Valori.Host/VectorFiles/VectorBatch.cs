namespace Valori.Host.VectorFiles;

/// <summary>Consecutive rows of a vector file.</summary>
/// <param name="FirstRow">The number of the first row in the file, from 0.</param>
/// <param name="Dimension">Components a row.</param>
/// <param name="Components">The rows, one after another: <c>Count * Dimension</c> values.</param>
/// <param name="Tags">One a row; 0 in formats that have none.</param>
internal sealed record VectorBatch(long FirstRow, int Dimension, float[] Components, ulong[] Tags)
{
    public int Count => Tags.Length;

    public ReadOnlyMemory<float> Row(int row) => Components.AsMemory(row * Dimension, Dimension);
}
