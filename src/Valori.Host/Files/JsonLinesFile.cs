using System.Text.Json;
using Valori.Host.Json;
using Valori.Kernel.Values;

namespace Valori.Host.Files;

/// <summary>
/// <c>.jsonl</c>: a line is a record as in a batch over HTTP, <c>{"vector":[...],"tag":n,"key":"...","fields":{...}}</c>, or the vector's
/// array alone; components are read to the nearest float32. Blank lines are skipped. Any other field, and a field that appears twice, is
/// refused, so that nothing is lost silently.
/// </summary>
internal sealed class JsonLinesFile : VectorFile
{
    private static readonly FieldNames Names = new("a line", RecordJson.Names.Names);

    private readonly StreamReader _reader;
    private long _line;
    private NewRecord? _next;

    public JsonLinesFile(string path)
        : base(path)
    {
        _reader = new StreamReader(Stream, leaveOpen: true);
        try
        {
            _next = ReadRow() ?? throw new VectorFileException($"{path} holds no vector");
            Dimension = CheckDimension(_next.Vector.Length, $"line {_line}: the first vector's length");
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

    protected override VectorBatch? ReadRows(int maximumRows, long maximumOtherBytes)
    {
        List<float> components = [];
        List<NewRecord> records = [];
        List<long> lines = [];
        HashSet<RecordKey> keys = [];
        long otherBytes = 0;
        while (records.Count < maximumRows && (_next ??= ReadRow()) is { } record)
        {
            if (record.Vector.Length != Dimension)
                throw new VectorFileException($"{Path}: line {_line} has {record.Vector.Length} components, the first vector has {Dimension}");
            // What does not fit into this batch is the first row of the next one.
            otherBytes += OtherBytes(record);
            if (records.Count > 0 && otherBytes > maximumOtherBytes || record.Key is not null && !keys.Add(record.Key)) break;
            _next = null;
            components.AddRange(record.Vector.Span);
            records.Add(record);
            lines.Add(_line);
        }
        if (records.Count == 0) return null;
        VectorBatch batch = new(RowsRead, Dimension, [.. components], [.. records.Select(record => record.Tag)]) { Lines = [.. lines] };
        return records.TrueForAll(record => record.IsPlain) ? batch : batch with { Records = [.. records.Select((record, row) => record with { Vector = batch.Row(row) })] };
    }

    private static long OtherBytes(NewRecord record) => (record.Key?.Utf8.Length ?? 0) + record.Fields.Canonical.Length + (record.Metadata?.Length ?? 0);

    private NewRecord? ReadRow()
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
            if (root.ValueKind == JsonValueKind.Array) return new NewRecord(JsonFields.ToVector(root, "vector"));
            NewRecord record = RecordJson.Read(new JsonFields(root, Names));
            return record.Metadata is { } metadata && Limits.CheckMetadata(metadata.Length) is { } refusal ? throw new RefusedException(refusal) : record;
        }
        catch (JsonException e)
        {
            throw new VectorFileException($"{Path}: line {_line}, byte {e.BytePositionInLine}: {JsonText.ReasonAlone(e)}", e);
        }
        catch (Exception e) when (e is RequestException or RefusedException)
        {
            throw new VectorFileException($"{Path}: line {_line}: {e.Message}", e);
        }
    }
}
