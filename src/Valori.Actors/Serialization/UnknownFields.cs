using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Valori.Actors.Serialization;

/// <summary>
/// What the protobuf runtime reads over without a word: fields that its message does not have, and fields that have another wire type.
/// For messages that mean something else without them.
/// </summary>
internal static class UnknownFields
{
    /// <summary>Names the first such field, at any depth; null if there is none.</summary>
    /// <param name="bytes">Of a message that the runtime has parsed.</param>
    public static string? FirstOf(byte[] bytes, MessageDescriptor message)
    {
        CodedInputStream input = new(bytes);
        return FirstOf(input, bytes.Length, message);
    }

    private static string? FirstOf(CodedInputStream input, long end, MessageDescriptor message)
    {
        while (input.Position < end)
        {
            uint tag = input.ReadTag();
            int number = WireFormat.GetTagFieldNumber(tag);
            WireFormat.WireType type = WireFormat.GetTagWireType(tag);
            if (message.FindFieldByNumber(number) is not { } field || !IsOf(type, field)) return $"field {number} of {message.Name} is not known here";
            if (field.FieldType != FieldType.Message)
            {
                input.SkipLastField();
                continue;
            }
            // The length counts from after itself.
            int length = input.ReadLength();
            if (FirstOf(input, input.Position + length, field.MessageType) is { } unknown) return unknown;
        }
        return null;
    }

    private static bool IsOf(WireFormat.WireType type, FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message or FieldType.String or FieldType.Bytes => type == WireFormat.WireType.LengthDelimited,
        // Numbers of a list may stand together.
        _ when field.IsRepeated && type == WireFormat.WireType.LengthDelimited => true,
        FieldType.Fixed64 or FieldType.SFixed64 or FieldType.Double => type == WireFormat.WireType.Fixed64,
        FieldType.Fixed32 or FieldType.SFixed32 or FieldType.Float => type == WireFormat.WireType.Fixed32,
        _ => type == WireFormat.WireType.Varint,
    };
}
