using System.Buffers;
using System.Text.Json;
using Valori.Kernel.Values;

namespace Valori.Host.Json;

/// <summary>
/// Reads new records, the objects of an array, as they arrive. The numbers of each <c>vector</c> go straight into arrays of numbers. The
/// rest of an object becomes a document when the object ends, and a record at once, so no more than one is there as a document.
/// </summary>
/// <param name="array">The name of the array, for messages.</param>
/// <param name="most">How many there may be.</param>
/// <param name="allocating">Is told bytes before they are allocated, and refuses by throwing.</param>
internal sealed class RecordsReader(string array, Action<long> allocating, int most = int.MaxValue)
{
    /// <summary>Largest size of an object beside the numbers of its vector: fields and metadata of 64 KiB with every character escaped, and some.</summary>
    public const int MaximumOtherBytes = 1 << 20;

    // A record without its vector and contents, and each content besides its bytes.
    private const int RecordBytes = 128, ContentBytes = 64;

    // Of what the reader is at: an object, its fields, a component of its vector.
    private const int ObjectDepth = 2, FieldDepth = 3;

    private readonly List<NewRecord> _records = [];
    private readonly VectorBuffer _vectors = new(allocating);
    private readonly ArrayBufferWriter<byte> _rest = new();
    private ReadOnlyMemory<float>? _vector;
    private Place _place;
    private bool _isVectorNext;
    private int _copiedTo;

    private enum Place
    {
        Between,
        Within,
        Vector,
    }

    public IReadOnlyList<NewRecord> Records => _records;

    /// <summary>Takes the token that the reader is at.</summary>
    /// <param name="bytes">What the reader reads.</param>
    public void Take(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        switch (_place)
        {
            case Place.Vector when reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == FieldDepth:
                VectorTokens.End(_vectors, array, _records.Count);
                _vector = _vectors.Vectors[^1];
                _copiedTo = (int)reader.BytesConsumed;
                _place = Place.Within;
                break;
            case Place.Vector:
                if (!VectorTokens.TryAdd(_vectors, ref reader)) throw VectorTokens.Fault(_vectors, $"{Name}: vector", ref reader, bytes);
                break;
            case Place.Between:
                if (_records.Count == most)
                    throw new RefusedException(new Refusal(RefusalKind.LimitExceeded, $"document: more than {most} {array}, which is the limit of one document: split it"));
                _copiedTo = (int)reader.TokenStartIndex;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) _place = Place.Within;
                else End(bytes[_copiedTo..(int)reader.BytesConsumed]);
                break;
            case Place.Within when reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == FieldDepth:
                _isVectorNext = IsVector(ref reader);
                break;
            default:
                if (_isVectorNext && reader.TokenType == JsonTokenType.StartArray)
                {
                    AddRest(bytes[_copiedTo..(int)reader.TokenStartIndex]);
                    AddRest("[]"u8);
                    _place = Place.Vector;
                }
                else if (reader.CurrentDepth == ObjectDepth)
                {
                    End(bytes[_copiedTo..(int)reader.BytesConsumed]);
                }
                _isVectorNext = false;
                break;
        }
    }

    /// <summary>Ends a part of the body; the next one begins after it.</summary>
    /// <param name="bytes">Those of the part that were read.</param>
    public void EndPart(ReadOnlySpan<byte> bytes)
    {
        if (_place == Place.Within) AddRest(bytes[_copiedTo..]);
        _copiedTo = 0;
    }

    /// <summary>An object is over the limit.</summary>
    public RefusedException TooLarge() => new(new Refusal(
        RefusalKind.LimitExceeded, $"{Name} has more than {MaximumOtherBytes} bytes beside the numbers of its vector"));

    private string Name => $"{array}[{_records.Count}]";

    private static bool IsVector(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.ValueTextEquals("vector"u8);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text, which the fields of the document say.
            return false;
        }
    }

    private void End(ReadOnlySpan<byte> bytes)
    {
        AddRest(bytes);
        using (JsonDocument document = JsonDocument.Parse(_rest.WrittenMemory, JsonText.Options))
        {
            NewRecord record = JsonFields.At(Name, document.RootElement, RecordJson.Names,
                fields => _vector is { } vector ? RecordJson.Read(fields, vector) : RecordJson.Read(fields));
            allocating(RecordBytes
                + (record.Key is { } key ? ContentBytes + key.Utf8.Length : 0)
                + (record.Fields.IsEmpty ? 0 : ContentBytes + record.Fields.Canonical.Length)
                + (record.Metadata is { } metadata ? ContentBytes + metadata.Length : 0));
            _records.Add(record);
        }
        _rest.ResetWrittenCount();
        _vector = null;
        _place = Place.Between;
    }

    private void AddRest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaximumOtherBytes - _rest.WrittenCount) throw TooLarge();
        if (bytes.Length > _rest.FreeCapacity) allocating(_rest.WrittenCount + bytes.Length);
        _rest.Write(bytes);
    }
}
