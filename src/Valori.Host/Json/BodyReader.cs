using System.Buffers;
using System.Text.Json;
using Valori.Kernel.Values;

namespace Valori.Host.Json;

/// <summary>
/// Reads the JSON object of a body as it arrives. The numbers of the top-level arrays <c>vector</c>, <c>vectors</c> and <c>tags</c>,
/// which may be most of 256 MiB, go straight into arrays of numbers: as a JSON document they would take up to ten times the body.
/// So do the objects of <c>records</c>, <c>chunks</c> and <c>commands</c>, one by one. What remains is small, and becomes a document. For one body, on one thread at a time.
/// </summary>
/// <param name="names">
/// The fields that it may have. What is none of them, or comes twice, is refused as soon as its name comes: its value may be larger
/// than what there may be beside the arrays.
/// </param>
/// <param name="allocating">Is told bytes before they are allocated, and refuses by throwing.</param>
/// <param name="readCommand">Makes something of each object of <c>commands</c>.</param>
internal sealed class BodyReader(FieldNames? names, Action<long> allocating, Func<JsonFields, object>? readCommand = null)
{
    /// <summary>Largest size of a body without those four fields: metadata of 64 KiB with every character escaped, and some.</summary>
    public const int MaximumOtherBytes = 1 << 20;

    private const int FirstBufferBytes = 16 << 10;

