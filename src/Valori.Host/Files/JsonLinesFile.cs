using System.Text.Json;
using Valori.Actors;
using Valori.Host.Json;

namespace Valori.Host.Files;

/// <summary>
/// <c>.jsonl</c>: a line is <c>{"vector":[...], "tag":n}</c>, or the vector's array alone; components are read to the
/// nearest float32. Blank lines are skipped. Any other field, and a field that is there twice, is refused, so that nothing is
/// lost silently.
/// </summary>
internal sealed class JsonLinesFile : VectorFile
{
    private static readonly FieldNames Names = new("a line", ["vector", "tag"]);

    private readonly StreamReader _reader;
    private long _line;
    private (float[] Vector, ulong Tag)? _first;

    public JsonLinesFile(string path)
        : base(path)
    {
        _reader = new StreamReader(Stream, leaveOpen: true);
        try
        {
            _first = ReadRow() ?? throw new VectorFileException($"{path} holds no vector");
            Dimension = CheckDimension(_first.Value.Vector.Length, $"line {_line}: the first vector's length");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        _reader?.Dispose();
        base.Dispose();
    }

    protected override VectorBatch? ReadRows(int maximumRows)
    {
        List<float> components = [];
        List<ulong> tags = [];
        List<long> lines = [];
        while (tags.Count < maximumRows && (_first ?? ReadRow()) is var (vector, tag))
        {
            _first = null;
            if (vector.Length != Dimension)
                throw new VectorFileException($"{Path}: line {_line} has {vector.Length} components, the first vector has {Dimension}");
            components.AddRange(vector);
            tags.Add(tag);
            lines.Add(_line);
        }
        return tags.Count == 0 ? null : new VectorBatch(RowsRead, Dimension, [.. components], [.. tags]) { Lines = [.. lines] };
    }

    private (float[] Vector, ulong Tag)? ReadRow()
    {
        string? text;
        do
        {
            text = _reader.ReadLine();
            _line++;
        }
        while (text is not null && string.IsNullOrWhiteSpace(text));
        if (text is null) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Array) return (JsonFields.ToVector(root, "vector"), 0);
            JsonFields fields = new(root, Names);
            return (fields.Vector("vector"), fields.OptionalUInt64("tag") ?? 0);
        }
        catch (JsonException e)
        {
            throw new VectorFileException($"{Path}: line {_line}, byte {e.BytePositionInLine}: {Reason(e)}", e);
        }
        catch (Exception e) when (e is RequestException or RefusedException)
        {
            throw new VectorFileException($"{Path}: line {_line}: {e.Message}", e);
        }
    }

    /// <summary>The reader's message without its own line number, which counts within the line.</summary>
    private static string Reason(JsonException e)
    {
        int end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end].TrimEnd('.');
    }
}
