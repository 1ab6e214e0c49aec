using System.Buffers;
using System.Text.Json;

namespace Valori.Host.Json;

/// <summary>
/// Reads the objects of the array <c>commands</c> as they arrive. The bytes of one are kept until it ends, and are then read as a body of its
/// own, with its arrays of numbers apart. What is made of it stays, and its document goes.
/// </summary>
/// <param name="read">Makes something of a command.</param>
/// <param name="allocating">Is told bytes before they are allocated, and refuses by throwing.</param>
internal sealed class CommandsReader(Func<JsonFields, object> read, Action<long> allocating)
{
    // What a command takes besides its arrays and its text.
    private const int CommandBytes = 256;

    private const int ObjectDepth = 2;

    private readonly List<object> _commands = [];
    private readonly ArrayBufferWriter<byte> _object = new();
    private bool _isWithin;
    private int _copiedTo;

    public IReadOnlyList<object> Commands => _commands;

    /// <exception cref="RefusedException">There are more than a transaction can hold.</exception>
    public static void CheckCount(int count)
    {
        if (count > Limits.MaximumCommands)
            throw new RefusedException(new Refusal(RefusalKind.LimitExceeded, $"the transaction has more than {Limits.MaximumCommands} commands, which is the limit: split it"));
    }

    /// <summary>Takes the token that the reader is at.</summary>
    /// <param name="bytes">What the reader reads.</param>
    public void Take(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        if (!_isWithin)
        {
            CheckCount(_commands.Count + 1);
            if (reader.TokenType != JsonTokenType.StartObject) throw new RequestException($"command {_commands.Count} must be an object, got {VectorTokens.Shown(ref reader, bytes)}");
            _copiedTo = (int)reader.TokenStartIndex;
            _isWithin = true;
        }
        else if (reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == ObjectDepth)
        {
            Keep(bytes[_copiedTo..(int)reader.BytesConsumed]);
            _isWithin = false;
            End();
        }
    }

    /// <summary>Ends a part of the body; the next one begins after it.</summary>
    /// <param name="bytes">Those of the part that were read.</param>
    public void EndPart(ReadOnlySpan<byte> bytes)
    {
        if (_isWithin) Keep(bytes[_copiedTo..]);
        _copiedTo = 0;
    }

    /// <summary>A command is over the limit.</summary>
    public RefusedException TooLarge() => new(new Refusal(
        RefusalKind.LimitExceeded, $"command {_commands.Count} has more than {BodyReader.MaximumOtherBytes} bytes beside its arrays of numbers and its records"));

    private void End()
    {
        allocating(CommandBytes);
        _commands.Add(JsonFields.At($"command {_commands.Count}", () =>
        {
            (JsonDocument document, BodyArrays arrays) = new BodyReader(names: null, allocating).Read(_object.WrittenSpan);
            using (document) return read(JsonFields.OfAny(document.RootElement, arrays));
        }));
        _object.ResetWrittenCount();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _object.FreeCapacity) allocating(_object.WrittenCount + bytes.Length);
        _object.Write(bytes);
    }
}