    private readonly ArrayBufferWriter<byte> _rest = new();
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = JsonText.Options.MaxDepth });
    private ulong _seen;

    // The array that is being read, and the one whose value comes next.
    private Field _field;
    private Field _named;
    private VectorBuffer? _vector, _vectors;
    private TagBuffer? _tags;
    private RecordsReader? _records;
    private CommandsReader? _commands;

    private enum Field
    {
        None,
        Vector,
        Vectors,
        Tags,
        Records,
        Chunks,
        Commands,
    }

    /// <summary>Reads the whole stream.</summary>
    /// <returns>The document, to be disposed, and the arrays that were taken out of it.</returns>
    /// <exception cref="RequestException">It is not JSON, has a field that is unknown or there twice, or an array has something that does not belong there.</exception>
    /// <exception cref="RefusedException">It has too much beside the four arrays, or a number beyond float32.</exception>
    public async Task<(JsonDocument Document, BodyArrays Arrays)> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        bool isEmpty = true;
        try
        {
            int length = 0;
            while (true)
            {
                int read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                length += read;
                isEmpty &= read == 0;
                int consumed = Consume(buffer.AsSpan(0, length), isFinal: read == 0);
                if (read == 0) break;
                buffer.AsSpan(consumed, length - consumed).CopyTo(buffer);
                length -= consumed;
                // One token fills it.
                if (length == buffer.Length) buffer = Larger(buffer, length);
            }
            return Result();
        }
        catch (JsonException e)
        {
            throw new RequestException(isEmpty ? "the body is empty; it must be a JSON object" : $"the body is not a JSON object: {JsonText.Reason(e)}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads an object that is there whole.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="RequestException">As for <see cref="ReadAsync"/>, as are the others.</exception>
    public (JsonDocument Document, BodyArrays Arrays) Read(ReadOnlySpan<byte> json)
    {
        Consume(json, isFinal: true);
        return Result();
    }

    private (JsonDocument Document, BodyArrays Arrays) Result() => (
        JsonDocument.Parse(_rest.WrittenMemory, JsonText.Options),
        new BodyArrays(_vector?.Vectors[0].ToArray(), _vectors?.Vectors, _tags?.ToArray(), _records?.Records, _commands?.Commands));

    private byte[] Larger(byte[] buffer, int length)
    {
        if (length > MaximumOtherBytes) throw _field is Field.Records or Field.Chunks ? _records!.TooLarge() : _field == Field.Commands ? _commands!.TooLarge() : TooLarge();
        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private int Consume(ReadOnlySpan<byte> bytes, bool isFinal)
    {
        Utf8JsonReader reader = new(bytes, isFinal, _state);
        int copiedTo = 0;
        while (reader.Read())
        {
            if (_field != Field.None)
            {
                if (reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == 1)
                {
                    EndField();
                    copiedTo = (int)reader.BytesConsumed;
                }
                else
                {
                    Take(ref reader, bytes);
                }
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            {
                _named = NextField(ref reader);
            }
            else
            {
                if (reader.TokenType == JsonTokenType.StartArray && reader.CurrentDepth == 1 && _named != Field.None)
                {
                    AddRest(bytes[copiedTo..(int)reader.TokenStartIndex]);
                    AddRest("[]"u8);
                    Begin(_named);
                }
                _named = Field.None;
            }
        }
        int consumed = (int)reader.BytesConsumed;
        if (_field == Field.None) AddRest(bytes[copiedTo..consumed]);
        if (_field is Field.Records or Field.Chunks) _records!.EndPart(bytes[..consumed]);
        if (_field == Field.Commands) _commands!.EndPart(bytes[..consumed]);
        _state = reader.CurrentState;
        return consumed;
    }

    private Field NextField(ref Utf8JsonReader reader)
    {
        string name;
        try
        {
            name = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text, which the fields of the document say.
            return Field.None;
        }
        names?.Take("field", name, ref _seen);
        return name switch
        {
            "vector" => Field.Vector,
            "vectors" => Field.Vectors,
            "tags" => Field.Tags,
            "records" => Field.Records,
            "chunks" => Field.Chunks,
            "commands" when readCommand is not null => Field.Commands,
            _ => Field.None,
        };
    }

    private void Begin(Field field)
    {
        _field = field;
        switch (field)
        {
            case Field.Vector: _vector = new VectorBuffer(allocating); break;
            case Field.Vectors: _vectors = new VectorBuffer(allocating); break;
            case Field.Records: _records = new RecordsReader("records", allocating); break;
            case Field.Chunks: _records = new RecordsReader("chunks", allocating, Limits.MaximumChunks); break;
            case Field.Commands: _commands = new CommandsReader(readCommand!, allocating); break;
            default: _tags = new TagBuffer(allocating); break;
        }
    }

    private void EndField()
    {
        if (_field == Field.Vector) VectorTokens.End(_vector!);
        _field = Field.None;
    }

    private void Take(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        switch (_field)
        {
            case Field.Tags:
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetUInt64(out ulong tag))
                    throw new RequestException($"tags[{_tags!.Length}] must be a whole number from 0 to {ulong.MaxValue}, got {VectorTokens.Shown(ref reader, bytes)}");
                _tags!.Add(tag);
                break;
            case Field.Records or Field.Chunks: _records!.Take(ref reader, bytes); break;
            case Field.Commands: _commands!.Take(ref reader, bytes); break;
            case Field.Vectors when reader.CurrentDepth == 2 && reader.TokenType == JsonTokenType.StartArray: break;
            case Field.Vectors when reader.CurrentDepth == 2 && reader.TokenType == JsonTokenType.EndArray: VectorTokens.End(_vectors!, "vectors", _vectors!.Vectors.Count); break;
            case Field.Vectors when reader.CurrentDepth == 2:
                throw new RequestException($"vectors[{_vectors!.Vectors.Count}] must be an array of numbers, got {VectorTokens.Shown(ref reader, bytes)}");
            default:
                VectorBuffer vector = _field == Field.Vector ? _vector! : _vectors!;
                if (VectorTokens.TryAdd(vector, ref reader)) break;
                throw VectorTokens.Fault(vector, _field == Field.Vector ? "vector" : $"vectors[{vector.Vectors.Count}]", ref reader, bytes);
        }
    }

    private void AddRest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaximumOtherBytes - _rest.WrittenCount) throw TooLarge();
        if (bytes.Length > _rest.FreeCapacity) allocating(_rest.WrittenCount + bytes.Length);
        _rest.Write(bytes);
    }

    private static RefusedException TooLarge() => new(new Refusal(
        RefusalKind.LimitExceeded, $"the body has more than {MaximumOtherBytes} bytes beside vector, vectors, tags and records"));
}
