namespace Valori.Host.Files;

/// <summary>Consecutive rows of a vector file.</summary>
/// <param name="FirstRow">The number of the first row in the file, from 0.</param>
/// <param name="Dimension">Components a row.</param>
/// <param name="Components">The rows, one after another: <c>Count * Dimension</c> values.</param>
/// <param name="Tags">One a row; 0 in formats that have none.</param>
internal sealed record VectorBatch(long FirstRow, int Dimension, float[] Components, ulong[] Tags)
{
    public int Count => Tags.Length;

    /// <summary>The line of each row, from 1, in a file of lines; null in others.</summary>
    public long[]? Lines { get; init; }

    /// <summary>The rows with what each has besides its vector and tag; null if none of them has anything.</summary>
    public IReadOnlyList<NewRecord>? Records { get; init; }

    public ReadOnlyMemory<float> Row(int row) => Components.AsMemory(row * Dimension, Dimension);

    /// <summary>Where a row of the batch stands in its file.</summary>
    public string PlaceOf(int row) => Lines is null ? $"row {FirstRow + row}" : $"line {Lines[row]}";

    /// <summary>The first row without a key, as an error with file and place; null if all have one.</summary>
    public VectorFileException? FirstWithoutKey(string path)
    {
        for (int row = 0; row < Count; row++)
        {
            if (Records?[row].Key is null)
                return new VectorFileException($"{path}: {PlaceOf(row)}: the vector has no key, and --upsert needs one: a line {{\"vector\":[...],\"key\":\"...\"}} of a .jsonl file");
        }
        return null;
    }

    /// <summary>The first row that a collection of the schema refuses, as an error with file and place; null if there is none.</summary>
    public VectorFileException? FirstRefused(string path, EngineSchema schema)
    {
        for (int row = 0; row < Count; row++)
        {
            if (!VectorBlock.FromVector(schema, Row(row).Span).TryGet(out _, out Refusal? refusal))
                return new VectorFileException($"{path}: {PlaceOf(row)}: {refusal.Message}");
        }
        return null;
    }
}
